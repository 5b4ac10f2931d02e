#include <utility>

#include "match/asking.h"
#include "match/when_index.h"

namespace fengsui::match {
namespace {

class IndexedMatcher final : public Matcher {
 public:
  explicit IndexedMatcher(std::shared_ptr<const rules::RuleSet> rules)
      : rules_(std::move(rules)), asked_(*rules_, false) {
    for (const RulesOfType& type : asked_.types()) {
      std::vector<const cel::Program*> whens;
      for (const AskedRule& one : type.rules()) whens.push_back(one.when());
      indexes_.emplace_back(whens, rules_->tables);
    }
  }

  void match(const event::Event& event, std::vector<Match>& out,
             MatchListener* listener) const override {
    const size_t type = asked_.find(event.type);
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

 private:
  const std::shared_ptr<const rules::RuleSet> rules_;
  const AskedRules asked_;
  std::vector<WhenIndex> indexes_;  // by type
};

}  // namespace

std::unique_ptr<Matcher> make_indexed_matcher(std::shared_ptr<const rules::RuleSet> rules) {
  return std::make_unique<IndexedMatcher>(std::move(rules));
}

}  // namespace fengsui::match
