// fengsui.yaml: one file, every key with a default, each documented in deploy/fengsui.yaml and, if
// it is a single value, settable by FENGSUI_SECTION_KEY (the environment wins). Unknown keys are
// errors with place and nearest known key. Secrets come from files.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "rules/issue.h"

namespace fengsui::cli {

struct KafkaSourceSetting {
  std::string brokers;
  std::vector<std::string> topics;
  std::map<std::string, std::string> properties;  // librdkafka's own names
};

struct FileSourceSetting {
  std::string path;
  bool follow = true;
};

struct SourceSetting {
  std::string name;
  std::variant<KafkaSourceSetting, FileSourceSetting> kind;
};

struct Configuration {
  std::string pack;  // empty: the default pack
  bool pack_watch = true;
  std::string dispatch;  // empty: one queue `duty`, a file beside the state
  std::string keys;      // empty: no key file
  struct State {
    std::string directory = "fengsui-state";
    Duration checkpoint_interval = std::chrono::seconds{30};
    uint64_t checkpoint_journal_bytes = 256 << 20;
    uint64_t cache_bytes = 1 << 30;  // groups in memory, with what the store keeps there
  } state;
  struct Archive {
    bool enabled = true;
    std::string directory;  // empty: beside the store
    Duration segment = std::chrono::hours{1};
    uint64_t segment_bytes_max = 256 << 20;
  } archive;
  struct Server {
    std::string address = "127.0.0.1";
    uint16_t port = 8600;  // 0: any free one
    uint64_t body_bytes_max = 16 << 20;
    uint64_t connections_max = 1024;
  } server;
  struct Time {
    Duration out_of_orderness{0};
    Duration allowed_lateness{0};
    Duration idle_after = std::chrono::seconds{30};
    Duration dedupe_horizon = std::chrono::hours{1};
    Duration clock_skew_max = std::chrono::minutes{5};
  } time;
  struct Limits {
    uint64_t record_bytes_max = 1 << 20;
    uint64_t queue_batches_max = 1024;
    uint64_t queue_bytes_max = 8 << 20;
  } limits;
  struct Log {
    LogFormat format = LogFormat::Text;
    std::string level = "info";
  } log;
  std::vector<SourceSetting> sources;
};

struct LoadedConfiguration {
  Configuration configuration;
  std::vector<rules::Issue> issues;  // with errors among them: not to be used
};

// `path` empty: defaults and the environment alone. Relative paths in a file are relative to the
// working directory. `environment(name)`: a variable's value, null if it is not set.
using Environment = const char* (*)(const char* name);
LoadedConfiguration load_configuration(const std::string& path, Environment environment);

// All keys that are single values, as "section.key" or "key"; deploy/fengsui.yaml must name each.
std::vector<std::string> configuration_keys();

}  // namespace fengsui::cli
