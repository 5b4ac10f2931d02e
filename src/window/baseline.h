// `baseline`: the values of a let in the group's windows that have closed, and what is usual by
// them (rules.md, "Baseline"). The windows are tumbling ones.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "base/byte_codec.h"
#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/hopping_window.h"
#include "window/timers.h"

namespace fengsui::window {

class BaselineHistory {
 public:
  // An event was put into the window that starts here.
  void note_event(EventTime start);

  // --- With `emit: event` nothing else knows when a window ends: it is open from its first event
  // to its end, and has a timer.
  void open(EventTime start, const HoppingWindow& window, GroupTimers& timers);
  // The first open window that ends at or before `reached`.
  std::optional<EventTime> ended(const HoppingWindow& window, EventTime reached) const;
  // It is no longer open; drops its timer if that has not fired.
  void end(EventTime start, const HoppingWindow& window, GroupTimers& timers);
  bool has_open() const { return !open_.empty(); }
  void set_timers(const HoppingWindow& window, GroupTimers& timers) const;

  // The window that starts here has closed, with this value of the let. Requires: it had events.
  void close(EventTime start, const cel::Value& of);

  // baseline.mean, .stddev and .samples for the window that starts here. Windows that have not
  // closed at `reached` do not count.
  std::array<cel::Value, rules::Rule::kBaselineSlots> values(EventTime start,
                                                             const rules::Rule& rule,
                                                             EventTime reached) const;

  // From when on no window can look back at any that has closed; never, where windows without
  // events count and so the group's first event has to be known for ever.
  EventTime unneeded_from(const rules::Rule& rule) const;
  // Drops what no window that ends after `reached` looks back at.
  void forget_unneeded(const rules::Rule& rule, EventTime reached);

  // Only what windows that end after `reached` may look back at.
  void encode(ByteWriter& out, const rules::Rule& rule, EventTime reached) const;
  static BaselineHistory decode(ByteReader& in);  // in.ok() is false at worst

 private:
  EventTime first_ = kAfterAllTime;         // start of the window of the group's first event
  std::map<EventTime, cel::Value> closed_;  // by start; null: no sample, though it had events
  std::map<EventTime, uint64_t> open_;      // start -> its timer's number
};

}  // namespace fengsui::window
