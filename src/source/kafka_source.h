// Topics of a Kafka cluster, each read whole by this process: no consumer group; where to read on
// is in the engine's commits. Partition names are "kafka:<topic>/<partition>", a record's position
// is its offset, a batch holds one partition's records. A null value (a tombstone) is a record
// without bytes: the decoder makes it a dead letter, so that it is counted.
//
// Nothing is ever skipped: an offset that the topic no longer holds, a record that fails its
// checksum, a topic that is gone end the source with failure(). Brokers that come and go do not.
//
// Threads: start, stop and the destructor on one thread; finished and failure on any.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "dispatch/kafka_connection.h"
#include "source/source.h"

namespace fengsui::source {

struct KafkaSourceOptions {
  std::string name;  // of the source, as configured
  dispatch::KafkaConnection connection;
  std::vector<std::string> topics;

  // What librdkafka fetches ahead. Past either limit 2.0.2 stops fetching for a whole second, so
  // both are well above what the engine takes in a second.
  size_t queued_messages_min = 1'000'000;
  size_t queued_kbytes_max = 262'144;

  // A batch is pushed when it has so much, or at once when nothing more is waiting.
  size_t batch_records_max = 2'000;
  size_t batch_bytes_max = 1 << 20;

  std::chrono::milliseconds open_patience{60'000};   // for the cluster to answer at start
  std::chrono::milliseconds discover_every{60'000};  // new partitions of the topics
};

class KafkaSource final : public Source {
 public:
  explicit KafkaSource(KafkaSourceOptions options);
  ~KafkaSource() override;

  Expected<void> start(BatchQueue& out, const PositionOf& position_of) override;
  void stop() override;
  bool finished() const override { return false; }  // a topic has no end
  std::optional<Error> failure() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fengsui::source
