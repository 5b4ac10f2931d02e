// {tumbling: W}: an event at t sees its group's events up to t in the interval [s, s+W) that holds
// t. Intervals are counted from the instant of 1970-01-01 00:00 in the pack's timezone, each W
// long.
#pragma once

#include "base/time.h"

namespace fengsui::window {

class TumblingWindow {
 public:
  // Requires: length > 0. `origin`: where an interval begins.
  TumblingWindow(Duration length, EventTime origin) : length_(length), origin_(origin) {}

  // The start of the interval that holds `time`. Never falls as `time` rises.
  EventTime oldest_seen_at(EventTime time) const;
  // The end of that interval: events at this time and after it see an event at `time` no more.
  EventTime unseen_from(EventTime time) const;

 private:
  Duration length_;
  EventTime origin_;
};

}  // namespace fengsui::window
