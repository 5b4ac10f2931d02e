#include "pipeline/latency.h"

#include <algorithm>
#include <cmath>

namespace fengsui::pipeline {
namespace {

constexpr double kLowestNanos = 1000;
constexpr double kGrowth = 1.25;

}  // namespace

void LatencyCounts::add(std::chrono::nanoseconds latency, uint64_t times) {
  const double ratio = static_cast<double>(latency.count()) / kLowestNanos;
  const double bucket = ratio <= 1 ? 0 : std::ceil(std::log(ratio) / std::log(kGrowth));
  buckets_[std::min(static_cast<size_t>(bucket), kBuckets - 1)] += times;
  count_ += times;
  highest_ = std::max(highest_, latency);
}

std::chrono::nanoseconds LatencyCounts::quantile(double q) const {
  if (count_ == 0) return std::chrono::nanoseconds{0};
  const double wanted = std::max(1.0, std::ceil(q * static_cast<double>(count_)));
  uint64_t seen = 0;
  double limit = kLowestNanos;
  for (const uint64_t in_bucket : buckets_) {
    seen += in_bucket;
    if (static_cast<double>(seen) >= wanted) break;
    limit *= kGrowth;
  }
  return std::min(highest_, std::chrono::nanoseconds{static_cast<int64_t>(limit)});
}

}  // namespace fengsui::pipeline
