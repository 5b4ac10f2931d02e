// The wall clock, as an argument. Only clock.cc reads the machine's clock; everything else is
// handed a Clock (real in `run`, ManualClock in tests). Thread-safe.
#pragma once

#include <atomic>
#include <chrono>

#include "base/time.h"

namespace fengsui {

using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual EventTime wall() const = 0;           // UTC, milliseconds
  virtual MonotonicTime monotonic() const = 0;  // never goes back
};

class SystemClock final : public Clock {
 public:
  EventTime wall() const override;
  MonotonicTime monotonic() const override;
};

// Moves only when told to.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(EventTime start) : wall_(start.time_since_epoch().count()) {}
  EventTime wall() const override { return EventTime{Duration{wall_.load()}}; }
  MonotonicTime monotonic() const override {
    return MonotonicTime{std::chrono::milliseconds{wall_.load()}};
  }
  void advance(Duration by) { wall_ += by.count(); }

 private:
  std::atomic<int64_t> wall_;
};

}  // namespace fengsui
