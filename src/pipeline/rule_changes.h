// What a change of packs does to each rule (rules.md, "Changing a running pack").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/rule_set.h"

namespace fengsui::pipeline {

struct RuleChanges {
  // By the old pack's index: the rule of the same id in the new one, and whether its state and open
  // episodes stay, since all that decides them is the same.
  struct Next {
    std::optional<RuleIndex> same_id;
    bool keeps_state = false;
  };
  std::vector<Next> next;
  // Ids, sorted. Fresh: it begins without state, since it is new or another than before.
  std::vector<std::string> kept, fresh, removed;
};

RuleChanges rule_changes(const rules::RuleSet& from, const rules::RuleSet& to);

}  // namespace fengsui::pipeline
