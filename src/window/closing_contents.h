// The events of one group whose rule is evaluated when its intervals end (`emit: close`; tumbling
// and hopping), and which of these intervals are open.
//
// An event costs O(intervals that hold it * log). At an end the aggregates run on from the end
// before, so that an event enters and leaves them once, however many intervals hold it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "base/byte_codec.h"
#include "rules/rule_set.h"
#include "window/entries.h"
#include "window/hopping_window.h"
#include "window/running_aggregates.h"
#include "window/timers.h"

namespace fengsui::window {

// What became of an event: whether a window has it now, and whether a closed one left it out.
struct Put {
  bool taken = false;
  bool left_out = false;
};

class ClosingContents {
 public:
  // Puts the event into those of its intervals that are not closed at `reached`, and sets the
  // timers of those that had none. Requires: entry.key is not in the contents; `rule` and `window`
  // are the same at every call.
  Put put(const NewEntry& entry, const HoppingWindow& window, EventTime reached,
          GroupTimers& timers);

  // The interval that starts here ends; `start` is of a timer that has fired. What it held stays
  // until the next change.
  Seen close(EventTime start, const rules::Rule& rule, const HoppingWindow& window);

  void follow_rule(const CaptureMap* captures);  // entry.h
  bool empty() const { return open_.empty(); }   // nothing is open, so nothing is needed
  // Timers of a restored group.
  void set_timers(const HoppingWindow& window, GroupTimers& timers) const;

  void encode(ByteWriter& out) const;
  // in.ok() is false if the bytes are not such contents. `captures`: of each entry.
  static ClosingContents decode(ByteReader& in, size_t captures, Room& room);

 private:
  size_t unneeded() const;  // so many at the front are of no open interval
  void drop_unneeded();

  std::map<EventTime, uint64_t> open_;  // start of an interval with an event -> its timer's number
  Entries entries_;
  // The aggregates over the entries [from, to): of the interval that ended last.
  struct Running {
    size_t from = 0, to = 0;
    RunningAggregates aggregates;
  };
  std::unique_ptr<Running> running_;  // null: none ended whose entries are still here
};

}  // namespace fengsui::window
