// An alert record: what an episode says when it opens, is raised, or clears (rules.md, "Alerts from
// hits"), and its two JSON forms: replay's line and the queue message.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "cel/value.h"
#include "rules/rule_set.h"

namespace fengsui::alert {

enum class RecordKind : uint8_t { Open, Raise, Clear };
inline constexpr const char* kRecordKindNames[] = {"open", "raise", "clear"};

// What of an alert's labels may differ between its records.
struct Told {
  rules::Grade grade = rules::Grade::None;
  std::optional<std::string> area;
};

struct Record {
  RecordKind kind = RecordKind::Open;
  std::string alert;    // 16 hex digits
  uint32_t number = 1;  // of this record within its alert, from 1
  RuleIndex rule{};
  rules::Grade grade = rules::Grade::None;
  EventTime time{};
  std::vector<cel::Value> group;  // printed by Rule::group_names; source, id without `by`
  // Open and raise:
  std::vector<std::pair<std::string, cel::Value>> values;  // lets that did not err, in rule order
  std::vector<std::string> evidence;                       // "source#id", oldest first
  std::optional<std::string> area;
  std::optional<std::string> message;
  // Clear:
  uint64_t hits = 0;
  EventTime opened{}, last{};
  // Of the open and the raises so far, this one among them: who heard of one hears of what follows.
  std::vector<Told> told;
};

// By which an alert is routed: the rule's own, `rule`, `grade`, and `area` if it has one.
std::map<std::string, std::string, std::less<>> labels_of(const rules::Rule& rule,
                                                          const Told& told);

// One JSON object, without the line feed, as `fengsui replay` prints it.
std::string replay_line(const Record& record, const rules::Rule& rule);

// The queue message: the same fields, `schema` ("fengsui.alert/1"), `record` (its number), `title`
// and `department` of the rule, and `pack` (the hash of the pack that the rule is of). Its schema,
// with what the desk adds for a queue: include/fengsui/alert-1.schema.json.
std::string queue_message(const Record& record, const rules::Rule& rule,
                          std::string_view pack_hash);

}  // namespace fengsui::alert
