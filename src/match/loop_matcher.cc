#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/byte_codec.h"
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
  LoopMatcher(std::shared_ptr<const rules::RuleSet> rules, bool over_alerts)
      : rules_(std::move(rules)) {
    for (const auto& rule : rules_->rules) {
      if (rule->mode == rules::Mode::Disabled || rule->over_alerts != over_alerts) continue;
      for (const rules::RuleSource& source : rule->sources) {
        by_type_[source.type.get()].push_back({rule.get(), &source});
      }
    }
  }

  void match(const event::Event& event, std::vector<Match>& out,
             MatchListener* listener) const override {
    const auto found = by_type_.find(event.type);
    if (found == by_type_.end()) return;
    const size_t first = out.size();
    for (const Asked& asked : found->second) {
      cel::Value error;
      size_t exception = 0;
      if (listener) listener->asking(*asked.rule);
      const Answer answer = ask(asked, event, out, first, error, exception);
      if (listener) {
        listener->asked({*asked.rule, step_of(asked), event, answer, error, exception});
      }
    }
  }

 private:
  static size_t step_of(const Asked& asked) {
    return static_cast<size_t>(asked.source - asked.rule->sources.data());
  }

  // Appends the event's matches if the answer is Matched; `error` is set where an expression erred,
  // `exception` where one held. `first`: where the event's matches begin.
  Answer ask(const Asked& asked, const event::Event& event, std::vector<Match>& out, size_t first,
             cel::Value& error, size_t& exception) const {
    if (asked.source->when) {
      const cel::Value holds = asked.source->when->evaluate(rules_->tables, event.slots);
      if (!holds.is_true()) {
        if (holds.kind() == cel::Kind::Bool) return Answer::WhenFalse;
        error = holds.is_error() ? holds : cel::Value::error(cel::ErrorCode::NoMatchingOverload);
        return Answer::WhenError;
      }
    }
    if (const std::optional<size_t> holds = exception_of(asked, event)) {
      exception = *holds;
      return Answer::Excepted;
    }
    Match match;
    // Kept between calls for their room.
    thread_local std::string group, captures;
    group.clear();
    captures.clear();
    if (!find_group(asked, event, group, error)) return Answer::GroupMissing;
    match.rule = asked.rule->index;
    if (asked.rule->sequence) match.step = static_cast<uint8_t>(step_of(asked));
    match.time = event.time;
    ByteWriter values(captures);
    for (const cel::Program& capture : asked.source->captures) {
      cel::encode_value(values, capture.evaluate(rules_->tables, event.slots));
    }
    const MatchBytes* beside = out.size() > first ? &out.back().bytes : nullptr;
    match.bytes = bytes_of(event, group, captures, beside);
    out.push_back(std::move(match));
    if (!asked.source->seen_by.empty()) show_to_others(*asked.source, event, out);
    return Answer::Matched;
  }

  // The first exception that is in force and holds.
  std::optional<size_t> exception_of(const Asked& asked, const event::Event& event) const {
    const std::vector<rules::Exception>& exceptions = asked.source->exceptions;
    for (size_t i = 0; i < exceptions.size(); ++i) {
      if (exceptions[i].until && event.time >= *exceptions[i].until) continue;
      if (exceptions[i].when.evaluate(rules_->tables, event.slots).is_true()) return i;
    }
    return std::nullopt;
  }

  // Copies of the event's own match, the last, for the groups that `seen_by` names: every choice of
  // a value of each name's list, the first name's slowest; each group once, never the own.
  void show_to_others(const rules::RuleSource& source, const event::Event& event,
                      std::vector<Match>& out) const {
    std::vector<std::vector<cel::Value>> groups = {values_of(out.back().group())};
    for (size_t name = 0; name < source.seen_by.size(); ++name) {
      if (!source.seen_by[name]) continue;
      const cel::Value listed = source.seen_by[name]->evaluate(rules_->tables, event.slots);
      if (listed.kind() != cel::Kind::List) return;
      std::vector<std::vector<cel::Value>> more;
      for (const std::vector<cel::Value>& group : groups) {
        for (const cel::Value& value : listed.as_list()) {
          if (!names_a_group(value)) continue;
          more.push_back(group);
          more.back()[name] = value;
        }
      }
      groups = std::move(more);
    }
    const size_t own = out.size() - 1;
    for (const std::vector<cel::Value>& values : groups) {
      const std::string group = match::bytes_of(values);
      const bool is_there = std::any_of(out.begin() + static_cast<ptrdiff_t>(own), out.end(),
                                        [&](const Match& other) { return other.group() == group; });
      if (is_there) continue;
      Match seen = out[own];
      seen.only_seen = true;
      seen.bytes = bytes_of(event, group, out[own].captures(), &out[own].bytes);
      out.push_back(std::move(seen));
    }
  }

  static MatchBytes bytes_of(const event::Event& event, std::string_view group,
                             std::string_view captures, const MatchBytes* beside) {
    return MatchBytes::make(group, captures, {event.source(), "#", event.id()}, beside);
  }

  // Appends the stored form of the group's values.
  bool find_group(const Asked& asked, const event::Event& event, std::string& group,
                  cel::Value& error) const {
    ByteWriter out(group);
    if (!asked.rule->has_by) {  // every event is a group of its own
      cel::encode_value(out, event.slots[event::kSlotSource]);
      cel::encode_value(out, event.slots[event::kSlotId]);
      return true;
    }
    for (const cel::Program& by : asked.source->by) {
      cel::Value value = by.evaluate(rules_->tables, event.slots);
      if (!names_a_group(value)) {
        if (value.is_error()) error = std::move(value);
        return false;
      }
      cel::encode_value(out, value);
    }
    return true;
  }

  const std::shared_ptr<const rules::RuleSet> rules_;
  std::unordered_map<const event::EventType*, std::vector<Asked>> by_type_;  // rules in id order
};

}  // namespace

std::unique_ptr<Matcher> make_loop_matcher(std::shared_ptr<const rules::RuleSet> rules) {
  return std::make_unique<LoopMatcher>(std::move(rules), false);
}

std::unique_ptr<Matcher> make_alert_matcher(std::shared_ptr<const rules::RuleSet> rules) {
  return std::make_unique<LoopMatcher>(std::move(rules), true);
}

}  // namespace fengsui::match
