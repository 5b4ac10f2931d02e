#include "match/asking.h"

#include <algorithm>
#include <utility>

#include "base/byte_codec.h"

namespace fengsui::match {
namespace {

using Answer = MatchListener::Answer;

bool names_a_group(const cel::Value& value) {
  const cel::Kind kind = value.kind();
  return kind == cel::Kind::String || kind == cel::Kind::Int || kind == cel::Kind::Bool;
}

// One rule's answer to one event.
class Asking {
 public:
  Asking(const AskedRule& asked, const cel::Tables& tables, const event::Event& event)
      : asked_(asked), tables_(tables), event_(event) {}

  // Appends the event's matches if the answer is Matched; `error` is set where an expression erred,
  // `exception` where one held. `first`: where the event's matches begin.
  Answer answer(bool holds_already, std::vector<Match>& out, size_t first) {
    if (asked_.source->when && !holds_already) {
      const cel::Value holds = asked_.source->when->evaluate(tables_, event_.slots);
      if (!holds.is_true()) {
        if (holds.kind() == cel::Kind::Bool) return Answer::WhenFalse;
        error = holds.is_error() ? holds : cel::Value::error(cel::ErrorCode::NoMatchingOverload);
        return Answer::WhenError;
      }
    }
    if (const std::optional<size_t> holds = exception_of()) {
      exception = *holds;
      return Answer::Excepted;
    }
    // Kept between calls for their room.
    thread_local std::string group, captures;
    group.clear();
    captures.clear();
    if (!find_group(group)) return Answer::GroupMissing;
    Match match;
    match.rule = asked_.rule->index;
    if (asked_.rule->sequence) match.step = static_cast<uint8_t>(asked_.step());
    match.time = event_.time;
    ByteWriter values(captures);
    for (const cel::Program& capture : asked_.source->captures) {
      cel::encode_value(values, capture.evaluate(tables_, event_.slots));
    }
    const MatchBytes* beside = out.size() > first ? &out.back().bytes : nullptr;
    match.bytes = bytes_of_match(group, captures, beside);
    out.push_back(std::move(match));
    if (!asked_.source->seen_by.empty()) show_to_others(*asked_.source, out);
    return Answer::Matched;
  }

  cel::Value error;
  size_t exception = 0;

 private:
  // The first exception that is in force and holds.
  std::optional<size_t> exception_of() const {
    const std::vector<rules::Exception>& exceptions = asked_.source->exceptions;
    for (size_t i = 0; i < exceptions.size(); ++i) {
      if (exceptions[i].until && event_.time >= *exceptions[i].until) continue;
      if (exceptions[i].when.evaluate(tables_, event_.slots).is_true()) return i;
    }
    return std::nullopt;
  }

  // Copies of the event's own match, the last, for the groups that `seen_by` names: every choice of
  // a value of each name's list, the first name's slowest; each group once, never the own.
  void show_to_others(const rules::RuleSource& source, std::vector<Match>& out) const {
    std::vector<std::vector<cel::Value>> groups = {values_of(out.back().group())};
    for (size_t name = 0; name < source.seen_by.size(); ++name) {
      if (!source.seen_by[name]) continue;
      const cel::Value listed = source.seen_by[name]->evaluate(tables_, event_.slots);
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
      const std::string group = bytes_of(values);
      const bool is_there = std::any_of(out.begin() + static_cast<ptrdiff_t>(own), out.end(),
                                        [&](const Match& other) { return other.group() == group; });
      if (is_there) continue;
      Match seen = out[own];
      seen.only_seen = true;
      seen.bytes = bytes_of_match(group, out[own].captures(), &out[own].bytes);
      out.push_back(std::move(seen));
    }
  }

  MatchBytes bytes_of_match(std::string_view group, std::string_view captures,
                            const MatchBytes* beside) const {
    return MatchBytes::make(group, captures, {event_.source(), "#", event_.id()}, beside);
  }

  // Appends the stored form of the group's values.
  bool find_group(std::string& group) {
    ByteWriter out(group);
    if (!asked_.rule->has_by) {  // every event is a group of its own
      cel::encode_value(out, event_.slots[event::kSlotSource]);
      cel::encode_value(out, event_.slots[event::kSlotId]);
      return true;
    }
    for (const cel::Program& by : asked_.source->by) {
      cel::Value value = by.evaluate(tables_, event_.slots);
      if (!names_a_group(value)) {
        if (value.is_error()) error = std::move(value);
        return false;
      }
      cel::encode_value(out, value);
    }
    return true;
  }

  const AskedRule& asked_;
  const cel::Tables& tables_;
  const event::Event& event_;
};

}  // namespace

std::vector<AskedRule> asked_rules(const rules::RuleSet& rules, bool over_alerts) {
  std::vector<AskedRule> out;
  for (const auto& rule : rules.rules) {
    if (rule->mode == rules::Mode::Disabled || rule->over_alerts != over_alerts) continue;
    for (const rules::RuleSource& source : rule->sources) out.push_back({rule.get(), &source});
  }
  return out;
}

void ask(const AskedRule& asked, const cel::Tables& tables, const event::Event& event, bool holds,
         std::vector<Match>& out, size_t first, MatchListener* listener) {
  if (listener) listener->asking(*asked.rule);
  Asking asking(asked, tables, event);
  const Answer answer = asking.answer(holds, out, first);
  if (listener) {
    listener->asked({*asked.rule, asked.step(), event, answer, asking.error, asking.exception});
  }
}

}  // namespace fengsui::match
