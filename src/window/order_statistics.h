// percentile: the values of a window in order, the one at a rank found in O(log n).
#pragma once

#include <cstdint>
#include <memory>

#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/entry.h"

namespace fengsui::window {

class PercentileOf {
 public:
  PercentileOf();
  ~PercentileOf();
  PercentileOf(PercentileOf&&) noexcept;
  PercentileOf& operator=(PercentileOf&&) noexcept;

  void change(const Entry& entry, const cel::Value* argument, int by);
  cel::Value value(const rules::Aggregate& aggregate) const;

 private:
  struct Ordered;
  std::unique_ptr<Ordered> ordered_;
  int64_t nans_ = 0, not_ordered_ = 0;
};

}  // namespace fengsui::window
