// Adding to an event time where a rule's duration may be as long as its author likes.
#pragma once

#include "base/time.h"

namespace fengsui::window {

// time + duration, at most kAfterAllTime. Requires: time in [kBeforeAllTime, kAfterAllTime],
// duration >= 0.
constexpr EventTime plus_clamped(EventTime time, Duration duration) {
  return duration > kAfterAllTime - time ? kAfterAllTime : time + duration;
}

// time - duration, at least kBeforeAllTime. Requires: as above.
constexpr EventTime minus_clamped(EventTime time, Duration duration) {
  return duration > time - kBeforeAllTime ? kBeforeAllTime : time - duration;
}

}  // namespace fengsui::window
