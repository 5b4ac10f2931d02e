// Reads a dispatch file's inhibition rules and time intervals. Not for callers of the folder.
#pragma once

#include <vector>

#include "dispatch/plan.h"
#include "rules/yaml_shape.h"

namespace fengsui::dispatch {

// Of the dispatch file alone.
inline constexpr const char* kBadInhibition = "FD108";
inline constexpr const char* kBadInterval = "FD109";

std::vector<InhibitRule> read_inhibit_rules(const rules::YamlNode& node, rules::Findings& findings);
TimeIntervals read_time_intervals(const rules::YamlNode& node, rules::Findings& findings);

}  // namespace fengsui::dispatch
