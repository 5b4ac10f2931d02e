// dispatch.yaml: which queue alerts go to, and what the queues' sinks are. Words and semantics of
// routing are Alertmanager's (alerts.md); those not built yet are refused by name, with the place.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dispatch/kafka_connection.h"
#include "rules/issue.h"

namespace fengsui::dispatch {

// The reserved queue of records that could not be decoded, or came too late.
inline constexpr const char* kDeadLetterQueue = "dead-letters";

struct FileSinkSpec {
  std::string path;  // relative to the working directory
};

struct KafkaSinkSpec {
  KafkaConnection connection;
  std::string topic;
};

using SinkSpec = std::variant<FileSinkSpec, KafkaSinkSpec>;

struct QueueSpec {
  std::string name;  // [A-Za-z0-9_.-]+
  SinkSpec sink;
};

struct DispatchFile {
  std::string root_queue;         // of the root route; one of `queues`
  std::vector<QueueSpec> queues;  // in file order
};

struct LoadedDispatchFile {
  std::optional<DispatchFile> file;  // absent if there is an error among the issues
  std::vector<rules::Issue> issues;
};

// Reads the file at `path`; that it cannot be read is an issue, too.
LoadedDispatchFile load_dispatch_file(const std::string& path);
// The same of text that is at hand; `name` stands in the issues.
LoadedDispatchFile read_dispatch_file(const std::string& name, std::string text);

}  // namespace fengsui::dispatch
