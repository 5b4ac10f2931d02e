// The values that an expression may have, as far as comparisons with constants tell: what the
// linter reasons with. Never too small: a value that is not in it is none that the expression has.
#pragma once

#include <optional>
#include <vector>

#include "cel/value.h"

namespace fengsui::rules {

struct ValueRange {
  struct Bound {
    cel::Value value;
    bool open = false;  // the bound itself is not among them
  };

  bool whole = false;                           // numbers among them have no fraction
  std::optional<std::vector<cel::Value>> only;  // then nothing below is set
  std::optional<Bound> low, high;
  std::vector<cel::Value> without;

  static ValueRange one_of(std::vector<cel::Value> values);
  static ValueRange other_than(std::vector<cel::Value> values);
  static ValueRange from(cel::Value low, bool open = false);
  static ValueRange up_to(cel::Value high, bool open = false);

  bool is_empty() const;
  bool contains(const cel::Value& value) const;
  // Every value of this one is in `other`.
  bool within(const ValueRange& other) const;
};

ValueRange both(const ValueRange& a, const ValueRange& b);
// Not smaller than the two together.
ValueRange either(const ValueRange& a, const ValueRange& b);

}  // namespace fengsui::rules
