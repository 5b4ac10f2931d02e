#include "source/kafka_source.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "dispatch/kafka_client.h"

namespace fengsui::source {
namespace {

using dispatch::KafkaSetting;

// How long the reader sleeps at most before it looks whether it is to stop.
constexpr int kWaitMs = 100;
// Between two tries to push into a full queue; the queue then holds far more work than that.
constexpr std::chrono::milliseconds kFullQueuePause{1};

struct Partition {
  std::string name;        // "kafka:topic/3"
  bool started = false;    // being fetched
  bool announced = false;  // its first batch, the empty one, is pushed
  Batch batch;             // being filled
};

struct Topic {
  std::string name;
  // Not a vector's: partitions found later must not move those found before.
  std::deque<Partition> partitions;
  // Freed before the names above, after the messages.
  dispatch::KafkaTopic handle;
};

using Message = std::unique_ptr<rd_kafka_message_t, dispatch::FreeBy<rd_kafka_message_destroy>>;

}  // namespace

struct KafkaSource::State {
  explicit State(KafkaSourceOptions given) : options(std::move(given)) {}

  const KafkaSourceOptions options;
  const SystemClock clock;

  // Set by start(), then the reader's until it is joined. In this order: the client is freed last.
  dispatch::KafkaHandle client;
  std::vector<std::unique_ptr<Topic>> topics;  // stable addresses: librdkafka hands them back
  dispatch::KafkaQueue fetched;
  BatchQueue* out = nullptr;
  std::thread reader;

  mutable std::mutex mutex;  // guards all below
  std::condition_variable stop_wanted;
  bool stopping = false;
  std::optional<Error> failure;

  Expected<void> open(const PositionOf& position_of);
  Expected<void> add_topic(const std::string& name);
  Expected<void> discover(Topic& topic, std::chrono::milliseconds patience,
                          const PositionOf* position_of);
  void close();

  void announce();
  void read();
  Expected<void> take(std::vector<rd_kafka_message_t*>& slots);
  Expected<void> admit(const rd_kafka_message_t& message);
  Expected<void> refuse(const rd_kafka_message_t& message);
  Error out_of_range(const std::string& topic, const std::string& partition_name,
                     int32_t partition);
  bool push(Partition& partition);
  bool stop_within(std::chrono::milliseconds wait);
};

Expected<void> KafkaSource::State::open(const PositionOf& position_of) {
  const std::array<KafkaSetting, 4> defaults = {{
      {"queued.min.messages", std::to_string(options.queued_messages_min)},
      {"queued.max.messages.kbytes", std::to_string(options.queued_kbytes_max)},
      // Costs a few ns a record; without it a record damaged on its way would be believed.
      {"check.crcs", "true"},
      {"fetch.error.backoff.ms", "100"},
  }};
  const std::array<KafkaSetting, 5> fixed = {{
      {"isolation.level", "read_committed"},
      {"auto.offset.reset", "error"},
      {"enable.auto.commit", "false"},
      {"enable.partition.eof", "false"},
      {"allow.auto.create.topics", "false"},
  }};
  Expected<dispatch::KafkaConf> conf = kafka_conf(options.connection, defaults, fixed);
  if (!conf) return fail(std::move(conf.error()));
  Expected<dispatch::KafkaHandle> made =
      dispatch::kafka_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!made) return fail(std::move(made.error()));
  client = std::move(*made);
  fetched.reset(rd_kafka_queue_new(client.get()));
  for (const std::string& name : options.topics) {
    if (auto ok = add_topic(name); !ok) return ok;
    if (auto ok = discover(*topics.back(), options.open_patience, &position_of); !ok) return ok;
  }
  return {};
}

