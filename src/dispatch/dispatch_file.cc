#include "dispatch/dispatch_file.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "base/file_text.h"
#include "dispatch/deadline_reader.h"
#include "dispatch/http_client.h"
#include "dispatch/plan_reader.h"
#include "dispatch/route_reader.h"
#include "rules/codes.h"
#include "rules/yaml_shape.h"

namespace fengsui::dispatch {
namespace {

using rules::error_at;
using rules::Findings;
using rules::YamlNode;
namespace code = rules::code;

// Of the dispatch file alone.
constexpr const char* kQueueName = "FD101";
constexpr const char* kQueueTwice = "FD102";
constexpr const char* kSinkTwice = "FD104";
constexpr const char* kBadWebhook = "FD112";

std::optional<std::string> required_text(const YamlNode& map, const char* key,
                                         const std::string& what, Findings& findings) {
  const YamlNode* node = require_key(map, key, what, findings);
  if (node == nullptr) return std::nullopt;
  return expect_text(*node, std::string("`") + key + "`", findings);
}

std::optional<FileSinkSpec> read_file_sink(const YamlNode& node, Findings& findings) {
  if (!expect_map(node, "`file`", findings)) return std::nullopt;
  check_keys(node, "`file`", {"path"}, findings);
  std::optional<std::string> path = required_text(node, "path", "`file`", findings);
  if (!path) return std::nullopt;
  return FileSinkSpec{std::move(*path)};
}

std::optional<KafkaSinkSpec> read_kafka_sink(const YamlNode& node, Findings& findings) {
  if (!expect_map(node, "`kafka`", findings)) return std::nullopt;
  check_keys(node, "`kafka`", {"brokers", "topic", "properties"}, findings);
  std::optional<std::string> brokers = required_text(node, "brokers", "`kafka`", findings);
  std::optional<std::string> topic = required_text(node, "topic", "`kafka`", findings);
  KafkaSinkSpec spec;
  const YamlNode* properties = node.find("properties");
  if (properties != nullptr && expect_map(*properties, "`properties`", findings)) {
    for (size_t i = 0; i < properties->keys.size(); ++i) {
      const std::string& name = properties->keys[i].text;
      std::optional<std::string> value =
          expect_text(properties->items[i], "`" + name + "`", findings);
      if (value) spec.connection.properties[name] = std::move(*value);
    }
  }
  if (!brokers || !topic) return std::nullopt;
  spec.connection.brokers = std::move(*brokers);
  spec.topic = std::move(*topic);
  return spec;
}

std::optional<WebhookSinkSpec> read_webhook_sink(const YamlNode& node, Findings& findings) {
  if (!expect_map(node, "`webhook`", findings)) return std::nullopt;
  check_keys(node, "`webhook`", {"url", "secret_file", "ca_file", "timeout", "format"}, findings);
  std::optional<std::string> url = required_text(node, "url", "`webhook`", findings);
  WebhookSinkSpec spec;
  if (url) {
    const Expected<Url> parsed = parse_url(*url);
    if (!parsed) error_at(*node.find("url"), kBadWebhook, parsed.error().message, {}, findings);
    spec.url = std::move(*url);
  }
  for (const auto& [key, into] :
       {std::pair<const char*, std::string*>{"secret_file", &spec.secret_file},
        std::pair<const char*, std::string*>{"ca_file", &spec.ca_file}}) {
    const YamlNode* file = node.find(key);
    if (file == nullptr) continue;
    *into = expect_text(*file, std::string("`") + key + "`", findings).value_or("");
  }
  if (const YamlNode* timeout = node.find("timeout")) {
    const std::optional<std::string> text = expect_text(*timeout, "`timeout`", findings);
    const std::optional<Duration> duration = text ? parse_duration(*text) : std::nullopt;
    if (text && (!duration || *duration < Duration{10} || *duration > std::chrono::minutes{5})) {
      error_at(*timeout, kBadWebhook, "`" + *text + "` is no time-out", "`10s`, up to `5m`",
               findings);
    }
    spec.timeout = duration.value_or(spec.timeout);
  }
  if (const YamlNode* format = node.find("format")) {
    const std::optional<std::string> text = expect_text(*format, "`format`", findings);
    if (text == "cap" || text == "alertmanager") {
      error_at(*format, kLater, "the format `" + *text + "` is not built yet", "`fengsui`",
               findings);
    } else if (text && *text != "fengsui") {
      error_at(*format, kBadWebhook, "there is no format `" + *text + "`", "`fengsui`", findings);
    }
  }
  if (!url) return std::nullopt;
  return spec;
}

std::optional<SinkSpec> read_sink(const YamlNode& node, Findings& findings) {
  if (!expect_map(node, "a sink", findings)) return std::nullopt;
  check_keys(node, "a sink", {"file", "kafka", "webhook"}, findings);
  const YamlNode* file = node.find("file");
  const YamlNode* kafka = node.find("kafka");
  const YamlNode* webhook = node.find("webhook");
  if ((file != nullptr) + (kafka != nullptr) + (webhook != nullptr) != 1) {
    error_at(node, code::kMissingKey, "a sink is one of `file`, `kafka` and `webhook`", {},
             findings);
    return std::nullopt;
  }
  if (file != nullptr) return read_file_sink(*file, findings);
  if (kafka != nullptr) return read_kafka_sink(*kafka, findings);
  return read_webhook_sink(*webhook, findings);
}

bool is_queue_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), allowed);
}

