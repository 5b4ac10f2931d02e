// A rule as written: the shape is checked, names and expressions are not yet. Nodes belong to the
// file's tree, which outlives the spec.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rules/rule_set.h"
#include "rules/yaml.h"

namespace fengsui::rules {

struct SourceSpec {
  const YamlNode* type = nullptr;     // the event type's name
  const YamlNode* when = nullptr;     // null: every event
  const YamlNode* by = nullptr;       // null: no groups
  const YamlNode* seen_by = nullptr;  // null: the event's own group alone
};

struct ExceptionSpec {
  const YamlNode* name = nullptr;
  const YamlNode* when = nullptr;
  std::optional<EventTime> until;
};

struct StepSpec {
  const YamlNode* node = nullptr;
  SourceSpec source;
  const YamlNode* as = nullptr;  // null: the step has no name
  bool absent = false;
  uint64_t times = 1;
};

struct SequenceSpec {
  const YamlNode* node = nullptr;
  const YamlNode* within_node = nullptr;
  Duration within{};
  std::vector<StepSpec> steps;
};

struct BaselineSpec {
  const YamlNode* node = nullptr;
  const YamlNode* of = nullptr;  // the name of a let
  Duration every{};
  int64_t keep = 0;
};

struct LetSpec {
  const YamlNode* name = nullptr;
  const YamlNode* value = nullptr;
};

struct GradeSpec {
  Grade grade = Grade::None;
  const YamlNode* name = nullptr;
  const YamlNode* condition = nullptr;  // null: holds at every evaluation
};

struct RuleSpec {
  const YamlNode* node = nullptr;
  const YamlNode* id_node = nullptr;  // null: none is given
  std::string id;
  std::string title;
  std::vector<SourceSpec> sources;  // of a sequence: none
  bool over_alerts = false;         // from: alert
  std::vector<ExceptionSpec> exceptions;
  const YamlNode* window_node = nullptr;
  WindowSpec window;
  bool lasts_as_retained = false;  // a count window without `within`
  Emit emit = Emit::Event;
  Order order = Order::Arrival;
  std::optional<SequenceSpec> sequence;
  std::optional<BaselineSpec> baseline;
  std::vector<LetSpec> lets;
  std::vector<GradeSpec> grades;  // highest first
  const YamlNode* message = nullptr;
  std::map<std::string, std::string> labels;
  std::optional<Duration> quiet;
  Mode mode = Mode::Live;
  const YamlNode* purpose_node = nullptr;
  const YamlNode* retain_node = nullptr;
  Purpose purpose;

  // For findings about the rule as a whole: its id, or where it begins.
  const YamlNode& place() const { return id_node != nullptr ? *id_node : *node; }
};

// The rules of one file's document, in order. `timezone`: the pack's.
std::vector<RuleSpec> read_rules(const YamlNode& document, const std::string& timezone,
                                 Findings& findings);

}  // namespace fengsui::rules
