// The parts of a rule's shape, a key each (rule_reader.cc puts them together).
#pragma once

#include <optional>
#include <string>

#include "rules/rule_spec.h"

namespace fengsui::rules {

// `from`, with the rule's own `when` and `by` where a type has none.
void read_from(const YamlNode& rule, RuleSpec& spec, Findings& findings);
WindowSpec read_window(const YamlNode& window, Findings& findings);
void read_grades(const YamlNode& grade, RuleSpec& spec, Findings& findings);
void read_purpose(const YamlNode& purpose, RuleSpec& spec, Findings& findings);

std::optional<Duration> read_duration(const YamlNode& node, const std::string& what,
                                      Findings& findings);
void not_built_yet(const YamlNode& node, const char* code, const std::string& what,
                   Findings& findings);

}  // namespace fengsui::rules
