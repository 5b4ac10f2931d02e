// The events of one group that a rule's window may still need, and the values of the rule's
// aggregates over those that one event sees.
//
// An event that is the newest so far costs amortised O(1) to O(log n): its aggregates run on from
// those of the newest before it. One that comes out of order is put in its place and evaluated anew
// over what it sees: O(n).
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "base/byte_codec.h"
#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/aggregate.h"
#include "window/entry.h"
#include "window/sliding_window.h"
#include "window/tumbling_window.h"

namespace fengsui::window {

// Which events an event sees; of a rule, shared by its groups.
using Window = std::variant<SlidingWindow, TumblingWindow>;

// Requires: the rule has a window.
Window window_of(const rules::Rule& rule, EventTime origin);

EventTime oldest_seen_at(const Window& window, EventTime time);
EventTime unseen_from(const Window& window, EventTime time);

// The rule's aggregates over `entries`, by let; lets that are programs are left null.
std::vector<cel::Value> aggregates_over(const rules::Rule& rule, std::span<const Entry> entries);

class Contents {
 public:
  // What one event sees. Views: valid until the contents change.
  struct Seen {
    std::span<const Entry> entries;      // by (time, arrival), never empty; the newest is last
    std::vector<cel::Value> aggregates;  // by let, as aggregates_over() has them
  };

  // Puts the event in its place and says what it sees. `floor`: no event before it will come.
  // Requires: entry.key is not in the contents; `rule` and `window` are the same at every call.
  Seen put(Entry entry, const rules::Rule& rule, const Window& window, EventTime floor);

  // The rule is the same of another pack: forgets what was made of the one before, and lets the
  // entries be changed; for_each() in order of their keys.
  void restart();
  template <class Visit>
  void for_each(Visit visit) {
    for (Index i = first_; i < entries_.size(); ++i) visit(entries_[i]);
  }

  // When the last of the entries is needed no more; kBeforeAllTime if there are none.
  EventTime unneeded_from(const Window& window) const;

  // Only what events from `floor` on may see, so that the bytes do not depend on what else is kept.
  void encode(ByteWriter& out, const Window& window, EventTime floor) const;
  // in.ok() is false if the bytes are not such contents. `captures`: of each entry.
  static Contents decode(ByteReader& in, size_t captures);

  size_t size() const { return entries_.size() - first_; }

 private:
  using Index = size_t;
  // Moves the running aggregates on to what an event at `time`, the newest, sees.
  void run_on_to(EventTime time, const rules::Rule& rule, const Window& window);
  void start_running(const rules::Rule& rule);
  void drop_unneeded(const Window& window, EventTime floor);
  Index lower_bound(EventTime time) const;

  // [first_, size) are kept, in order of their keys; those before first_ are gone (and are erased
  // when they are as many as the rest).
  std::vector<Entry> entries_;
  Index first_ = 0;
  // What the newest event sees: entries from index running_from_ on, which are those not before
  // running_oldest_. The aggregates run over just these; empty after decode() until needed.
  Index running_from_ = 0;
  EventTime running_oldest_ = kBeforeAllTime;
  bool is_running_ = false;
  std::vector<RunningAggregate> running_;  // the rule's aggregates, in order of its lets
};

}  // namespace fengsui::window
