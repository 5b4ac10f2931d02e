#include <utility>

#include "match/asking.h"

namespace fengsui::match {
namespace {

class LoopMatcher final : public Matcher {
 public:
  LoopMatcher(std::shared_ptr<const rules::RuleSet> rules, bool over_alerts)
      : rules_(std::move(rules)), asked_(*rules_, over_alerts) {}

  void match(const event::Event& event, std::vector<Match>& out,
             MatchListener* listener) const override {
    const size_t type = asked_.find(event.type);
    if (type == AskedRules::kNone) return;
    const RulesOfType& rules = asked_.types()[type];
    Asking asking(rules, rules_->tables, event, out, listener);
    for (const AskedRule& asked : rules.rules()) asking.ask(asked, false);
  }

 private:
  const std::shared_ptr<const rules::RuleSet> rules_;
  const AskedRules asked_;
};

}  // namespace

std::unique_ptr<Matcher> make_loop_matcher(std::shared_ptr<const rules::RuleSet> rules) {
  return std::make_unique<LoopMatcher>(std::move(rules), false);
}

std::unique_ptr<Matcher> make_alert_matcher(std::shared_ptr<const rules::RuleSet> rules) {
  return std::make_unique<LoopMatcher>(std::move(rules), true);
}

}  // namespace fengsui::match
