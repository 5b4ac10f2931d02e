// What goes between the shards of one log (DESIGN.md, "Several shards"): the schedule that one of
// them makes of a frame, and what each says while it runs its part of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "alert/record.h"
#include "base/ids.h"
#include "base/time.h"
#include "match/match.h"
#include "pipeline/shard.h"
#include "window/timers.h"

namespace fengsui::pipeline {

enum class ShardRole : uint8_t {
  Alone,       // all that there is; the others are of several shards
  Time,        // decides when what is processed, and processes nothing
  Part,        // has a part of the groups
  OverAlerts,  // has the groups of rules over alerts, and puts what the others said in order
};

// Whose of so many a group with this hash (match::MatchBytes) is. The table of groups uses the
// highest bits of a product of it, so these are the lowest of another.
inline uint8_t shard_of(uint64_t group_hash, size_t shards) {
  return static_cast<uint8_t>((group_hash ^ group_hash >> 32) % shards);
}

// Which events are processed, in which order, and how far time has gone at each: none of that
// depends on what the groups do.
struct ShardSchedule {
  struct Item {
    size_t end = 0;       // the matches of its event: up to here; none: time passes
    EventTime reached{};  // the engine's watermark; before the event, all timers due by it fire
    EventTime earliest_held{};
    uint64_t processed = 0;  // matches before it
  };
  LogPosition position{};
  std::vector<match::Match> matches;  // each names its shard
  std::vector<Item> items;

  void clear() {
    matches.clear();
    items.clear();
  }
  size_t place_of(const match::Match& match) const {
    return static_cast<size_t>(&match - matches.data());
  }
};

// When a shard said something, in the order of all. A timer's is the latest of those that have
// fired since the item began: one that another set for a time past fires right after that.
struct ShardMoment {
  enum class What : uint8_t { Timer, Event };
  size_t item = 0;
  What what = What::Timer;
  size_t match = 0;           // Event: its place in the schedule
  window::Timer timer;        // Timer
  std::string group;          // the timer's
  size_t first = 0, end = 0;  // of the records; may be none
};

struct ShardPart {
  std::vector<alert::Record> records;
  std::vector<ShardMoment> moments;
  std::vector<std::pair<RuleIndex, Arrival>> left_out;
  bool notes_silence = false;  // every timer is a moment: rules over alerts have to know

  void clear() {
    records.clear();
    moments.clear();
    left_out.clear();
  }
};

// The moments of several parts, in the order in which one shard would have had them.
class ShardMerge {
 public:
  explicit ShardMerge(std::vector<ShardPart*> parts);
  // Null: there is none left.
  const ShardMoment* next() const { return next_ < 0 ? nullptr : &head(next_part()); }
  void take(std::vector<alert::Record>& out);  // requires: next()

 private:
  size_t next_part() const { return static_cast<size_t>(next_); }
  const ShardMoment& head(size_t part) const { return parts_[part]->moments[at_[part]]; }
  void find_next();

  std::vector<ShardPart*> parts_;
  std::vector<size_t> at_;
  int next_ = -1;
};

// What a shard does as one of several (shard_part.cc). Beside Shard::State, of which it is a part.
struct Shard::Share {
  using Records = std::vector<alert::Record>;
  using Matches = std::span<match::Match>;

  Share(State& of, ShardRole its_role) : state(of), role(its_role) {}
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  // --- Any
  // (shard.cc) Has what this shard's matches somewhat behind this one will be put into fetched.
  void look_ahead(Matches all, size_t at) const;

  // --- Who keeps time: what it would process goes into the schedule.
  void schedule_event(Matches event);
  void schedule_pass();
  void add_item(uint64_t processed);

  // --- Who has a part of the groups
  void run(ShardSchedule& all, ShardPart& said);
  void fire_due(EventTime until);
  void note(size_t first, size_t end);  // of said->records: these were said now

  // --- Who has the rules over alerts: puts what the others said in order, and adds.
  void follow(const ShardSchedule& all, ShardMerge& merge, Records& out);
  // As State::pass_time(), the timers of the others among its own.
  void pass_time(ShardMerge& merge, size_t item, EventTime until, EventTime before, Records& out);
  void take_said(ShardMerge& merge, Records& out);

  // Of a rest that was restored whole, all goes that is another's.
  void restored();

  State& state;
  const ShardRole role;
  uint8_t own = 0;                    // Match::shard of what it processes
  size_t parts = 0;                   // Time: that the matches are for
  ShardSchedule* schedule = nullptr;  // Time: being made
  ShardSchedule* running = nullptr;   // Part: and
  ShardPart* said = nullptr;          // what it says meanwhile, and
  ShardMoment moment;                 // when
};

}  // namespace fengsui::pipeline
