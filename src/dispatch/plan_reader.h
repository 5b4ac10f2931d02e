// Reads a dispatch file's inhibition rules and time intervals. Not for callers of the folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dispatch/plan.h"
#include "rules/yaml_shape.h"

namespace fengsui::dispatch {

// Of the dispatch file alone.
inline constexpr const char* kBadInhibition = "FD108";
inline constexpr const char* kBadInterval = "FD109";

// The value of `key`, "08:30" as a minute of the day; a finding of `code` otherwise.
std::optional<int> read_minute(const rules::YamlNode& node, const char* key, const char* code,
                               rules::Findings& findings);
// The value of `location`.
void read_time_zone(const rules::YamlNode& node, const char* code, std::string& zone,
                    rules::Findings& findings);

std::vector<InhibitRule> read_inhibit_rules(const rules::YamlNode& node, rules::Findings& findings);
TimeIntervals read_time_intervals(const rules::YamlNode& node, rules::Findings& findings);

}  // namespace fengsui::dispatch