std::optional<QueueSpec> read_queue(const YamlNode& node, Findings& findings) {
  if (!expect_map(node, "a queue", findings)) return std::nullopt;
  check_keys(node, "a queue", {"name", "sinks"}, findings);
  std::optional<std::string> name = required_text(node, "name", "a queue", findings);
  if (name && !is_queue_name(*name)) {
    error_at(*node.find("name"), kQueueName, "`" + *name + "` is no name of a queue",
             "letters, digits, `-`, `_` and `.`, 100 at most", findings);
    name.reset();
  }
  const YamlNode* sinks = require_key(node, "sinks", "a queue", findings);
  if (sinks == nullptr || !expect_list(*sinks, "`sinks`", findings)) return std::nullopt;
  if (sinks->items.empty()) {
    error_at(*sinks, code::kMissingKey, "a queue needs a sink", {}, findings);
    return std::nullopt;
  }
  if (sinks->items.size() > 1) {
    error_at(sinks->items[1], kLater, "a second sink of a queue is not built yet",
             "one sink a queue", findings);
  }
  std::optional<SinkSpec> sink = read_sink(sinks->items[0], findings);
  if (!name || !sink) return std::nullopt;
  return QueueSpec{std::move(*name), std::move(*sink)};
}

// What two queues must not share: they would write over each other.
std::string target_of(const SinkSpec& sink) {
  if (const auto* file = std::get_if<FileSinkSpec>(&sink)) return "file " + file->path;
  if (const auto* webhook = std::get_if<WebhookSinkSpec>(&sink)) return "address " + webhook->url;
  const auto& kafka = std::get<KafkaSinkSpec>(sink);
  return "topic " + kafka.topic + " of " + kafka.connection.brokers;
}

std::vector<QueueSpec> read_queues(const YamlNode& list, Findings& findings) {
  std::vector<QueueSpec> queues;
  std::set<std::string> names;
  std::set<std::string> targets;
  for (const YamlNode& node : list.items) {
    std::optional<QueueSpec> queue = read_queue(node, findings);
    if (!queue) continue;
    if (!names.insert(queue->name).second) {
      error_at(node, kQueueTwice, "queue `" + queue->name + "` stands here a second time", {},
               findings);
    }
    if (!targets.insert(target_of(queue->sink)).second) {
      error_at(node, kSinkTwice, "the " + target_of(queue->sink) + " is another queue's already",
               "each queue writes to a place of its own", findings);
    }
    queues.push_back(std::move(*queue));
  }
  return queues;
}

