#include "dispatch/kafka_client.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/file_text.h"
#include "base/log.h"

namespace fengsui::dispatch {
namespace {

constexpr size_t kErrorTextSize = 512;
constexpr std::string_view kFileSuffix = "_file";

// Properties whose value nobody may write into a configuration file.
constexpr std::array<std::string_view, 6> kSecrets = {"sasl.password",
                                                      "ssl.key.password",
                                                      "ssl.key.pem",
                                                      "ssl.keystore.password",
                                                      "sasl.oauthbearer.client.secret",
                                                      "sasl.oauthbearer.config"};

void log_line(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  // syslog's levels.
  const auto ours = level <= 3   ? spdlog::level::err
                    : level == 4 ? spdlog::level::warn
                    : level <= 6 ? spdlog::level::info
                                 : spdlog::level::debug;
  spdlog::log(ours, "kafka client {}: {}: {}", rd_kafka_name(client), facility, text);
}

Expected<std::string> secret_from(const std::string& property, const std::string& path) {
  std::optional<std::string> value = read_secret(path);
  if (!value) return fail(Error::usage("Kafka property " + property + ": cannot read " + path));
  return std::move(*value);
}

Expected<void> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, kErrorTextSize> text{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()) !=
      RD_KAFKA_CONF_OK) {
    return fail(Error::usage("Kafka property " + name + ": " + text.data()));
  }
  return {};
}

// One property of the configuration; `name` may be the _file form.
Expected<void> set_property(rd_kafka_conf_t* conf, const std::string& name,
                            const std::string& value, std::span<const KafkaSetting> fixed) {
  const bool from_file = name.ends_with(kFileSuffix);
  const std::string property = from_file ? name.substr(0, name.size() - kFileSuffix.size()) : name;
  for (const KafkaSetting& setting : fixed) {
    if (property == setting.name) {
      return fail(Error::usage("Kafka property " + property + " is set by fengsui itself"));
    }
  }
  if (!from_file) {
    if (std::find(kSecrets.begin(), kSecrets.end(), property) != kSecrets.end()) {
      return fail(Error::usage("Kafka property " + property + " is a secret: name a file, " +
                               property + "_file"));
    }
    return set(conf, property, value);
  }
  Expected<std::string> secret = secret_from(property, value);
  if (!secret) return fail(std::move(secret.error()));
  // librdkafka's own message could repeat the value.
  if (!set(conf, property, *secret)) {
    return fail(Error::usage("Kafka property " + name + ": librdkafka refuses it"));
  }
  return {};
}

}  // namespace

Expected<KafkaConf> kafka_conf(const KafkaConnection& connection,
                               std::span<const KafkaSetting> defaults,
                               std::span<const KafkaSetting> fixed) {
  KafkaConf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), log_line);
  const std::array<KafkaSetting, 4> ours = {{
      {"client.id", "fengsui"},
      // A broker that comes back is found within a second or two, not ten.
      {"reconnect.backoff.max.ms", "2000"},
      // Brokers close idle connections: not worth a line.
      {"log.connection.close", "false"},
      {"topic.metadata.refresh.interval.ms", "60000"},
  }};
  for (std::span<const KafkaSetting> settings : {std::span<const KafkaSetting>(ours), defaults}) {
    for (const KafkaSetting& setting : settings) {
      if (auto ok = set(conf.get(), setting.name, setting.value); !ok) return fail(ok.error());
    }
  }
  if (connection.brokers.empty()) return fail(Error::usage("no Kafka brokers are given"));
  for (const auto& [name, value] : connection.properties) {
    if (name == "bootstrap.servers" || name == "metadata.broker.list") {
      return fail(Error::usage("Kafka property " + name + " is given as `brokers`"));
    }
    if (auto ok = set_property(conf.get(), name, value, fixed); !ok) return fail(ok.error());
  }
  if (auto ok = set(conf.get(), "bootstrap.servers", connection.brokers); !ok) {
    return fail(ok.error());
  }
  for (const KafkaSetting& setting : fixed) {
    if (auto ok = set(conf.get(), setting.name, setting.value); !ok) return fail(ok.error());
  }
  return conf;
}

Expected<KafkaHandle> kafka_client(rd_kafka_type_t type, KafkaConf conf) {
  std::array<char, kErrorTextSize> mechanism{};
  size_t size = mechanism.size();
  rd_kafka_conf_get(conf.get(), "sasl.mechanisms", mechanism.data(), &size);

  std::array<char, kErrorTextSize> text{};
  KafkaHandle client(rd_kafka_new(type, conf.get(), text.data(), text.size()));
  if (!client) return fail(Error::usage(std::string("Kafka client: ") + text.data()));
  conf.release();  // the client's now
  // Tokens are refreshed by a thread of librdkafka: an idle client of ours polls nothing.
  if (std::string_view(mechanism.data()) == "OAUTHBEARER") {
    const KafkaError error(rd_kafka_sasl_background_callbacks_enable(client.get()));
    if (error) {
      return fail(Error::usage(std::string("Kafka client: ") + rd_kafka_error_string(error.get())));
    }
  }
  return client;
}

Expected<int> partition_count(rd_kafka_t* client, rd_kafka_topic_t* topic,
                              std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kOneTry{5'000};
  // A topic made a moment ago is not yet known to every broker.
  constexpr std::chrono::milliseconds kTopicPropagation{3'000};
  const std::string name = rd_kafka_topic_name(topic);
  const SystemClock clock;
  const MonotonicTime started = clock.monotonic();
  for (;;) {
    const struct rd_kafka_metadata* answer = nullptr;
    const auto wait = static_cast<int>(std::min(patience, kOneTry).count());
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 0, topic, &answer, wait);
    int partitions = 0;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const auto& found = answer->topics[0];
      code = answer->topic_cnt == 1 ? found.err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
      partitions = found.partition_cnt;
      rd_kafka_metadata_destroy(answer);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR && partitions > 0) return partitions;
    }
    const bool missing =
        code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    const auto waited = clock.monotonic() - started;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && !is_transient(code) &&
        (!missing || waited >= std::min(kTopicPropagation, patience))) {
      return fail(kafka_failure("Kafka topic " + name, code));
    }
    if (waited >= patience) {
      return fail(kafka_failure("Kafka topic " + name, code, "no answer from the brokers"));
    }
    rd_kafka_poll(client, 100);  // a pause that serves librdkafka's callbacks meanwhile
  }
}

Error kafka_failure(const std::string& doing, rd_kafka_resp_err_t code, const std::string& detail) {
  std::string message = doing + ": " + rd_kafka_err2str(code);
  if (!detail.empty()) message += " (" + detail + ")";
  return Error::outside(std::move(message), is_transient(code));
}

bool is_transient(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR__IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__RETRY:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS:
    case RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_REASSIGNMENT_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return true;
    default:
      return false;
  }
}

}  // namespace fengsui::dispatch
