#include "window/hopping_window.h"

namespace fengsui::window {

EventTime HoppingWindow::last_start(EventTime time) const {
  // Floor, also before the origin: % takes the sign of the dividend.
  Duration into = (time - origin_) % every_;
  if (into < Duration{0}) into += every_;
  return time - into;
}

EventTime HoppingWindow::first_start(EventTime time) const {
  // The first start after time - W.
  return last_start(minus_clamped(time, length_)) + every_;
}

}  // namespace fengsui::window
