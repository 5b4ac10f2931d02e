#include "broker_client.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "dispatch/kafka_client.h"

namespace fengsui::acceptance {
namespace {

using dispatch::FreeBy;
using dispatch::KafkaConf;
using dispatch::KafkaError;
using dispatch::KafkaHandle;
using dispatch::KafkaQueue;
using dispatch::KafkaSetting;
using dispatch::KafkaTopic;

constexpr int kPatienceMs = 60'000;

using Event = std::unique_ptr<rd_kafka_event_t, FreeBy<rd_kafka_event_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, FreeBy<rd_kafka_message_destroy>>;

[[noreturn]] void die(const std::string& what, const std::string& why) {
  std::fprintf(stderr, "broker client: %s: %s\n", what.c_str(), why.c_str());
  std::exit(3);
}

KafkaHandle client(rd_kafka_type_t type, const std::string& brokers,
                   std::vector<KafkaSetting> settings) {
  const dispatch::KafkaConnection connection{.brokers = brokers, .properties = {}};
  Expected<KafkaConf> conf = dispatch::kafka_conf(connection, {}, settings);
  if (!conf) die("configuration", conf.error().message);
  Expected<KafkaHandle> made = dispatch::kafka_client(type, std::move(*conf));
  if (!made) die("client", made.error().message);
  return std::move(*made);
}

void check(const std::string& what, rd_kafka_resp_err_t code) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) die(what, rd_kafka_err2str(code));
}

void check(const std::string& what, const KafkaError& error) {
  if (error) die(what, rd_kafka_error_string(error.get()));
}

Event answer_of(const KafkaQueue& queue, const std::string& what) {
  Event event(rd_kafka_queue_poll(queue.get(), kPatienceMs));
  if (!event) die(what, "no answer");
  check(what, rd_kafka_event_error(event.get()));
  return event;
}

void enqueue(rd_kafka_t* producer, const std::string& topic,
             const std::vector<TopicRecord>& records) {
  for (const TopicRecord& record : records) {
    for (;;) {
      void* value = record.value ? const_cast<char*>(record.value->data()) : nullptr;
      const size_t size = record.value ? record.value->size() : 0;
      const rd_kafka_resp_err_t code = rd_kafka_producev(
          producer, RD_KAFKA_V_TOPIC(topic.c_str()),
          RD_KAFKA_V_PARTITION(record.key.empty() ? record.partition : RD_KAFKA_PARTITION_UA),
          RD_KAFKA_V_KEY(record.key.empty() ? nullptr : record.key.data(), record.key.size()),
          RD_KAFKA_V_VALUE(value, size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) check("produce", code);
      rd_kafka_poll(producer, 10);
    }
  }
}

void delivery_report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  check("delivery", message->err);
}

KafkaHandle producer_of(const std::string& brokers, const std::vector<KafkaSetting>& settings) {
  const dispatch::KafkaConnection connection{.brokers = brokers, .properties = {}};
  Expected<KafkaConf> conf = dispatch::kafka_conf(connection, {}, settings);
  if (!conf) die("configuration", conf.error().message);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), delivery_report);
  Expected<KafkaHandle> made = dispatch::kafka_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!made) die("producer", made.error().message);
  return std::move(*made);
}

// One partition, as far as it reaches now for readers of committed records.
void consume_partition(rd_kafka_t* consumer, rd_kafka_topic_t* topic, int partition, int64_t from,
                       std::vector<TopicRecord>& out) {
  if (rd_kafka_consume_start(topic, partition, from) != 0) {
    check("consume", rd_kafka_last_error());
  }
  for (;;) {
    const Message message(rd_kafka_consume(topic, partition, kPatienceMs));
    if (!message) die("consume", "no record and no end within a minute");
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) break;
    check("consume", message->err);
    TopicRecord record{.key = {},
                       .value = {},
                       .partition = partition,
                       .offset = message->offset,
                       .timestamp_ms = rd_kafka_message_timestamp(message.get(), nullptr)};
    record.key.assign(static_cast<const char*>(message->key), message->key_len);
    if (message->payload != nullptr) {
      record.value.emplace(static_cast<const char*>(message->payload), message->len);
    }
    out.push_back(std::move(record));
  }
  rd_kafka_consume_stop(topic, partition);
  rd_kafka_poll(consumer, 0);
}

}  // namespace

