// A queue in a Kafka topic, delivered exactly once.
//
// Entries go in transactions that also hold the number of their last entry, as the committed offset
// of a group of our own for partition 0 of the alert topic. The number and the messages become
// visible together or not at all; so whatever happened to the process before, the number read after
// init_transactions says exactly what is delivered, and delivery goes on after it. The broker
// fences whoever else uses the same transactional id; a sink that finds itself fenced by another
// copy ends with an error that is not retryable.
//
// The offset's metadata names the state that the numbers belong to: a topic whose number was
// written by another state is refused, since its number would silently skip alerts of ours.
//
// Not thread-safe: one thread owns a sink.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "dispatch/kafka_connection.h"
#include "dispatch/sink.h"

namespace fengsui::dispatch {

struct KafkaSinkOptions {
  KafkaConnection connection;
  std::string topic;
  // Of this instance and queue; the name of the group that holds the number, too. The same after a
  // restart, another for every other instance and queue.
  std::string transactional_id;
  // Of the state directory, made with it. Empty: not checked.
  std::string state_id;

  // A transaction open for longer is aborted by the broker.
  std::chrono::milliseconds transaction_timeout{10'000};
  // For the cluster to answer, at each try to open.
  std::chrono::milliseconds open_patience{10'000};
  // Of one message; the topic's own limit (max.message.bytes, 1 MB by default) holds besides.
  size_t message_bytes_max = 10 << 20;
};

class KafkaSink final : public Sink {
 public:
  // `clock` must outlive the sink.
  KafkaSink(KafkaSinkOptions options, const Clock& clock);
  ~KafkaSink() override;

  Expected<uint64_t> open(const DeliveryMark& mark) override;
  Expected<DeliveryMark> deliver(std::span<const OutboxEntry> entries) override;
  void close() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fengsui::dispatch
