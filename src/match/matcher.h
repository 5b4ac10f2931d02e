// Which rules does an event match, and in which group? The indexed matcher's cost follows the
// number of rules that match; the loop, which asks every rule of the type in turn, is the plain
// reference that it is fuzzed against.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "event/event.h"
#include "match/match.h"
#include "rules/rule_set.h"

namespace fengsui::match {

// Told about each rule that was asked; used by `explain` and metrics. Absent, it costs nothing.
class MatchListener {
 public:
  enum class Answer : uint8_t { Matched, WhenFalse, WhenError, Excepted, GroupMissing };
  virtual ~MatchListener() = default;
  // `source`: of the rule that was asked (of a sequence: the step). `exception`: index into
  // Rule::exceptions, of Excepted. `event`: of the call.
  struct Asked {
    const rules::Rule& rule;
    size_t source = 0;
    const event::Event& event;
    Answer answer = Answer::Matched;
    const cel::Value& error;
    size_t exception = 0;
  };
  virtual void asked(const Asked& asked) = 0;
  // Before it is asked.
  virtual void asking(const rules::Rule&) {}
};

// Const and thread-safe after construction; the RuleSet must outlive it.
class Matcher {
 public:
  virtual ~Matcher() = default;
  // Appends the matches of `event` in rule id order, of a sequence in the order of its steps, an
  // event's own group before those that only see it (`seen_by`); with rule, step, time, group,
  // captures and event name set (partition, arrival and lateness are the caller's).
  virtual void match(const event::Event& event, std::vector<Match>& out,
                     MatchListener* listener = nullptr) const = 0;
};

// Over the rules that sources' events may match. Tells a listener of every answer but most of those
// that are WhenFalse.
std::unique_ptr<Matcher> make_indexed_matcher(std::shared_ptr<const rules::RuleSet> rules);
// The same rules; tells of every answer.
std::unique_ptr<Matcher> make_loop_matcher(std::shared_ptr<const rules::RuleSet> rules);
// Over the rules over alerts; its events are of RuleSet::alert_type.
std::unique_ptr<Matcher> make_alert_matcher(std::shared_ptr<const rules::RuleSet> rules);

}  // namespace fengsui::match
