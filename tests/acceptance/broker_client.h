// What the acceptance tests ask of a Kafka cluster: topics made, records put, records read. Short
// and synchronous; on an error it prints and ends the process, as a test's own tool may.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fengsui::acceptance {

struct TopicRecord {
  std::string key;
  std::optional<std::string> value;  // absent: a tombstone
  int partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;  // when it was produced; of those read
};

// Writes to one topic, for as long as it lives.
class TopicWriter {
 public:
  TopicWriter(const std::string& brokers, std::string topic);
  ~TopicWriter();
  // In order; returns when all are delivered. By key where there is one, else to `partition`.
  void deliver(const std::vector<TopicRecord>& records);

 private:
  struct Producer;
  std::unique_ptr<Producer> producer_;
  std::string topic_;
};

class BrokerClient {
 public:
  explicit BrokerClient(std::string brokers) : brokers_(std::move(brokers)) {}

  const std::string& brokers() const { return brokers_; }

  // Does nothing if the topic is there.
  void create(const std::string& topic, int partitions,
              const std::map<std::string, std::string>& settings = {}) const;
  // Records before `offset` are gone afterwards, as after retention.
  void delete_before(const std::string& topic, int partition, int64_t offset) const;

  void produce(const std::string& topic, const std::vector<TopicRecord>& records) const;
  // In a transaction, which is then aborted or left open (the process that wrote it has died).
  enum class Ending { Aborted, LeftOpen };
  void produce_without_commit(const std::string& topic, const std::vector<TopicRecord>& records,
                              const std::string& transactional_id, Ending ending) const;

  // The offset after the last record, of whatever transaction.
  int64_t end_of(const std::string& topic, int partition) const;

  // What a reader of committed records sees: partition by partition, from `from`, to the end as it
  // is now.
  std::vector<TopicRecord> consume(const std::string& topic, int64_t from = 0) const;

 private:
  std::string brokers_;
};

}  // namespace fengsui::acceptance
