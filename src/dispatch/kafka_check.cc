#include "dispatch/kafka_check.h"

#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "dispatch/kafka_client.h"
#include "dispatch/kafka_sink.h"

namespace fengsui::dispatch {
namespace {

using KafkaEvent = std::unique_ptr<rd_kafka_event_t, FreeBy<rd_kafka_event_destroy>>;
using Settings = std::map<std::string, std::string>;
using Problems = std::vector<std::string>;

// A service that was stopped for so long must find what came meanwhile.
constexpr int64_t kRetentionMsLeast = 3'600'000;

// The settings of a topic, or of a broker by its number.
Expected<Settings> settings_of(rd_kafka_t* client, rd_kafka_ResourceType_t type,
                               const std::string& name, std::chrono::milliseconds patience) {
  const KafkaQueue answers(rd_kafka_queue_new(client));
  rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(type, name.c_str());
  rd_kafka_DescribeConfigs(client, &resource, 1, nullptr, answers.get());
  rd_kafka_ConfigResource_destroy(resource);
  const KafkaEvent event(rd_kafka_queue_poll(answers.get(), static_cast<int>(patience.count())));
  const std::string doing = "reading the settings of " + name;
  if (!event) return fail(kafka_failure(doing, RD_KAFKA_RESP_ERR__TIMED_OUT));
  if (const auto code = rd_kafka_event_error(event.get())) return fail(kafka_failure(doing, code));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** found = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count != 1) return fail(kafka_failure(doing, RD_KAFKA_RESP_ERR__BAD_MSG));
  if (const auto code = rd_kafka_ConfigResource_error(found[0])) {
    return fail(kafka_failure(doing, code));
  }
  Settings settings;
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(found[0], &count);
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    settings.emplace(rd_kafka_ConfigEntry_name(entries[i]), value == nullptr ? "" : value);
  }
  return settings;
}

std::optional<int64_t> number_in(const Settings& settings, const std::string& name) {
  const auto found = settings.find(name);
  if (found == settings.end()) return std::nullopt;
  const std::string& text = found->second;
  int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// Where a record may vanish before it is read.
void check_kept(const std::string& topic, const Settings& settings, Problems& out) {
  const auto policy = settings.find("cleanup.policy");
  if (policy != settings.end() && policy->second.find("compact") != std::string::npos) {
    out.push_back("topic " + topic + " is compacted (cleanup.policy " + policy->second +
                  "): records of one key replace each other before they are read; set it to "
                  "delete");
  }
  const std::optional<int64_t> retention = number_in(settings, "retention.ms");
  if (retention && *retention >= 0 && *retention < kRetentionMsLeast) {
    out.push_back("topic " + topic + " keeps records for " + std::to_string(*retention / 1000) +
                  " s (retention.ms): what comes while the service is stopped for longer is lost; "
                  "an hour is the least, a day is better");
  }
}

// Why a broker's transactions would not be what dispatch/DESIGN.md counts on.
void check_transactions(const std::string& broker, const Settings& settings, Problems& out) {
  const std::optional<int64_t> most = number_in(settings, "transaction.max.timeout.ms");
  const int64_t ours = KafkaSinkOptions().transaction_timeout.count();
  if (most && *most < ours) {
    out.push_back("broker " + broker + " allows transactions of " + std::to_string(*most) +
                  " ms (transaction.max.timeout.ms), queues want " + std::to_string(ours) +
                  " ms: raise it");
  }
  const std::optional<int64_t> cleanup =
      number_in(settings, "transaction.abort.timed.out.transaction.cleanup.interval.ms");
  const std::optional<int64_t> session = number_in(settings, "broker.session.timeout.ms");
  if (cleanup && session && *cleanup <= *session) {
    out.push_back("broker " + broker +
                  ": transaction.abort.timed.out.transaction.cleanup.interval.ms (" +
                  std::to_string(*cleanup) + ") is not above broker.session.timeout.ms (" +
                  std::to_string(*session) +
                  "): a broker that is killed may lose the end of a transaction; raise it");
  }
}

std::optional<std::string> controller_of(rd_kafka_t* client, std::chrono::milliseconds patience) {
  const int32_t id = rd_kafka_controllerid(client, static_cast<int>(patience.count()));
  return id < 0 ? std::nullopt : std::optional(std::to_string(id));
}

Expected<void> check_topic(rd_kafka_t* client, const TopicNeed& need,
                           std::chrono::milliseconds patience, Problems& out) {
  const KafkaTopic topic(rd_kafka_topic_new(client, need.topic.c_str(), nullptr));
  if (!topic) return fail(kafka_failure("Kafka topic " + need.topic, rd_kafka_last_error()));
  const Expected<int> partitions = partition_count(client, topic.get(), patience);
  if (!partitions) {
    if (partitions.error().retryable) return fail(partitions.error());
    out.push_back(partitions.error().message + "; make the topic, or correct its name");
    return {};
  }
  if (need.use != TopicNeed::Use::Read) return {};
  const Expected<Settings> settings =
      settings_of(client, RD_KAFKA_RESOURCE_TOPIC, need.topic, patience);
  if (!settings) {
    if (settings.error().retryable) return fail(settings.error());
    return {};  // the user may not read them; that is no fault
  }
  check_kept(need.topic, *settings, out);
  return {};
}

}  // namespace

Expected<std::vector<std::string>> check_kafka(const KafkaConnection& connection,
                                               const std::vector<TopicNeed>& needs,
                                               std::chrono::milliseconds patience) {
  KafkaConnection plain = connection;
  // The client asks, and does nothing else: what a producer or a consumer may set is not for it.
  std::erase_if(plain.properties, [](const auto& property) {
    return !property.first.starts_with("sasl.") && !property.first.starts_with("ssl.") &&
           property.first != "security.protocol";
  });
  Expected<KafkaConf> conf = kafka_conf(plain, {}, {});
  if (!conf) return fail(conf.error());
  const Expected<KafkaHandle> client = kafka_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return fail(client.error());
  Problems out;
  bool is_written = false;
  for (const TopicNeed& need : needs) {
    if (auto checked = check_topic(client->get(), need, patience, out); !checked) {
      return fail(checked.error());
    }
    is_written = is_written || need.use == TopicNeed::Use::Written;
  }
  if (!is_written) return out;
  const std::optional<std::string> broker = controller_of(client->get(), patience);
  if (!broker) return out;
  const Expected<Settings> settings =
      settings_of(client->get(), RD_KAFKA_RESOURCE_BROKER, *broker, patience);
  if (settings) {
    check_transactions(*broker, *settings, out);
  } else if (settings.error().retryable) {
    return fail(settings.error());
  }
  return out;
}

}  // namespace fengsui::dispatch
