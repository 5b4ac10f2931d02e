#include "dispatch/kafka_sink.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/invariant.h"
#include "base/log.h"
#include "dispatch/kafka_client.h"

namespace fengsui::dispatch {
namespace {

constexpr int32_t kNumberPartition = 0;
// One call to the brokers; a call that takes longer is given up and its outcome read afterwards.
constexpr std::chrono::milliseconds kCallPatience{10'000};
constexpr int kRetryPauseMs = 100;
constexpr std::string_view kMetadataForm = "fengsui/1 ";

int milliseconds_of(std::chrono::milliseconds span) { return static_cast<int>(span.count()); }

// The number as the group holds it.
struct Committed {
  uint64_t sequence = 0;  // 0: none
  std::string metadata;
};

}  // namespace

struct KafkaSink::State {
  State(KafkaSinkOptions given, const Clock& given_clock)
      : options(std::move(given)), clock(given_clock) {}

  const KafkaSinkOptions options;
  const Clock& clock;

  // Absent: the outcome of the last transaction is unknown, or nothing was opened yet. In this
  // order: the client is freed last.
  KafkaHandle producer;
  KafkaTopic topic;
  uint64_t delivered = 0;  // the last number known to be in the topic
  bool opened = false;

  MonotonicTime transaction_began{};
  // The first message of the transaction that could not be delivered.
  std::optional<rd_kafka_resp_err_t> undelivered;

  Expected<void> connect(std::chrono::milliseconds patience);
  Expected<void> make_producer(std::chrono::milliseconds patience);
  Expected<void> init_transactions(std::chrono::milliseconds patience);
  Expected<Committed> read_number(std::chrono::milliseconds patience) const;
  Expected<void> check_owner(const Committed& committed) const;
  void disconnect();

  Expected<void> transact(std::span<const OutboxEntry> entries);
  Expected<void> produce(const OutboxEntry& entry);
  KafkaError send_number(uint64_t sequence);
  Error failed(const std::string& doing, const KafkaError& error);
  Error failed_delivery(rd_kafka_resp_err_t code) const;

  static void delivery_report(rd_kafka_t*, const rd_kafka_message_t* message, void* self);

  std::string metadata() const { return std::string(kMetadataForm) + options.state_id; }
  std::string name() const { return "Kafka queue " + options.topic; }
};

// A new producer under our transactional id, which ends whatever transaction an earlier one left
// open; then the number is final and is read.
Expected<void> KafkaSink::State::connect(std::chrono::milliseconds patience) {
  if (auto ok = make_producer(patience); !ok) return ok;
  if (auto ok = init_transactions(patience); !ok) return ok;
  Expected<Committed> committed = read_number(patience);
  if (!committed) return fail(std::move(committed.error()));
  if (auto ok = check_owner(*committed); !ok) return ok;
  // Lower than what we know: the group forgot the number (offsets.retention.minutes after the last
  // alert), which happens only long after its mark was written.
  delivered = std::max(delivered, committed->sequence);
  return {};
}

Expected<void> KafkaSink::State::make_producer(std::chrono::milliseconds patience) {
  const std::array<KafkaSetting, 3> defaults = {{
      // 100 ms by default, which send_offsets_to_transaction would wait in one of ten calls.
      {"retry.backoff.ms", "5"},
      {"linger.ms", "5"},
      // The Java client's: the same alert is in the same partition whoever writes.
      {"partitioner", "murmur2_random"},
  }};
  const std::array<KafkaSetting, 5> fixed = {{
      {"transactional.id", options.transactional_id},
      {"transaction.timeout.ms", std::to_string(options.transaction_timeout.count())},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"message.max.bytes", std::to_string(options.message_bytes_max)},
  }};
  Expected<KafkaConf> conf = kafka_conf(options.connection, defaults, fixed);
  if (!conf) return fail(std::move(conf.error()));
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), delivery_report);
  Expected<KafkaHandle> made = kafka_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!made) return fail(std::move(made.error()));
  producer = std::move(*made);
  topic.reset(rd_kafka_topic_new(producer.get(), options.topic.c_str(), nullptr));
  if (!topic) return fail(kafka_failure(name(), rd_kafka_last_error()));
  // The first message to a topic without metadata would wait for most of a second.
  Expected<int> partitions = partition_count(producer.get(), topic.get(), patience);
  if (!partitions) return fail(std::move(partitions.error()));
  return {};
}

