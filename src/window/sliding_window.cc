#include "window/sliding_window.h"

#include "window/clamped_time.h"

namespace fengsui::window {

EventTime SlidingWindow::oldest_seen_at(EventTime time) const {
  return time - length_ + Duration{1};
}

EventTime SlidingWindow::unseen_from(EventTime time) const { return plus_clamped(time, length_); }

}  // namespace fengsui::window
