// A progress line on a terminal: share done, rate, time left. Silent where standard error is no
// terminal or the user asked for none. One thread.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace fengsui::cli {

class Progress {
 public:
  // bytes_total 0: unknown (a pipe); then only count and rate are shown.
  Progress(const Clock& clock, uint64_t bytes_total, bool wanted);
  ~Progress();  // wipes the line
  void update(uint64_t records, uint64_t bytes);

 private:
  const Clock& clock_;
  const uint64_t bytes_total_;
  const bool shown_;
  const MonotonicTime start_;
  MonotonicTime last_shown_;
};

}  // namespace fengsui::cli
