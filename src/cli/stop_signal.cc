#include "cli/stop_signal.h"

namespace fengsui::cli {

StopSignal::StopSignal() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  // A client or a pipe that goes away is an error of the write, not the end of the process.
  signal(SIGPIPE, SIG_IGN);
}

bool StopSignal::wait(std::chrono::milliseconds most) {
  if (came_) return true;
  const timespec limit{most.count() / 1000, most.count() % 1000 * 1'000'000};
  const int signal = sigtimedwait(&signals_, nullptr, &limit);
  if (signal == SIGHUP) reload_ = true;
  came_ = signal > 0 && signal != SIGHUP;
  return came_;
}

}  // namespace fengsui::cli
