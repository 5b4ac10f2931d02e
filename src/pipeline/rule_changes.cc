#include "pipeline/rule_changes.h"

namespace fengsui::pipeline {

// Both are sorted by id.
RuleChanges rule_changes(const rules::RuleSet& from, const rules::RuleSet& to) {
  RuleChanges changes;
  changes.next.resize(from.rules.size());
  size_t old = 0;
  const auto pass_removed = [&](const rules::Rule* before) {
    for (; old < from.rules.size() && (!before || from.rules[old]->id < before->id); ++old) {
      changes.removed.push_back(from.rules[old]->id);
    }
  };
  for (const auto& rule : to.rules) {
    pass_removed(rule.get());
    if (old == from.rules.size() || from.rules[old]->id != rule->id) {
      changes.fresh.push_back(rule->id);
      continue;
    }
    const bool keeps = from.rules[old]->version == rule->version;
    changes.next[old++] = {rule->index, keeps};
    (keeps ? changes.kept : changes.fresh).push_back(rule->id);
  }
  pass_removed(nullptr);
  return changes;
}

}  // namespace fengsui::pipeline
