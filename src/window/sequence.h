// The partial matches of one group of a sequence (rules.md, "Sequences"): the state machine alone;
// hits and records are the caller's.
//
// At most kPartialMatchesMax are kept, so that an event costs as many comparisons at most; what a
// match keeps of its events is its row and the newest kMatchEventsKept of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/byte_codec.h"
#include "cel/tables.h"
#include "cel/value.h"
#include "match/match.h"
#include "rules/rule_set.h"
#include "window/entries.h"
#include "window/timers.h"

namespace fengsui::window {

inline constexpr size_t kPartialMatchesMax = 64;
inline constexpr size_t kMatchEventsKept = 20;  // what a record names

struct PartialMatch {
  EntryKey first{};             // names it: an event begins at most one
  size_t step = 0;              // the present step that is to come; of a last absence: that step
  uint64_t taken = 0;           // events of that step's `times` so far
  uint64_t number = 0;          // of the timer of its last absence
  std::vector<cel::Value> row;  // Rule::captures of them
  Entries events;  // the newest of its events, without captures; the last is the newest
};

class PartialMatches {
 public:
  enum class Turn : uint8_t { Started, Extended, Completed, Killed, Expired, Evicted };
  struct Observer {
    // What becomes of each match; `step`: the one that was reached, or that killed it.
    std::function<void(Turn, size_t step, const PartialMatch&)> turned;
    // A step's condition was asked for this match, over this row.
    std::function<void(size_t step, const PartialMatch&, std::span<const cel::Value> row)> tried;
  };

  struct Offer {
    // Of one event: those of its steps that it fits as far as it alone tells, in step order.
    std::span<match::Match* const> matches;
    const rules::Rule& rule;
    const cel::Tables& tables;
    Room& room;
    EventTime reached{};                 // the engine's watermark
    const Observer* observer = nullptr;  // may be null
  };
  struct Outcome {
    bool changed = false;                        // something was started, extended or killed
    bool evicted = false;                        // beyond the limit
    std::optional<PartialMatch> completed = {};  // its last step is present and reached
  };
  Outcome offer(const Offer& offer, GroupTimers& timers);

  // The match whose last absence has held, and is over; nullopt: there is none of this timer.
  std::optional<PartialMatch> end_absence(uint64_t number, EventTime due, const rules::Rule& rule);

  void follow_rule(const CaptureMap* captures);  // entry.h
  // When all but those that have a timer have expired; kBeforeAllTime: there are no others.
  EventTime expired_from(const rules::Rule& rule) const;
  bool has_timers(const rules::Rule& rule) const;
  void set_timers(const rules::Rule& rule, GroupTimers& timers) const;
  size_t size() const { return matches_.size(); }  // some may have expired

  // Without those that have expired.
  void encode(ByteWriter& out, const rules::Rule& rule, EventTime reached) const;
  // in.ok() is false if the bytes are not such matches.
  static PartialMatches decode(ByteReader& in, const rules::Rule& rule, Room& room);

 private:
  void expire(const Offer& offer);
  bool kill(const Offer& offer, GroupTimers& timers);
  // True if it was extended; `as_first`: as the first step's `times`.
  bool extend(const Offer& offer, GroupTimers& timers, Outcome& outcome, bool& as_first);
  void start(const Offer& offer, GroupTimers& timers, Outcome& outcome);
  // The match has taken an event as its step: goes on to the next. True: it is complete.
  bool advance(PartialMatch& match, const rules::Rule& rule, GroupTimers& timers);

  std::vector<PartialMatch> matches_;  // by first event
};

}  // namespace fengsui::window
