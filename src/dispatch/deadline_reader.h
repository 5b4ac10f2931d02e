// Reads a dispatch file's deadlines and working time. Not for callers of the folder.
#pragma once

#include <memory>
#include <string>

#include "dispatch/deadlines.h"
#include "rules/yaml_shape.h"

namespace fengsui::dispatch {

// Of the dispatch file alone.
inline constexpr const char* kBadDeadline = "FD110";
inline constexpr const char* kBadWorkingTime = "FD111";

// `above`: what holds where the node says nothing; null: the usual ones.
std::shared_ptr<const Deadlines> read_deadlines(const rules::YamlNode& node,
                                                const std::shared_ptr<const Deadlines>& above,
                                                rules::Findings& findings);
// `folder`: where the file of holidays is looked for.
WorkingTime read_working_time(const rules::YamlNode& node, const std::string& folder,
                              rules::Findings& findings);

}  // namespace fengsui::dispatch
