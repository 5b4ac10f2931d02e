// SIGTERM and SIGINT as something to wait for. Made first, before any thread, so that every thread
// inherits the blocked signals and none is interrupted.
#pragma once

#include <signal.h>
#include <chrono>

namespace fengsui::cli {

class StopSignal {
 public:
  StopSignal();
  // Waits for a signal, at most so long; true: one has come (now or before).
  bool wait(std::chrono::milliseconds most);

 private:
  sigset_t signals_;
  bool came_ = false;
};

}  // namespace fengsui::cli
