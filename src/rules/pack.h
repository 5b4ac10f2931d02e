// Loading a pack: a folder of YAML, CSV and text -> RuleSet, or every finding at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "rules/issue.h"
#include "rules/pack_files.h"
#include "rules/rule_set.h"
#include "rules/test_spec.h"

namespace fengsui::rules {

struct LoadedPack {
  std::shared_ptr<const RuleSet> rules;  // null if there is an error among the issues
  std::vector<Issue> issues;             // errors and warnings, sorted
  std::vector<TestSpec> tests;           // by file, then as written
};

// Reads `directory` whole. A folder that cannot be read is an issue, too. Never throws. `now`: to
// tell which exceptions are over; without it none is said to be.
LoadedPack load_pack(const std::string& directory, std::optional<EventTime> now = std::nullopt);
// The same of files in memory (read_pack_bytes() has those of a folder).
LoadedPack load_pack(PackBytes files, std::optional<EventTime> now = std::nullopt);
// The pack that a state has kept (RuleSet::files of when it was loaded).
Expected<std::shared_ptr<const RuleSet>> load_kept_pack(std::string_view framed);

}  // namespace fengsui::rules
