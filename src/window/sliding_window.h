// {sliding: W}: an event at t sees its group's events in (t-W, t]; exact, per event, no panes.
#pragma once

#include "base/time.h"

namespace fengsui::window {

class SlidingWindow {
 public:
  // Requires: length > 0.
  explicit SlidingWindow(Duration length) : length_(length) {}

  // The earliest time that an event at `time` still sees. Never falls as `time` rises.
  EventTime oldest_seen_at(EventTime time) const;
  // Events at this time and after it see an event at `time` no more.
  EventTime unseen_from(EventTime time) const;

 private:
  Duration length_;
};

}  // namespace fengsui::window
