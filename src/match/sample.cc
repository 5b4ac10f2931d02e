#include "match/sample.h"

#include <algorithm>
#include <limits>

#include "base/invariant.h"
#include "match/plain_number.h"

namespace fengsui::match {

void Sample::note(std::span<const cel::Value> slots) {
  if (slots_ == 0) slots_ = slots.size();
  INVARIANT(slots.size() == slots_);
  if (size() < kEvents) numbers_.resize(numbers_.size() + slots_);
  double* number = numbers_.data() + next_ * slots_;
  for (const cel::Value& value : slots) {
    *number++ = plain_number(value).value_or(std::numeric_limits<double>::quiet_NaN());
  }
  next_ = (next_ + 1) % kEvents;
}

size_t Sample::passing(int slot, bool downwards, double least) const {
  size_t count = 0;
  for (size_t at = static_cast<size_t>(slot); at < numbers_.size(); at += slots_) {
    const double number = downwards ? -numbers_[at] : numbers_[at];
    count += number >= least ? 1 : 0;
  }
  return count;
}

}  // namespace fengsui::match
