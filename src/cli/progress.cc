#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

namespace fengsui::cli {
namespace {

constexpr std::chrono::milliseconds kRedrawEvery{200};
constexpr int kBarWidth = 30;

std::string time_left(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  if (whole >= 3600) return fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
  return fmt::format("{}m{:02}s", whole / 60, whole % 60);
}

}  // namespace

Progress::Progress(const Clock& clock, uint64_t bytes_total, bool wanted)
    : clock_(clock),
      bytes_total_(bytes_total),
      shown_(wanted && isatty(STDERR_FILENO) == 1),
      start_(clock.monotonic()),
      last_shown_(start_) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::update(uint64_t records, uint64_t bytes) {
  if (!shown_) return;
  const MonotonicTime now = clock_.monotonic();
  if (now - last_shown_ < kRedrawEvery) return;
  last_shown_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(records) / std::max(seconds, 1e-9);
  std::string line = fmt::format("{} records  {:.0f}/s", records, rate);
  if (bytes_total_ > 0) {
    const double share =
        std::min(1.0, static_cast<double>(bytes) / static_cast<double>(bytes_total_));
    const int filled = static_cast<int>(share * kBarWidth);
    const double left = share > 0 ? seconds / share - seconds : 0;
    line = fmt::format("[{:#<{}}{:.<{}}] {:3.0f} %  {}  {} left", "", filled, "",
                       kBarWidth - filled, share * 100, line, time_left(left));
  }
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
}

}  // namespace fengsui::cli
