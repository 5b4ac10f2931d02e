// What every librdkafka client of ours shares: how to reach the brokers, handles that free
// themselves, librdkafka's errors and log lines in our terms. Internal to the files that talk to
// Kafka (sink, source, tests): no other header includes this one.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "dispatch/kafka_connection.h"

namespace fengsui::dispatch {

template <auto Free>
struct FreeBy {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
// A client handle is freed last: after its topics, queues and messages.
using KafkaHandle = std::unique_ptr<rd_kafka_t, FreeBy<rd_kafka_destroy>>;
using KafkaConf = std::unique_ptr<rd_kafka_conf_t, FreeBy<rd_kafka_conf_destroy>>;
using KafkaTopic = std::unique_ptr<rd_kafka_topic_t, FreeBy<rd_kafka_topic_destroy>>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, FreeBy<rd_kafka_queue_destroy>>;
using KafkaError = std::unique_ptr<rd_kafka_error_t, FreeBy<rd_kafka_error_destroy>>;
using KafkaPartitions =
    std::unique_ptr<rd_kafka_topic_partition_list_t, FreeBy<rd_kafka_topic_partition_list_destroy>>;
using KafkaGroup = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                   FreeBy<rd_kafka_consumer_group_metadata_destroy>>;

struct KafkaSetting {
  const char* name;
  std::string value;
};

// A configuration: librdkafka's defaults, then `defaults` of ours, then the connection's
// properties, then `fixed`, which a property must not name. Errors are of kind Usage and name the
// property.
Expected<KafkaConf> kafka_conf(const KafkaConnection& connection,
                               std::span<const KafkaSetting> defaults,
                               std::span<const KafkaSetting> fixed);

// Takes the configuration over. Log lines go to the process's log.
Expected<KafkaHandle> kafka_client(rd_kafka_type_t type, KafkaConf conf);

// How many partitions the topic has; asks until the cluster answers or `patience` is over. Errors:
// retryable when no broker answered, not retryable when the topic is missing or not allowed.
Expected<int> partition_count(rd_kafka_t* client, rd_kafka_topic_t* topic,
                              std::chrono::milliseconds patience);

// The outside world: "reading topic t: Broker: Topic authorization failed". `retryable` as
// is_transient() says.
Error kafka_failure(const std::string& doing, rd_kafka_resp_err_t code,
                    const std::string& detail = {});

// Brokers down, leaders moving, time-outs: what goes away by itself. All else needs a person, or
// stands for records that librdkafka would go on without.
bool is_transient(rd_kafka_resp_err_t code);

}  // namespace fengsui::dispatch
