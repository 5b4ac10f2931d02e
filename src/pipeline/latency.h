// Latencies, counted in buckets that grow by a quarter: quantiles within 13 %, in fixed memory.
// Plain value, one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace fengsui::pipeline {

class LatencyCounts {
 public:
  void add(std::chrono::nanoseconds latency, uint64_t times = 1);
  uint64_t count() const { return count_; }
  // The latency that a share of `q` (0 to 1) does not exceed; zero without samples.
  std::chrono::nanoseconds quantile(double q) const;
  std::chrono::nanoseconds highest() const { return highest_; }

 private:
  // From 1 µs to 1 µs * 1.25^127, which is some months.
  static constexpr size_t kBuckets = 128;
  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  std::chrono::nanoseconds highest_{0};
};

}  // namespace fengsui::pipeline
