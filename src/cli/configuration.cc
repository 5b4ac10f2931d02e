#include "cli/configuration.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <utility>

#include "base/file_text.h"
#include "pipeline/shards.h"
#include "rules/yaml.h"

namespace fengsui::cli {
namespace {

using rules::YamlNode;

constexpr const char* kValueCode = "CF001";
constexpr const char* kUnknownKeyCode = "CF002";
constexpr const char* kShapeCode = "CF003";
constexpr const char* kFileCode = "CF004";

// Sets a value from its text; a message if the text is none such.
using Set = std::function<std::string(Configuration&, const std::string&)>;

struct Key {
  std::string path;  // "state.dir"
  Set set;
};

template <class Section>
Set text_at(Section at) {
  return [at](Configuration& c, const std::string& value) {
    at(c) = value;
    return std::string();
  };
}

template <class Section>
Set duration_at(Section at) {
  return [at](Configuration& c, const std::string& value) -> std::string {
    const std::optional<Duration> duration = parse_duration(value);
    if (!duration) return "is a duration such as 500ms, 30s or 1h30m";
    at(c) = *duration;
    return {};
  };
}

template <class Section>
Set flag_at(Section at) {
  return [at](Configuration& c, const std::string& value) -> std::string {
    if (value != "true" && value != "false") return "is true or false";
    at(c) = value == "true";
    return {};
  };
}

std::string set_segment(Configuration& c, const std::string& value) {
  const std::optional<Duration> duration = parse_duration(value);
  if (!duration || *duration < std::chrono::minutes{1}) return "is a duration of 1m or more";
  c.archive.segment = *duration;
  return {};
}

template <class Number, class Section>
Set number_at(Number lowest, Number highest, Section at) {
  return [=](Configuration& c, const std::string& value) -> std::string {
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < lowest ||
        number > highest) {
      return "is a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest);
    }
    at(c) = static_cast<Number>(number);
    return {};
  };
}

std::string set_log_format(Configuration& c, const std::string& value) {
  if (value != "text" && value != "json") return "is text or json";
  c.log.format = value == "json" ? LogFormat::Json : LogFormat::Text;
  return {};
}

std::string set_log_level(Configuration& c, const std::string& value) {
  constexpr const char* kLevels[] = {"trace", "debug", "info", "warn", "error", "off"};
  if (std::find(std::begin(kLevels), std::end(kLevels), value) == std::end(kLevels)) {
    return "is one of trace debug info warn error off";
  }
  c.log.level = value;
  return {};
}

#define AT(member) [](Configuration& c) -> auto& { return c.member; }
const std::vector<Key>& keys() {
  constexpr uint64_t kGiB = uint64_t{1} << 30;
  static const std::vector<Key> kKeys = {
      {"pack", text_at(AT(pack))},
      {"dispatch", text_at(AT(dispatch))},
      {"keys", text_at(AT(keys))},
      {"engine.shards", number_at<uint64_t>(1, pipeline::kShardsMost, AT(engine.shards))},
      {"engine.pin_shards", flag_at(AT(engine.pin_shards))},
      {"state.dir", text_at(AT(state.directory))},
      {"state.checkpoint_interval", duration_at(AT(state.checkpoint_interval))},
      {"state.checkpoint_journal_bytes",
       number_at<uint64_t>(1 << 20, 64 * kGiB, AT(state.checkpoint_journal_bytes))},
      {"state.cache_bytes", number_at<uint64_t>(32 << 20, 1024 * kGiB, AT(state.cache_bytes))},
      {"pack_watch", flag_at(AT(pack_watch))},
      {"archive.enabled", flag_at(AT(archive.enabled))},
      {"archive.dir", text_at(AT(archive.directory))},
      {"archive.segment", set_segment},
      {"archive.segment_bytes_max",
       number_at<uint64_t>(1 << 20, 64 * kGiB, AT(archive.segment_bytes_max))},
      {"server.address", text_at(AT(server.address))},
      {"server.port", number_at<uint16_t>(0, 65535, AT(server.port))},
      {"server.body_bytes_max", number_at<uint64_t>(1024, kGiB, AT(server.body_bytes_max))},
      {"server.connections_max", number_at<uint64_t>(1, 100'000, AT(server.connections_max))},
      {"time.out_of_orderness", duration_at(AT(time.out_of_orderness))},
      {"time.allowed_lateness", duration_at(AT(time.allowed_lateness))},
      {"time.idle_after", duration_at(AT(time.idle_after))},
      {"time.dedupe_horizon", duration_at(AT(time.dedupe_horizon))},
      {"time.clock_skew_max", duration_at(AT(time.clock_skew_max))},
      {"limits.record_bytes_max", number_at<uint64_t>(1024, 16 << 20, AT(limits.record_bytes_max))},
      {"limits.queue_batches_max", number_at<uint64_t>(1, 1 << 20, AT(limits.queue_batches_max))},
      {"limits.queue_bytes_max",
       number_at<uint64_t>(1 << 20, 16 * kGiB, AT(limits.queue_bytes_max))},
      {"log.format", set_log_format},
      {"log.level", set_log_level},
  };
  return kKeys;
}
#undef AT

std::string environment_name(std::string path) {
  for (char& c : path) c = c == '.' ? '_' : static_cast<char>(std::toupper(c));
  return "FENGSUI_" + path;
}

class Reader {
 public:
  Reader(Configuration& out, rules::Findings& findings) : out_(out), findings_(findings) {}

  void read_root(const YamlNode& root) {
    if (root.is_null()) return;
    if (!root.is_map()) return wrong(root, kShapeCode, "the configuration is a map of sections");
    std::vector<std::string> known = {"sources"};
    for (const Key& key : keys()) known.push_back(key.path.substr(0, key.path.find('.')));
    for (size_t i = 0; i < root.keys.size(); ++i) {
      const std::string& name = root.keys[i].text;
      if (name == "sources") {
        read_sources(root.items[i]);
      } else if (const Key* key = find(name)) {
        read_value(*key, root.items[i]);
      } else if (std::count(known.begin(), known.end(), name) > 0) {
        read_section(name, root.items[i]);
      } else {
        unknown(root.keys[i], known);
      }
    }
  }

 private:
  static const Key* find(const std::string& path) {
    for (const Key& key : keys()) {
      if (key.path == path) return &key;
    }
    return nullptr;
  }
  void wrong(const YamlNode& at, std::string_view code, std::string message) {
    findings_.error(*at.file, at.offset, code, std::move(message));
  }
  void unknown(const YamlNode& key, const std::vector<std::string>& known) {
    findings_.error(*key.file, key.offset, kUnknownKeyCode, "unknown key '" + key.text + "'",
                    rules::nearest_hint(key.text, known, "deploy/fengsui.yaml names every key"));
  }
  void read_section(const std::string& name, const YamlNode& section) {
    if (section.is_null()) return;
    if (!section.is_map()) return wrong(section, kShapeCode, "'" + name + "' is a map");
    for (size_t i = 0; i < section.keys.size(); ++i) {
      if (const Key* key = find(name + "." + section.keys[i].text)) {
        read_value(*key, section.items[i]);
        continue;
      }
      std::vector<std::string> known;
      for (const Key& key : keys()) {
        if (key.path.starts_with(name + ".")) known.push_back(key.path.substr(name.size() + 1));
      }
      unknown(section.keys[i], known);
    }
  }
  void read_value(const Key& key, const YamlNode& value) {
    if (!value.is_scalar()) return wrong(value, kShapeCode, "'" + key.path + "' is one value");
    const std::string message = key.set(out_, value.text);
    if (!message.empty()) wrong(value, kValueCode, "'" + key.path + "' " + message);
  }

  void read_sources(const YamlNode& list) {
    if (list.is_null()) return;
    if (!list.is_list()) return wrong(list, kShapeCode, "'sources' is a list");
    std::set<std::string> names;
    for (const YamlNode& item : list.items) {
      if (!item.is_map()) {
        wrong(item, kShapeCode, "a source is a map {name, kafka} or {name, file}");
        continue;
      }
      SourceSetting source;
      bool has_kind = false;
      for (size_t i = 0; i < item.keys.size(); ++i) {
        const YamlNode& value = item.items[i];
        const std::string& key = item.keys[i].text;
        if (key == "name") {
          source.name = value.text;
        } else if (key == "kafka") {
          source.kind = read_kafka(value);
          has_kind = true;
        } else if (key == "file") {
          source.kind = read_file(value);
          has_kind = true;
        } else {
          unknown(item.keys[i], {"name", "kafka", "file"});
        }
      }
      if (source.name.empty()) wrong(item, kShapeCode, "a source needs a 'name'");
      if (!has_kind) wrong(item, kShapeCode, "a source needs 'kafka' or 'file'");
      if (!names.insert(source.name).second) {
        wrong(item, kValueCode, "two sources are named '" + source.name + "'");
      }
      out_.sources.push_back(std::move(source));
    }
  }

  KafkaSourceSetting read_kafka(const YamlNode& map) {
    KafkaSourceSetting out;
    if (!map.is_map()) {
      wrong(map, kShapeCode, "'kafka' is a map {brokers, topics, properties}");
      return out;
    }
    for (size_t i = 0; i < map.keys.size(); ++i) {
      const YamlNode& value = map.items[i];
      const std::string& key = map.keys[i].text;
      if (key == "brokers") {
        out.brokers = value.text;
      } else if (key == "topics" && value.is_list()) {
        for (const YamlNode& topic : value.items) out.topics.push_back(topic.text);
      } else if (key == "properties" && (value.is_map() || value.is_null())) {
        for (size_t p = 0; p < value.keys.size(); ++p) {
          out.properties[value.keys[p].text] = value.items[p].text;
        }
      } else if (key == "topics" || key == "properties") {
        wrong(value, kShapeCode, "'topics' is a list, 'properties' a map");
      } else {
        unknown(map.keys[i], {"brokers", "topics", "properties"});
      }
    }
    if (out.brokers.empty()) wrong(map, kShapeCode, "'kafka' needs 'brokers'");
    if (out.topics.empty()) wrong(map, kShapeCode, "'kafka' needs 'topics'");
    return out;
  }

  FileSourceSetting read_file(const YamlNode& map) {
    FileSourceSetting out;
    if (!map.is_map()) {
      wrong(map, kShapeCode, "'file' is a map {path, follow}");
      return out;
    }
    for (size_t i = 0; i < map.keys.size(); ++i) {
      const YamlNode& value = map.items[i];
      const std::string& key = map.keys[i].text;
      if (key == "path") {
        out.path = value.text;
      } else if (key == "follow" && value.as_bool()) {
        out.follow = *value.as_bool();
      } else if (key == "follow") {
        wrong(value, kValueCode, "'follow' is true or false");
      } else {
        unknown(map.keys[i], {"path", "follow"});
      }
    }
    if (out.path.empty()) wrong(map, kShapeCode, "'file' needs a 'path'");
    return out;
  }

  Configuration& out_;
  rules::Findings& findings_;
};

void read_file(const std::string& path, Configuration& out, rules::Findings& findings) {
  std::optional<std::string> text = read_file_text(path);
  if (!text) {
    findings.error(path, kFileCode, "cannot read the configuration file");
    return;
  }
  const rules::SourceFile file(path, std::move(*text));
  const std::vector<YamlNode> documents = rules::read_yaml(file, findings);
  if (documents.size() > 1) {
    findings.error(path, kShapeCode, "one document is wanted, there are several");
  }
  for (const YamlNode& root : documents) Reader(out, findings).read_root(root);
}

}  // namespace

LoadedConfiguration load_configuration(const std::string& path, Environment environment) {
  LoadedConfiguration out;
  rules::Findings findings;
  if (!path.empty()) read_file(path, out.configuration, findings);
  for (const Key& key : keys()) {
    const std::string name = environment_name(key.path);
    const char* value = environment(name.c_str());
    if (value == nullptr) continue;
    const std::string message = key.set(out.configuration, value);
    if (!message.empty()) findings.error(name, kValueCode, "'" + name + "' " + message);
  }
  out.issues = findings.take();
  return out;
}

std::vector<std::string> configuration_keys() {
  std::vector<std::string> out;
  for (const Key& key : keys()) out.push_back(key.path);
  return out;
}

}  // namespace fengsui::cli
