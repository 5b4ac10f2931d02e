// What of a Kafka cluster would not let a service work, or would lose it something: asked before it
// starts (`fengsui run --check`).
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "dispatch/kafka_connection.h"

namespace fengsui::dispatch {

struct TopicNeed {
  std::string topic;
  // Read by a source: what it holds must be there until it is read, a stop of ours included.
  // Written by a queue: in transactions.
  enum class Use : uint8_t { Read, Written };
  Use use = Use::Read;
};

// Each a sentence with the topic or setting, what it is, and what to do. Empty: nothing is wrong.
// An error: the brokers do not answer within `patience`, or properties are wrong.
Expected<std::vector<std::string>> check_kafka(const KafkaConnection& connection,
                                               const std::vector<TopicNeed>& needs,
                                               std::chrono::milliseconds patience);

}  // namespace fengsui::dispatch
