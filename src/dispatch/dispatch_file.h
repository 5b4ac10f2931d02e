// dispatch.yaml: which queue alerts go to, and what the queues' sinks are. Words and semantics of
// routing are Alertmanager's (alerts.md); those not built yet are refused by name, with the place.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dispatch/kafka_connection.h"
#include "dispatch/plan.h"
#include "rules/issue.h"

namespace fengsui::dispatch {

// The reserved queue of records that could not be decoded, or came too late.
inline constexpr const char* kDeadLetterQueue = "dead-letters";

struct FileSinkSpec {
  std::string path;  // relative to the working directory
  friend bool operator==(const FileSinkSpec&, const FileSinkSpec&) = default;
};

struct KafkaSinkSpec {
  KafkaConnection connection;
  std::string topic;
  friend bool operator==(const KafkaSinkSpec&, const KafkaSinkSpec&) = default;
};

struct WebhookSinkSpec {
  std::string url;
  std::string secret_file, ca_file;  // may be empty
  Duration timeout = std::chrono::seconds{10};
  friend bool operator==(const WebhookSinkSpec&, const WebhookSinkSpec&) = default;
};

using SinkSpec = std::variant<FileSinkSpec, KafkaSinkSpec, WebhookSinkSpec>;

struct QueueSpec {
  std::string name;  // [A-Za-z0-9_.-]+
  SinkSpec sink;
  friend bool operator==(const QueueSpec&, const QueueSpec&) = default;
};

struct DispatchFile {
  Plan plan;                      // each of its queues is one of `queues`, if there are any
  std::vector<QueueSpec> queues;  // in file order
};

// What the file is read for: a service needs the queues.
enum class DispatchUse : uint8_t { Service, Routing };

struct LoadedDispatchFile {
  std::optional<DispatchFile> file;  // absent if there is an error among the issues
  std::vector<rules::Issue> issues;
};

// Reads the file at `path`; that it cannot be read is an issue, too.
LoadedDispatchFile load_dispatch_file(const std::string& path,
                                      DispatchUse use = DispatchUse::Service);
// The same of text that is at hand; `name` stands in the issues.
LoadedDispatchFile read_dispatch_file(const std::string& name, std::string text,
                                      DispatchUse use = DispatchUse::Service);

}  // namespace fengsui::dispatch
