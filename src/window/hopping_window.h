// {hopping: W, every: H}: the intervals [s, s+W) that hold t, s a multiple of H counted from the
// instant of 1970-01-01 00:00 in the pack's timezone. With H = W they are those of {tumbling: W}.
#pragma once

#include "base/time.h"
#include "window/clamped_time.h"

namespace fengsui::window {

class HoppingWindow {
 public:
  // Requires: length > 0, every > 0. `origin`: where an interval begins.
  HoppingWindow(Duration length, Duration every, EventTime origin)
      : length_(length), every_(every), origin_(origin) {}

  // The starts of the intervals that hold `time` are first_start, first_start + every, …,
  // last_start; none if last_start is before first_start. Requires: time is that of an event.
  EventTime last_start(EventTime time) const;
  EventTime first_start(EventTime time) const;

  EventTime end(EventTime start) const { return plus_clamped(start, length_); }
  Duration length() const { return length_; }
  Duration every() const { return every_; }

 private:
  Duration length_, every_;
  EventTime origin_;
};

}  // namespace fengsui::window
