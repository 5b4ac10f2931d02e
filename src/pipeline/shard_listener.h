// Told of what happens behind the log, by the code that does it: what `rules explain`, coverage and
// cost are made from. Absent, it costs a test of a pointer.
#pragma once

#include <span>
#include <vector>

#include "alert/evaluation.h"
#include "alert/record.h"
#include "base/ids.h"
#include "base/time.h"
#include "cel/value.h"
#include "match/matcher.h"
#include "rules/rule_set.h"
#include "window/entry.h"

namespace fengsui::pipeline {

// What became of a match, or of a partial match, of a sequence.
enum class SequenceEvent : uint8_t {
  Started,   // a new partial match
  Extended,  // the newest that it fits, not yet complete
  Completed,
  Killed,   // by an absent step
  Expired,  // first + within has passed
  Evicted,  // the oldest of more than kPartialMatchesMax
  NoFit,    // the event changed nothing in this group
};

class ShardListener {
 public:
  // Views: of the call. `entries`: what the evaluation saw, oldest first.
  struct Evaluated {
    const rules::Rule& rule;
    std::vector<cel::Value> group;
    EventTime time{};
    window::EntrySpan entries;
    const alert::Evaluation& evaluation;
  };
  // An event that was put into a window's group, evaluated or not.
  struct Offered {
    const rules::Rule& rule;
    std::vector<cel::Value> group;
    const window::Entry& entry;
    bool late = false;
    bool left_out = false;   // of every window that it belongs to: they are closed
    bool only_seen = false;  // `seen_by`
  };
  struct Step {
    const rules::Rule& rule;
    std::vector<cel::Value> group;
    SequenceEvent what = SequenceEvent::NoFit;
    size_t step = 0;            // of the rule's sequence
    window::EntrySpan entries;  // of the partial match, oldest first
    EventTime time{};  // of the event that did it; of Expired and Evicted: of the match's last one
  };
  // What of a step's `when` reads earlier steps was asked for a partial match, over this row.
  struct Tried {
    const rules::Rule& rule;
    std::vector<cel::Value> group;
    size_t step = 0;
    window::EntrySpan entries;        // of the partial match, oldest first
    std::string event;                // that was tried, "source#id"
    EventTime time{};                 // its own
    std::span<const cel::Value> row;  // SequenceStep::condition's
  };

  virtual ~ShardListener() = default;
  // Who is told which rules over alerts are asked about a record; null: nobody.
  virtual match::MatchListener* matches() { return nullptr; }
  // Round all that the shard does for a match or a timer of the rule.
  virtual void begins(const rules::Rule&) {}
  virtual void ends(const rules::Rule&) {}
  virtual void evaluated(const Evaluated&) {}
  virtual void offered(const Offered&) {}
  virtual void tried(const Tried&) {}
  virtual void stepped(const Step&) {}
  // Each record, of rules in shadow too.
  virtual void recorded(const rules::Rule&, const alert::Record&) {}
};

// Tells the listener, if there is one, that work for the rule begins, and at its own end that it
// ends.
class ListenedWork {
 public:
  ListenedWork(ShardListener* listener, const rules::Rule& rule)
      : listener_(listener), rule_(rule) {
    if (listener_ != nullptr) listener_->begins(rule_);
  }
  ~ListenedWork() {
    if (listener_ != nullptr) listener_->ends(rule_);
  }
  ListenedWork(const ListenedWork&) = delete;
  ListenedWork& operator=(const ListenedWork&) = delete;

 private:
  ShardListener* listener_;
  const rules::Rule& rule_;
};

}  // namespace fengsui::pipeline
