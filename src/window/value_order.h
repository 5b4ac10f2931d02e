// How aggregates tell values apart and put them in order.
#pragma once

#include <cstddef>

#include "cel/value.h"

namespace fengsui::window {

struct ValueHash {
  size_t operator()(const cel::Value& v) const { return cel::hash_value(v); }
};
struct ValueEqual {
  bool operator()(const cel::Value& a, const cel::Value& b) const { return cel::equal(a, b); }
};
// A total order: compare()'s where it has one, kinds that cannot be compared apart. Of equal
// numbers int before uint before double, -0.0 before 0.0.
struct ValueBefore {
  bool operator()(const cel::Value& a, const cel::Value& b) const;
};

bool is_nan(const cel::Value& v);
// What min, max, percentile and top put in order; NaN not among them.
bool can_be_ordered(const cel::Value& v);
// Both can be ordered; do they compare with each other?
bool compare_with_each_other(const cel::Value& a, const cel::Value& b);

}  // namespace fengsui::window