Expected<void> KafkaSource::State::add_topic(const std::string& name) {
  auto topic = std::make_unique<Topic>();
  topic->name = name;
  rd_kafka_topic_conf_t* conf = rd_kafka_default_topic_conf_dup(client.get());
  rd_kafka_topic_conf_set_opaque(conf, topic.get());
  topic->handle.reset(rd_kafka_topic_new(client.get(), name.c_str(), conf));
  if (!topic->handle) {
    return fail(dispatch::kafka_failure("Kafka topic " + name, rd_kafka_last_error()));
  }
  topics.push_back(std::move(topic));
  return {};
}

// Starts reading the partitions not read yet: where the commits left off, at the beginning when
// they know nothing of it. Partitions that appear later (no `position_of`) are new: from the
// beginning.
Expected<void> KafkaSource::State::discover(Topic& topic, std::chrono::milliseconds patience,
                                            const PositionOf* position_of) {
  Expected<int> count = dispatch::partition_count(client.get(), topic.handle.get(), patience);
  if (!count) return fail(std::move(count.error()));
  for (int i = static_cast<int>(topic.partitions.size()); i < *count; ++i) {
    Partition& partition = topic.partitions.emplace_back();
    partition.name = "kafka:" + topic.name + "/" + std::to_string(i);
    std::optional<uint64_t> stored;
    if (position_of != nullptr) stored = (*position_of)(partition.name);
    const int64_t from =
        stored ? static_cast<int64_t>(*stored) : static_cast<int64_t>(RD_KAFKA_OFFSET_BEGINNING);
    if (rd_kafka_consume_start_queue(topic.handle.get(), i, from, fetched.get()) != 0) {
      return fail(dispatch::kafka_failure("reading " + partition.name, rd_kafka_last_error()));
    }
    partition.started = true;
    partition.batch = {.source = options.name,
                       .partition = partition.name,
                       .text = {},
                       .items = {},
                       .next_position = stored,
                       .accepted = {},
                       .committed = {}};
    spdlog::info("source {}: reading {} from {}", options.name, partition.name,
                 stored ? std::to_string(*stored) : "the beginning");
  }
  return {};
}

void KafkaSource::State::close() {
  for (const auto& topic : topics) {
    for (size_t i = 0; i < topic->partitions.size(); ++i) {
      if (topic->partitions[i].started) {
        rd_kafka_consume_stop(topic->handle.get(), static_cast<int32_t>(i));
      }
    }
  }
  fetched.reset();
  topics.clear();
  client.reset();
}

// Every partition is known to the engine before the first record of any: else the watermark would
// run ahead of those that are heard from later.
void KafkaSource::State::announce() {
  for (const auto& topic : topics) {
    for (Partition& partition : topic->partitions) {
      if (!partition.announced) partition.announced = push(partition);
    }
  }
}

