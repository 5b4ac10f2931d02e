// What changed from one pack to the next, rule by rule, and whether a swap would keep a rule's
// state (rules.md, "Changing a running pack").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/rule_set.h"

namespace fengsui::author {

enum class RuleFate : uint8_t {
  Kept,     // state and open episodes go on
  Fresh,    // starts afresh; open episodes end with a clear
  New,      // was not there, or was disabled
  Removed,  // is not there any more, or is disabled
};
inline constexpr const char* kRuleFateNames[] = {"kept", "fresh", "new", "removed"};

struct RuleChange {
  std::string rule;
  RuleFate fate = RuleFate::Kept;
  // Keys of the rule that are otherwise ("when", "window", "let n", "grade red"); of a kept one
  // those that its state does not depend on.
  std::vector<std::string> changed;
};

// By rule id; of every rule in either, disabled ones left out where they are so in both.
std::vector<RuleChange> rule_changes(const rules::RuleSet& before, const rules::RuleSet& after);

}  // namespace fengsui::author
