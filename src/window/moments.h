// Exact sums of numbers and of their squares, from which numbers may be taken away again; what
// stddev and baselines are made of.
//
// A double is an integer times a power of two. Both sums are such integers of any length over one
// power, which goes down as finer numbers come; so the variance n*S2 - S1^2 over n^2 is exact until
// it is rounded, once.
#pragma once

#include <cstdint>
#include <memory>

#include "cel/value.h"

namespace fengsui::window {

class Moments {
 public:
  Moments();
  ~Moments();
  Moments(Moments&&) noexcept;
  Moments& operator=(Moments&&) noexcept;

  // Requires: number is an int, uint or double; with by = -1 it was added and not taken away since.
  void change(const cel::Value& number, int by);

  // The exact sum, rounded once; of numbers that are not finite as ExactSum has it.
  double sum() const;
  // Over `count` numbers, those that were not added being zeros: the square root of the exact
  // variance, rounded once. NaN if a number is not finite. Requires: count > 0.
  double deviation(int64_t count) const;

 private:
  struct Sums;
  std::unique_ptr<Sums> sums_;
};

}  // namespace fengsui::window
