// What /proc tells about this process, for the scrape. Linux only. Safe from any thread.
#pragma once

#include <optional>

namespace fengsui {

struct ProcessMetrics {
  double cpu_seconds = 0;     // user and system
  double resident_bytes = 0;  // resident memory
  double open_fds = 0;
  double start_time_seconds = 0;  // since the epoch, to the clock tick
};

// nullopt: /proc is not mounted, or reads otherwise than proc(5) says.
std::optional<ProcessMetrics> read_process_metrics();

}  // namespace fengsui
