#include "base/clock.h"

namespace fengsui {

EventTime SystemClock::wall() const {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

MonotonicTime SystemClock::monotonic() const { return std::chrono::steady_clock::now(); }

}  // namespace fengsui
