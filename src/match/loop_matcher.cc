#include <unordered_map>
#include <utility>

#include "match/asking.h"

namespace fengsui::match {
namespace {

class LoopMatcher final : public Matcher {
 public:
  LoopMatcher(std::shared_ptr<const rules::RuleSet> rules, bool over_alerts)
      : rules_(std::move(rules)) {
    for (const AskedRule& asked : asked_rules(*rules_, over_alerts)) {
      by_type_[asked.source->type.get()].push_back(asked);
    }
  }

  void match(const event::Event& event, std::vector<Match>& out,
             MatchListener* listener) const override {
    const auto found = by_type_.find(event.type);
    if (found == by_type_.end()) return;
    const size_t first = out.size();
    for (const AskedRule& asked : found->second) {
      ask(asked, rules_->tables, event, false, out, first, listener);
    }
  }

 private:
  const std::shared_ptr<const rules::RuleSet> rules_;
  std::unordered_map<const event::EventType*, std::vector<AskedRule>> by_type_;  // in id order
};

}  // namespace

std::unique_ptr<Matcher> make_loop_matcher(std::shared_ptr<const rules::RuleSet> rules) {
  return std::make_unique<LoopMatcher>(std::move(rules), false);
}

std::unique_ptr<Matcher> make_alert_matcher(std::shared_ptr<const rules::RuleSet> rules) {
  return std::make_unique<LoopMatcher>(std::move(rules), true);
}

}  // namespace fengsui::match
