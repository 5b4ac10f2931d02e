// How records become events and matches. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"

namespace fengsui::pipeline {

struct FrontOptions {
  Duration out_of_orderness{0};
  Duration allowed_lateness{0};
  Duration dedupe_horizon{std::chrono::hours{1}};
  // How far ahead of the wall clock an event may be; absent: not checked (a replay).
  std::optional<Duration> clock_skew_max;
  size_t record_bytes_max = 1 << 20;
  // Keeps admitted events for take_archived().
  bool archive = false;
};

struct RuleCounters {
  uint64_t matches = 0, errors = 0;
  std::vector<uint64_t> exceptions;  // events that one held for, by Rule::exceptions
};

}  // namespace fengsui::pipeline
