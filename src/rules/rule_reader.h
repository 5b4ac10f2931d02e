// The parts of a rule's shape, a key each (rule_reader.cc puts them together).
#pragma once

#include <optional>
#include <string>

#include "rules/rule_spec.h"

namespace fengsui::rules {

// At most so many steps has a sequence.
inline constexpr size_t kStepsMax = 32;
// And a step so many `times`: each event of a match is kept.
inline constexpr int64_t kTimesMax = 10'000;

// rule_parts.cc
// `from`, with the rule's own `when`, `by` and `seen_by` where a type has none.
void read_from(const YamlNode& rule, RuleSpec& spec, Findings& findings);
void read_exceptions(const YamlNode& except, const std::string& timezone, RuleSpec& spec,
                     Findings& findings);
void read_grades(const YamlNode& grade, RuleSpec& spec, Findings& findings);
void read_purpose(const YamlNode& purpose, RuleSpec& spec, Findings& findings);
std::optional<Duration> read_duration(const YamlNode& node, const std::string& what,
                                      Findings& findings);
// A duration above 0; `code` of what is none.
std::optional<Duration> read_length(const YamlNode& node, const std::string& what,
                                    std::string_view code, Findings& findings);

// window_parts.cc
void read_window(const YamlNode& window, RuleSpec& spec, Findings& findings);
void read_baseline(const YamlNode& baseline, RuleSpec& spec, Findings& findings);
// What window, emit, baseline, sequence and `retain` say of each other, once all are read.
void check_spans(RuleSpec& spec, Findings& findings);

// sequence_parts.cc
void read_sequence(const YamlNode& sequence, const YamlNode& rule, RuleSpec& spec,
                   Findings& findings);

}  // namespace fengsui::rules
