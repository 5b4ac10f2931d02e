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
  const YamlNode* type = nullptr;  // the event type's name
  const YamlNode* when = nullptr;  // null: every event
  const YamlNode* by = nullptr;    // null: no groups
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
  std::vector<SourceSpec> sources;
  bool over_alerts = false;  // from: alert
  WindowSpec window;
  std::vector<LetSpec> lets;
  std::vector<GradeSpec> grades;  // highest first
  const YamlNode* message = nullptr;
  std::map<std::string, std::string> labels;
  std::optional<Duration> quiet;
  Mode mode = Mode::Live;
  const YamlNode* purpose_node = nullptr;
  Purpose purpose;

  // For findings about the rule as a whole: its id, or where it begins.
  const YamlNode& place() const { return id_node != nullptr ? *id_node : *node; }
};

// The rules of one file's document, in order.
std::vector<RuleSpec> read_rules(const YamlNode& document, Findings& findings);

}  // namespace fengsui::rules