Expected<void> KafkaSink::State::init_transactions(std::chrono::milliseconds patience) {
  const MonotonicTime until = clock.monotonic() + patience;
  for (;;) {
    const KafkaError error(
        rd_kafka_init_transactions(producer.get(), milliseconds_of(kCallPatience)));
    if (!error) return {};
    const bool again = rd_kafka_error_is_retriable(error.get()) != 0;
    if (!again || clock.monotonic() >= until) {
      Error answer = kafka_failure(name() + ": init_transactions", rd_kafka_error_code(error.get()),
                                   rd_kafka_error_string(error.get()));
      answer.retryable = answer.retryable || again;
      return fail(std::move(answer));
    }
    rd_kafka_poll(producer.get(), kRetryPauseMs);
  }
}

Expected<Committed> KafkaSink::State::read_number(std::chrono::milliseconds patience) const {
  const std::array<KafkaSetting, 4> fixed = {{
      {"group.id", options.transactional_id},
      {"enable.auto.commit", "false"},
      // Makes the group's coordinator answer only once no transaction over the number is open.
      {"isolation.level", "read_committed"},
      {"allow.auto.create.topics", "false"},
  }};
  // Properties of producers are known to consumers and ignored with a log line.
  Expected<KafkaConf> conf = kafka_conf(options.connection, {}, fixed);
  if (!conf) return fail(std::move(conf.error()));
  Expected<KafkaHandle> consumer = kafka_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!consumer) return fail(std::move(consumer.error()));

  const MonotonicTime until = clock.monotonic() + patience;
  for (;;) {
    const KafkaPartitions asked(rd_kafka_topic_partition_list_new(1));
    const rd_kafka_topic_partition_t* number =
        rd_kafka_topic_partition_list_add(asked.get(), options.topic.c_str(), kNumberPartition);
    rd_kafka_resp_err_t code =
        rd_kafka_committed(consumer->get(), asked.get(), milliseconds_of(kCallPatience));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = number->err;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      Committed committed;
      if (number->offset > 0) committed.sequence = static_cast<uint64_t>(number->offset);
      committed.metadata.assign(static_cast<const char*>(number->metadata), number->metadata_size);
      return committed;
    }
    if (!is_transient(code) || clock.monotonic() >= until) {
      return fail(kafka_failure(
          name() + ": reading the number delivered, group " + options.transactional_id, code));
    }
    rd_kafka_poll(consumer->get(), kRetryPauseMs);
  }
}

Expected<void> KafkaSink::State::check_owner(const Committed& committed) const {
  if (options.state_id.empty() || committed.sequence == 0) return {};
  if (committed.metadata == metadata()) return {};
  return fail(Error::outside(
      name() + ": the number delivered (" + std::to_string(committed.sequence) + ", group " +
      options.transactional_id + ") was written from another state directory ('" +
      committed.metadata + "', ours is '" + metadata() +
      "'). Either another instance has the same name, or the state was replaced; going on would "
      "skip alerts. Give this instance another name"));
}

void KafkaSink::State::disconnect() {
  topic.reset();
  producer.reset();
}

// One transaction: all the entries and the number of the last.
Expected<void> KafkaSink::State::transact(std::span<const OutboxEntry> entries) {
  undelivered.reset();
  transaction_began = clock.monotonic();
  if (const KafkaError error{rd_kafka_begin_transaction(producer.get())}; error) {
    return fail(failed("begin", error));
  }
  for (const OutboxEntry& entry : entries) {
    if (auto ok = produce(entry); !ok) return ok;
  }
  if (const KafkaError error = send_number(entries.back().sequence); error) {
    return fail(failed("send_offsets_to_transaction", error));
  }
  if (const KafkaError error{
          rd_kafka_commit_transaction(producer.get(), milliseconds_of(kCallPatience))};
      error) {
    return fail(failed("commit", error));
  }
  return {};
}

Expected<void> KafkaSink::State::produce(const OutboxEntry& entry) {
  const MonotonicTime until = clock.monotonic() + kCallPatience;
  for (;;) {
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        producer.get(), RD_KAFKA_V_RKT(topic.get()),
        RD_KAFKA_V_KEY(entry.key.data(), entry.key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(entry.message.data()), entry.message.size()),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(producer.get(), nullptr, 0);
    if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return fail(failed("produce", KafkaError(rd_kafka_error_new(fatal, "fatal error"))));
    }
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || clock.monotonic() >= until) {
      disconnect();  // and with it the transaction
      return fail(failed_delivery(code));
    }
    rd_kafka_poll(producer.get(), kRetryPauseMs);
  }
}

