#include "base/process_metrics.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace fengsui {
namespace {

// Fields of /proc/self/stat by proc(5)'s numbers; the second is the command's name in brackets and
// may hold anything, so counting starts behind its last bracket, at field 3.
struct Stat {
  double user_ticks = 0;      // 14
  double system_ticks = 0;    // 15
  double start_ticks = 0;     // 22, since boot
  double resident_pages = 0;  // 24
};

std::optional<Stat> read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  Stat stat;
  std::string field;
  for (int number = 3; number <= 24; ++number) {
    if (number == 14) {
      fields >> stat.user_ticks;
    } else if (number == 15) {
      fields >> stat.system_ticks;
    } else if (number == 22) {
      fields >> stat.start_ticks;
    } else if (number == 24) {
      fields >> stat.resident_pages;
    } else {
      fields >> field;
    }
  }
  if (!fields) return std::nullopt;
  return stat;
}

// When the machine came up, in seconds since the epoch.
std::optional<double> read_boot_time() {
  std::ifstream file("/proc/stat");
  std::string name;
  double value = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    if (fields >> name >> value && name == "btime") return value;
  }
  return std::nullopt;
}

std::optional<double> count_open_fds() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  double count = -1;  // the one that reads the directory
  for (const std::filesystem::directory_iterator end; !error && entry != end;
       entry.increment(error)) {
    ++count;
  }
  if (error) return std::nullopt;
  return count;
}

}  // namespace

std::optional<ProcessMetrics> read_process_metrics() {
  const std::optional<Stat> stat = read_stat();
  const std::optional<double> boot_time = read_boot_time();
  const std::optional<double> open_fds = count_open_fds();
  if (!stat || !boot_time || !open_fds) return std::nullopt;
  const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  return ProcessMetrics{
      .cpu_seconds = (stat->user_ticks + stat->system_ticks) / ticks_per_second,
      .resident_bytes = stat->resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)),
      .open_fds = *open_fds,
      .start_time_seconds = *boot_time + stat->start_ticks / ticks_per_second,
  };
}

}  // namespace fengsui