void BrokerClient::create(const std::string& topic, int partitions,
                          const std::map<std::string, std::string>& settings) const {
  const KafkaHandle admin = client(RD_KAFKA_PRODUCER, brokers_, {});
  const KafkaQueue queue(rd_kafka_queue_new(admin.get()));
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, nullptr, 0);
  for (const auto& [name, value] : settings) {
    check("setting " + name, rd_kafka_NewTopic_set_config(wanted, name.c_str(), value.c_str()));
  }
  rd_kafka_CreateTopics(admin.get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_NewTopic_destroy(wanted);
  const Event event = answer_of(queue, "create " + topic);
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
    if (code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) check("create " + topic, code);
  }
}

void BrokerClient::delete_before(const std::string& topic, int partition, int64_t offset) const {
  const KafkaHandle admin = client(RD_KAFKA_PRODUCER, brokers_, {});
  const KafkaQueue queue(rd_kafka_queue_new(admin.get()));
  const dispatch::KafkaPartitions offsets(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(offsets.get(), topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(offsets.get());
  rd_kafka_DeleteRecords(admin.get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(wanted);
  const Event event = answer_of(queue, "delete records of " + topic);
  check("delete records of " + topic,
        rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()))
            ->elems[0]
            .err);
}

struct TopicWriter::Producer {
  KafkaHandle handle;
};

TopicWriter::TopicWriter(const std::string& brokers, std::string topic)
    : producer_(std::make_unique<Producer>()), topic_(std::move(topic)) {
  producer_->handle = producer_of(
      brokers,
      {{"enable.idempotence", "true"}, {"partitioner", "murmur2_random"}, {"linger.ms", "1"}});
}

TopicWriter::~TopicWriter() = default;

void TopicWriter::deliver(const std::vector<TopicRecord>& records) {
  enqueue(producer_->handle.get(), topic_, records);
  check("flush", rd_kafka_flush(producer_->handle.get(), kPatienceMs));
}

void BrokerClient::produce(const std::string& topic,
                           const std::vector<TopicRecord>& records) const {
  TopicWriter(brokers_, topic).deliver(records);
}

void BrokerClient::produce_without_commit(const std::string& topic,
                                          const std::vector<TopicRecord>& records,
                                          const std::string& transactional_id,
                                          Ending ending) const {
  const KafkaHandle producer =
      producer_of(brokers_, {{"transactional.id", transactional_id}, {"retry.backoff.ms", "5"}});
  check("init", KafkaError(rd_kafka_init_transactions(producer.get(), kPatienceMs)));
  check("begin", KafkaError(rd_kafka_begin_transaction(producer.get())));
  enqueue(producer.get(), topic, records);
  check("flush", rd_kafka_flush(producer.get(), kPatienceMs));
  if (ending == Ending::Aborted) {
    check("abort", KafkaError(rd_kafka_abort_transaction(producer.get(), kPatienceMs)));
  }
}

int64_t BrokerClient::end_of(const std::string& topic, int partition) const {
  const KafkaHandle asking = client(RD_KAFKA_CONSUMER, brokers_, {});
  int64_t first = 0;
  int64_t end = 0;
  check("end of " + topic, rd_kafka_query_watermark_offsets(asking.get(), topic.c_str(), partition,
                                                            &first, &end, kPatienceMs));
  return end;
}

std::vector<TopicRecord> BrokerClient::consume(const std::string& topic_name, int64_t from) const {
  const KafkaHandle consumer = client(RD_KAFKA_CONSUMER, brokers_,
                                      {{"isolation.level", "read_committed"},
                                       {"enable.partition.eof", "true"},
                                       {"auto.offset.reset", "error"},
                                       {"fetch.wait.max.ms", "50"}});
  const KafkaTopic topic(rd_kafka_topic_new(consumer.get(), topic_name.c_str(), nullptr));
  const Expected<int> partitions = dispatch::partition_count(
      consumer.get(), topic.get(), std::chrono::milliseconds{kPatienceMs});
  if (!partitions) die("consume", partitions.error().message);
  std::vector<TopicRecord> out;
  for (int i = 0; i < *partitions; ++i) {
    consume_partition(consumer.get(), topic.get(), i,
                      from == 0 ? int64_t{RD_KAFKA_OFFSET_BEGINNING} : from, out);
  }
  return out;
}

}  // namespace fengsui::acceptance
