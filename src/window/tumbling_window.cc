#include "window/tumbling_window.h"

#include "window/clamped_time.h"

namespace fengsui::window {

EventTime TumblingWindow::oldest_seen_at(EventTime time) const {
  // Floor, also before the origin: % takes the sign of the dividend.
  Duration into = (time - origin_) % length_;
  if (into < Duration{0}) into += length_;
  return time - into;
}

EventTime TumblingWindow::unseen_from(EventTime time) const {
  return plus_clamped(oldest_seen_at(time), length_);
}

}  // namespace fengsui::window
