// The events of one group that a rule's window may still need, and the values of the rule's
// aggregates over those that one event sees.
//
// An event that is the newest so far costs amortised O(1) to O(log n): its aggregates run on from
// those of the newest before it. One that comes out of order is put in its place and costs what has
// come after its time (look_back.h), at most what it sees.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/byte_codec.h"
#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/entries.h"
#include "window/running_aggregates.h"
#include "window/sliding_window.h"
#include "window/tumbling_window.h"

namespace fengsui::window {

// Which events an event sees; of a rule, shared by its groups.
using Window = std::variant<SlidingWindow, TumblingWindow>;

// Requires: the rule has a window.
Window window_of(const rules::Rule& rule, EventTime origin);

EventTime oldest_seen_at(const Window& window, EventTime time);
EventTime unseen_from(const Window& window, EventTime time);

class Contents {
 public:
  // Puts the event in its place and says what it sees. `floor`: no event before it will come.
  // Requires: entry.key is not in the contents; `rule` and `window` are the same at every call.
  Seen put(const NewEntry& entry, const rules::Rule& rule, const Window& window, EventTime floor);
  // The same for an event that is not evaluated.
  void keep(const NewEntry& entry, const rules::Rule& rule, const Window& window, EventTime floor);

  // The events of [from, to), as far as they are still kept.
  EntrySpan between(EventTime from, EventTime to) const;

  // The rule is the same one of another pack (follow_rule, entry.h).
  void follow_rule(const CaptureMap* captures);

  // When the last of the entries is needed no more; kBeforeAllTime if there are none.
  EventTime unneeded_from(const Window& window) const;

  // Only what events from `floor` on may see, so that the bytes do not depend on what else is kept.
  void encode(ByteWriter& out, const Window& window, EventTime floor) const;
  // in.ok() is false if the bytes are not such contents. `captures`: of each entry.
  static Contents decode(ByteReader& in, size_t captures, Room& room);

  size_t size() const { return entries_.size(); }
  const void* address() const { return entries_.address(); }  // Entries::address()
  bool runs() const { return running_ != nullptr; }           // something of it lies on the heap

 private:
  // If it is the newest: the place from which on it sees events.
  std::optional<size_t> place(const NewEntry& entry, const rules::Rule& rule, const Window& window,
                              EventTime floor);
  // Moves on to what an event at `time`, the newest, sees: from the place given back.
  size_t run_on_to(EventTime time, const rules::Rule& rule, const Window& window);
  // Of those before a place; gives back how many.
  size_t drop_unneeded(const Window& window, EventTime floor, size_t before);

  Entries entries_;
  // The aggregates over what the newest event sees, once they are more than a few: the entries from
  // place `from` on, which are those not before `oldest`.
  struct Running {
    size_t from = 0;
    EventTime oldest = kBeforeAllTime;
    RunningAggregates aggregates;
  };
  std::unique_ptr<Running> running_;
};

}  // namespace fengsui::window