// The names that routes may have; nullopt: the file, read for its routes alone, declares none.
std::optional<std::vector<std::string>> read_names(const YamlNode& root, DispatchUse use,
                                                   DispatchFile& file, Findings& findings) {
  const YamlNode* queues = use == DispatchUse::Service
                               ? require_key(root, "queues", "the dispatch file", findings)
                               : root.find("queues");
  if (queues == nullptr) return std::nullopt;
  if (expect_list(*queues, "`queues`", findings)) file.queues = read_queues(*queues, findings);
  std::vector<std::string> names;
  for (const QueueSpec& spec : file.queues) names.push_back(spec.name);
  return names;
}

void read_supervision(const YamlNode& node, const RouteNames& names, Plan& plan,
                      Findings& findings) {
  if (!expect_map(node, "`supervision`", findings)) return;
  check_keys(node, "`supervision`", {"queue"}, findings);
  const YamlNode* queue = require_key(node, "queue", "`supervision`", findings);
  if (queue != nullptr) plan.supervision = read_queue_name(*queue, names, findings).value_or("");
}

std::optional<Duration> read_stale_after(const YamlNode& node, Findings& findings) {
  const std::optional<std::string> text = expect_text(node, "`stale_after`", findings);
  const std::optional<Duration> duration = text ? parse_duration(*text) : std::nullopt;
  if (text && (!duration || *duration < std::chrono::minutes{1})) {
    error_at(node, code::kWrongKind, "`" + *text + "` is no age of an alert",
             "`2h`; a minute at least", findings);
  }
  return duration;
}

void read_plan(const YamlNode& root, const std::string& folder, RouteNames names, Plan& plan,
               Findings& findings) {
  if (const YamlNode* areas = root.find("areas")) {
    const std::optional<std::string> file = expect_text(*areas, "`areas`", findings);
    if (file && *file != "areas.csv") {
      error_at(*areas, code::kWrongKind, "the areas are the pack's own table, areas.csv",
               "leave it out, or write areas.csv", findings);
    }
  }
  if (const YamlNode* working_time = root.find("working_time")) {
    plan.working_time = read_working_time(*working_time, folder, findings);
  }
  if (const YamlNode* stale = root.find("stale_after")) {
    plan.stale_after = read_stale_after(*stale, findings);
  }
  if (const YamlNode* supervision = root.find("supervision")) {
    read_supervision(*supervision, names, plan, findings);
  }
  if (const YamlNode* intervals = root.find("time_intervals")) {
    plan.time_intervals = read_time_intervals(*intervals, findings);
  }
  for (const auto& [name, intervals] : plan.time_intervals) names.intervals.push_back(name);
  if (const YamlNode* rules = root.find("inhibit_rules")) {
    plan.inhibit_rules = read_inhibit_rules(*rules, findings);
  }
  const YamlNode* route = require_key(root, "route", "the dispatch file", findings);
  if (route != nullptr) plan.route = read_route(*route, names, findings);
}

}  // namespace

LoadedDispatchFile read_dispatch_file(const std::string& name, std::string text, DispatchUse use) {
  const rules::SourceFile source(name, std::move(text));
  Findings findings;
  DispatchFile file;
  const std::optional<YamlNode> root = read_single_document(source, findings);
  if (root && expect_map(*root, "the dispatch file", findings)) {
    check_keys(*root, "the dispatch file",
               {"route", "queues", "inhibit_rules", "time_intervals", "working_time", "supervision",
                "areas", "stale_after"},
               findings);
    const std::string folder = std::filesystem::path(name).parent_path().string();
    read_plan(*root, folder, {read_names(*root, use, file, findings), {}}, file.plan, findings);
  }
  LoadedDispatchFile loaded;
  if (findings.errors() == 0) loaded.file = std::move(file);
  loaded.issues = findings.take();
  rules::sort_issues(loaded.issues);
  return loaded;
}

LoadedDispatchFile load_dispatch_file(const std::string& path, DispatchUse use) {
  std::optional<std::string> text = read_file_text(path);
  if (!text) {
    Findings findings;
    findings.error(path, code::kUnreadable, "the dispatch file cannot be read");
    return {std::nullopt, findings.take()};
  }
  return read_dispatch_file(path, std::move(*text), use);
}

}  // namespace fengsui::dispatch
