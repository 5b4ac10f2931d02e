#include "match/indexed_matcher.h"

#include <utility>

#include "match/asking.h"

namespace fengsui::match {

IndexedMatcher::IndexedMatcher(std::shared_ptr<const rules::RuleSet> rules,
                               const std::vector<Sample>& samples)
    : rules_(std::move(rules)), asked_(*rules_, false) {
  for (size_t i = 0; i < asked_.types().size(); ++i) {
    std::vector<const cel::Program*> whens;
    for (const AskedRule& one : asked_.types()[i].rules()) whens.push_back(one.when());
    indexes_.emplace_back(whens, rules_->tables, samples.empty() ? Sample() : samples[i]);
  }
}

void IndexedMatcher::match(const event::Event& event, std::vector<Match>& out,
                           MatchListener* listener) const {
  const size_t type = type_of(event);
  if (type == AskedRules::kNone) return;
  // Its size is that of the largest pack that the thread has matched.
  thread_local Scratch scratch;
  thread_local std::vector<WhenIndex::Found> found;
  found.clear();
  indexes_[type].find(event.slots, scratch, found);
  if (found.empty()) return;
  const RulesOfType& rules = asked_.types()[type];
  for (const WhenIndex::Found& one : found) __builtin_prefetch(&rules.rules()[one.rule]);
  Asking asking(rules, rules_->tables, event, out, listener);
  for (const WhenIndex::Found& one : found) asking.ask(rules.rules()[one.rule], one.holds);
}

std::unique_ptr<Matcher> make_indexed_matcher(std::shared_ptr<const rules::RuleSet> rules) {
  return std::make_unique<IndexedMatcher>(std::move(rules));
}

}  // namespace fengsui::match
