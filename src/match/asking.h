// Asking one rule about one event: the part that every Matcher shares. Not for callers of the
// folder.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "match/matcher.h"

namespace fengsui::match {

// A rule and what it does with events of one type.
struct AskedRule {
  const rules::Rule* rule;
  const rules::RuleSource* source;

  size_t step() const { return static_cast<size_t>(source - rule->sources.data()); }
};

// Those of `rules` (over alerts or not) that are not disabled: in the order that Matcher promises.
std::vector<AskedRule> asked_rules(const rules::RuleSet& rules, bool over_alerts);

// Appends the event's matches if the answer is Matched, and tells the listener (may be null).
// `holds`: `when` is known to be true. `first`: where the event's matches begin.
void ask(const AskedRule& asked, const cel::Tables& tables, const event::Event& event, bool holds,
         std::vector<Match>& out, size_t first, MatchListener* listener);

}  // namespace fengsui::match
