#include <unordered_map>
#include <utility>

#include "match/matcher.h"

namespace fengsui::match {
namespace {

using Answer = MatchListener::Answer;

// A rule and what it does with events of one type.
struct Asked {
  const rules::Rule* rule;
  const rules::RuleSource* source;
};

bool names_a_group(const cel::Value& value) {
  const cel::Kind kind = value.kind();
  return kind == cel::Kind::String || kind == cel::Kind::Int || kind == cel::Kind::Bool;
}

class LoopMatcher final : public Matcher {
 public:
  explicit LoopMatcher(std::shared_ptr<const rules::RuleSet> rules) : rules_(std::move(rules)) {
    for (const auto& rule : rules_->rules) {
      if (rule->mode == rules::Mode::Disabled) continue;
      for (const rules::RuleSource& source : rule->sources) {
        by_type_[source.type.get()].push_back({rule.get(), &source});
      }
    }
  }

  void match(const event::Event& event, std::vector<Match>& out,
             MatchListener* listener) const override {
    const auto found = by_type_.find(event.type);
    if (found == by_type_.end()) return;
    for (const Asked& asked : found->second) {
      cel::Value error;
      const Answer answer = ask(asked, event, out, error);
      if (listener) {
        const size_t source = static_cast<size_t>(asked.source - asked.rule->sources.data());
        listener->asked({*asked.rule, source, event, answer, error});
      }
    }
  }

 private:
  // Appends a match if the answer is Matched; `error` is set where an expression erred.
  Answer ask(const Asked& asked, const event::Event& event, std::vector<Match>& out,
             cel::Value& error) const {
    if (asked.source->when) {
      const cel::Value holds = asked.source->when->evaluate(rules_->tables, event.slots);
      if (!holds.is_true()) {
        if (holds.kind() == cel::Kind::Bool) return Answer::WhenFalse;
        error = holds.is_error() ? holds : cel::Value::error(cel::ErrorCode::NoMatchingOverload);
        return Answer::WhenError;
      }
    }
    Match match;
    if (!find_group(asked, event, match.group, error)) return Answer::GroupMissing;
    match.rule = asked.rule->index;
    match.time = event.time;
    match.event = event.source() + "#" + event.id();
    match.captures.reserve(asked.source->captures.size());
    for (const cel::Program& capture : asked.source->captures) {
      match.captures.push_back(capture.evaluate(rules_->tables, event.slots));
    }
    out.push_back(std::move(match));
    return Answer::Matched;
  }

  bool find_group(const Asked& asked, const event::Event& event, std::vector<cel::Value>& group,
                  cel::Value& error) const {
    if (!asked.rule->has_by) {  // every event is a group of its own
      group = {event.slots[event::kSlotSource], event.slots[event::kSlotId]};
      return true;
    }
    group.reserve(asked.source->by.size());
    for (const cel::Program& by : asked.source->by) {
      cel::Value value = by.evaluate(rules_->tables, event.slots);
      if (!names_a_group(value)) {
        if (value.is_error()) error = std::move(value);
        return false;
      }
      group.push_back(std::move(value));
    }
    return true;
  }

  const std::shared_ptr<const rules::RuleSet> rules_;
  std::unordered_map<const event::EventType*, std::vector<Asked>> by_type_;  // rules in id order
};

}  // namespace

std::unique_ptr<Matcher> make_loop_matcher(std::shared_ptr<const rules::RuleSet> rules) {
  return std::make_unique<LoopMatcher>(std::move(rules));
}

}  // namespace fengsui::match