// The reader's thread.
void KafkaSource::State::read() {
  std::vector<rd_kafka_message_t*> slots(options.batch_records_max);
  announce();
  MonotonicTime discovered = clock.monotonic();
  while (!stop_within(std::chrono::milliseconds{0})) {
    Expected<void> ok = take(slots);
    if (ok && clock.monotonic() - discovered > options.discover_every) {
      discovered = clock.monotonic();
      for (const auto& topic : topics) {
        ok = discover(*topic, std::chrono::milliseconds{1'000}, nullptr);
        if (!ok && ok.error().retryable) ok = {};  // next time
        if (!ok) break;
      }
      announce();
    }
    if (!ok) {
      spdlog::error("source {}: {}", options.name, ok.error().message);
      std::lock_guard lock(mutex);
      failure = std::move(ok.error());
      return;
    }
  }
}

// Waits for a record, takes those there are, pushes them partition by partition.
Expected<void> KafkaSource::State::take(std::vector<rd_kafka_message_t*>& slots) {
  rd_kafka_poll(client.get(), 0);
  // consume_batch waits until the whole batch is full: so wait for one, then take without waiting.
  ssize_t count = rd_kafka_consume_batch_queue(fetched.get(), kWaitMs, slots.data(), 1);
  if (count == 1) {
    const ssize_t more =
        rd_kafka_consume_batch_queue(fetched.get(), 0, slots.data() + 1, slots.size() - 1);
    count += std::max<ssize_t>(more, 0);
  }
  Expected<void> ok;
  for (ssize_t i = 0; i < count; ++i) {
    const Message message(slots[static_cast<size_t>(i)]);
    if (ok) ok = message->err ? refuse(*message) : admit(*message);
  }
  // What came before an error is as good as ever.
  for (const auto& topic : topics) {
    for (Partition& partition : topic->partitions) {
      if (!partition.batch.items.empty() && !push(partition)) return ok;
    }
  }
  return ok;
}

Expected<void> KafkaSource::State::admit(const rd_kafka_message_t& message) {
  auto* topic = static_cast<Topic*>(rd_kafka_topic_opaque(message.rkt));
  Partition& partition = topic->partitions[static_cast<size_t>(message.partition)];
  if (partition.batch.items.empty()) {
    partition.batch.source = options.name;
    partition.batch.partition = partition.name;
    partition.batch.accepted = clock.monotonic();
  }
  const auto position = static_cast<uint64_t>(message.offset);
  std::string_view bytes;
  if (message.payload != nullptr) {
    bytes = {static_cast<const char*>(message.payload), message.len};
  }
  partition.batch.add(bytes, position);
  partition.batch.next_position = position + 1;
  if (partition.batch.text.size() >= options.batch_bytes_max) push(partition);
  return {};
}

// An error in place of a record.
Expected<void> KafkaSource::State::refuse(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return {};
  const std::string topic = message.rkt != nullptr ? rd_kafka_topic_name(message.rkt) : "?";
  const std::string name = "kafka:" + topic + "/" + std::to_string(message.partition);
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
      message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    // The reset's cause may be one that passes: librdkafka could not ask the leader.
    return fail(out_of_range(topic, name, message.partition));
  }
  Error error =
      dispatch::kafka_failure("reading " + name, message.err, rd_kafka_message_errstr(&message));
  if (!error.retryable) return fail(std::move(error));
  spdlog::warn("source {}: {}; trying on", options.name, error.message);
  return {};
}

Error KafkaSource::State::out_of_range(const std::string& topic, const std::string& partition_name,
                                       int32_t partition) {
  int64_t first = 0;
  int64_t end = 0;
  std::string holds = "what it holds now could not be asked";
  if (rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), partition, &first, &end,
                                       5'000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    holds = "it holds " + std::to_string(first) + " up to " + std::to_string(end);
  }
  return Error::outside(partition_name + ": the position to read on from is not in the topic (" +
                        holds +
                        "); retention has run past this reader, or the topic was made anew. "
                        "Records would be missing, so reading stops here");
}

// False: to stop; the batch was not taken, its records come again after the restart.
bool KafkaSource::State::push(Partition& partition) {
  const size_t bytes = partition.batch.bytes();
  bool taken = out->try_push(std::move(partition.batch), bytes);
  while (!taken) {
    if (stop_within(kFullQueuePause)) return false;
    taken = out->try_push(std::move(partition.batch), bytes);
  }
  partition.batch = {};
  return true;
}

bool KafkaSource::State::stop_within(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex);
  return stop_wanted.wait_for(lock, wait, [&] { return stopping; });
}

KafkaSource::KafkaSource(KafkaSourceOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}

KafkaSource::~KafkaSource() { stop(); }

Expected<void> KafkaSource::start(BatchQueue& out, const PositionOf& position_of) {
  state_->out = &out;
  if (auto ok = state_->open(position_of); !ok) {
    ok.error().message = "source " + state_->options.name + ": " + ok.error().message;
    state_->close();
    return ok;
  }
  state_->reader = std::thread([state = state_.get()] { state->read(); });
  return {};
}

void KafkaSource::stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->stop_wanted.notify_all();
  if (state_->reader.joinable()) state_->reader.join();
  state_->close();
}

std::optional<Error> KafkaSource::failure() const {
  std::lock_guard lock(state_->mutex);
  return state_->failure;
}

}  // namespace fengsui::source
