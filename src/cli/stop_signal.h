// SIGTERM and SIGINT, and SIGHUP, as something to wait for. Made first, before any thread, so that
// every thread inherits the blocked signals and none is interrupted.
#pragma once

#include <signal.h>
#include <chrono>
#include <utility>

namespace fengsui::cli {

class StopSignal {
 public:
  StopSignal();
  // Waits for a signal, at most so long; true: one to stop has come (now or before).
  bool wait(std::chrono::milliseconds most);
  // SIGHUP came while waiting, since the last call.
  bool take_reload() { return std::exchange(reload_, false); }

 private:
  sigset_t signals_;
  bool came_ = false;
  bool reload_ = false;
};

}  // namespace fengsui::cli