KafkaError KafkaSink::State::send_number(uint64_t sequence) {
  const KafkaPartitions offsets(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t* number =
      rd_kafka_topic_partition_list_add(offsets.get(), options.topic.c_str(), kNumberPartition);
  number->offset = static_cast<int64_t>(sequence);
  std::string text = metadata();
  number->metadata = text.data();
  number->metadata_size = text.size();
  const KafkaGroup group(rd_kafka_consumer_group_metadata_new(options.transactional_id.c_str()));
  KafkaError error(rd_kafka_send_offsets_to_transaction(producer.get(), offsets.get(), group.get(),
                                                        milliseconds_of(kCallPatience)));
  number->metadata = nullptr;  // ours, not the list's
  number->metadata_size = 0;
  return error;
}

// What a failed call means. Leaves the producer ready for the next transaction, or gone: then the
// next delivery connects again and reads how this one ended.
Error KafkaSink::State::failed(const std::string& doing, const KafkaError& error) {
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
  const std::string text = rd_kafka_error_string(error.get());
  const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(producer.get(), nullptr, 0);
  const auto is_fence = [](rd_kafka_resp_err_t c) {
    return c == RD_KAFKA_RESP_ERR__FENCED || c == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
           c == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
  };
  if (is_fence(code) || is_fence(fatal)) {
    disconnect();
    // The broker fences the owner of a transaction that it has aborted for its age, too.
    const auto age = clock.monotonic() - transaction_began;
    if (age < options.transaction_timeout) {
      return Error::outside(name() +
                            ": another copy of this instance has started (transactional id " +
                            options.transactional_id + " is fenced: " + text + "); this one stops");
    }
    return Error::outside(name() + ": the broker ended the transaction for its age (" + text + ")",
                          true);
  }
  if (rd_kafka_error_txn_requires_abort(error.get()) != 0) {
    const KafkaError aborted(
        rd_kafka_abort_transaction(producer.get(), milliseconds_of(kCallPatience)));
    if (aborted) disconnect();
    if (undelivered) return failed_delivery(*undelivered);
    return Error::outside(name() + ": " + doing + ": " + text + "; the transaction was aborted",
                          true);
  }
  disconnect();
  const bool again = fatal != RD_KAFKA_RESP_ERR_NO_ERROR || is_transient(code) ||
                     rd_kafka_error_is_retriable(error.get()) != 0;
  return Error::outside(name() + ": " + doing + ": " + text, again);
}

// Why a message could not be handed over.
Error KafkaSink::State::failed_delivery(rd_kafka_resp_err_t code) const {
  Error error = kafka_failure(name() + ": delivering", code);
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    error.message += ": an alert is larger than the topic takes; raise its max.message.bytes";
  }
  // Given up by librdkafka with the rest of the transaction, or waiting for room.
  error.retryable = error.retryable || code == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
                    code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT ||
                    code == RD_KAFKA_RESP_ERR__QUEUE_FULL;
  return error;
}

void KafkaSink::State::delivery_report(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto* state = static_cast<State*>(self);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !state->undelivered) {
    state->undelivered = message->err;
  }
}

KafkaSink::KafkaSink(KafkaSinkOptions options, const Clock& clock)
    : state_(std::make_unique<State>(std::move(options), clock)) {}

KafkaSink::~KafkaSink() { close(); }

Expected<uint64_t> KafkaSink::open(const DeliveryMark& mark) {
  state_->delivered = mark.sequence;
  if (auto ok = state_->connect(state_->options.open_patience); !ok) {
    state_->disconnect();
    return fail(std::move(ok.error()));
  }
  state_->opened = true;
  spdlog::info("{}: delivered up to {}, going on after it", state_->name(), state_->delivered);
  return state_->delivered;
}

Expected<DeliveryMark> KafkaSink::deliver(std::span<const OutboxEntry> entries) {
  INVARIANT(state_->opened && !entries.empty());
  if (!state_->producer) {
    if (auto ok = state_->connect(kCallPatience); !ok) {
      state_->disconnect();
      return fail(std::move(ok.error()));
    }
    spdlog::info("{}: connected again, delivered up to {}", state_->name(), state_->delivered);
  }
  // After a transaction of unknown outcome the number may already include some of these, or all.
  while (!entries.empty() && entries.front().sequence <= state_->delivered) {
    entries = entries.subspan(1);
  }
  if (!entries.empty()) {
    INVARIANT(entries.front().sequence == state_->delivered + 1);
    if (auto ok = state_->transact(entries); !ok) return fail(std::move(ok.error()));
    state_->delivered = entries.back().sequence;
  }
  return DeliveryMark{.sequence = state_->delivered, .sink_state = {}};
}

void KafkaSink::close() { state_->disconnect(); }

}  // namespace fengsui::dispatch
