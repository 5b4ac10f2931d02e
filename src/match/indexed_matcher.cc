#include <unordered_map>
#include <utility>

#include "match/asking.h"
#include "match/when_index.h"

namespace fengsui::match {
namespace {

class IndexedMatcher final : public Matcher {
 public:
  explicit IndexedMatcher(std::shared_ptr<const rules::RuleSet> rules) : rules_(std::move(rules)) {
    std::unordered_map<const event::EventType*, std::vector<AskedRule>> by_type;
    for (const AskedRule& asked : asked_rules(*rules_, false)) {
      by_type[asked.source->type.get()].push_back(asked);
    }
    for (auto& [type, asked] : by_type) {
      std::vector<const cel::Program*> whens;
      for (const AskedRule& one : asked) {
        whens.push_back(one.source->when ? &*one.source->when : nullptr);
      }
      by_type_.emplace(type, OfType{std::move(asked), WhenIndex(whens, rules_->tables)});
    }
  }

  void match(const event::Event& event, std::vector<Match>& out,
             MatchListener* listener) const override {
    const auto of_type = by_type_.find(event.type);
    if (of_type == by_type_.end()) return;
    // Its size is that of the largest pack that the thread has matched.
    thread_local Scratch scratch;
    thread_local std::vector<WhenIndex::Found> found;
    found.clear();
    of_type->second.index.find(event.slots, scratch, found);
    const size_t first = out.size();
    for (const WhenIndex::Found& one : found) {
      ask(of_type->second.asked[one.rule], rules_->tables, event, one.holds, out, first, listener);
    }
  }

 private:
  struct OfType {
    std::vector<AskedRule> asked;  // in the order of answers
    WhenIndex index;
  };
  const std::shared_ptr<const rules::RuleSet> rules_;
  std::unordered_map<const event::EventType*, OfType> by_type_;
};

}  // namespace

std::unique_ptr<Matcher> make_indexed_matcher(std::shared_ptr<const rules::RuleSet> rules) {
  return std::make_unique<IndexedMatcher>(std::move(rules));
}

}  // namespace fengsui::match
