// One aggregate over a set of entries that come and go (rules.md, "Windows").
//
// The value depends on the set alone, not on the way to it: a running aggregate and one filled anew
// from the same entries give the same. O(1) amortised an entry for count, distinct, sum, avg,
// stddev, min, max, first and last, O(log n) for the others. Entries come in any order; they leave
// in order of their keys, the oldest first, which is what min, max, first and last need.
//
// An entry contributes if its `where` is true (one that errs is false) and its argument is no
// error. Over none: count, distinct, approx_distinct and sum are 0, speed is 0.0, top the empty
// list, the others the error Empty.
//   distinct  numbers that are equal are one (1, 1u, 1.0); what equals nothing, not even itself
//   (NaN),
//             is one each
//   sum, avg  the sum of the exact values, rounded once; ints alone give an int, uints alone a
//   uint,
//             an error if it does not fit; mixed ones a double; anything but a number an error
//   min, max  by compare(); an error if values cannot be compared (lists, maps, null; strings with
//             numbers), NaN if one of the numbers is. Of equal ones: int before uint before double,
//             -0.0 before 0.0
//   stddev    of the exact values, rounded once under the root; numbers alone, NaN if one is not
//             finite
//   percentile  what min and max take, in their order
//   top, speed  see there
#pragma once

#include <cstdint>
#include <variant>

#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/distinct_values.h"
#include "window/end_value.h"
#include "window/entry.h"
#include "window/exact_sum.h"
#include "window/extreme.h"
#include "window/implied_speed.h"
#include "window/look_back.h"
#include "window/moments.h"
#include "window/order_statistics.h"
#include "window/top_values.h"
#include "window/value_order.h"

namespace fengsui::window {

class CountOf {
 public:
  void change(const Entry&, const cel::Value*, int by) { count_ += by; }
  cel::Value value(const rules::Aggregate&) const { return cel::Value::integer(count_); }

 private:
  int64_t count_ = 0;
};

class SumOf {
 public:
  void change(const Entry&, const cel::Value* argument, int by);
  cel::Value value(const rules::Aggregate& aggregate) const;

 private:
  cel::Value total(const rules::Aggregate& aggregate) const;
  double rounded() const;

  Int128 integers_ = 0;  // of ints and uints: 2^63 values of either fit
  ExactSum reals_;
  int64_t ints_ = 0, uints_ = 0, doubles_ = 0, others_ = 0;
};

class StddevOf {
 public:
  void change(const Entry&, const cel::Value* argument, int by);
  cel::Value value(const rules::Aggregate&) const;

 private:
  Moments moments_;
  int64_t numbers_ = 0, others_ = 0;
};

class RunningAggregate {
 public:
  // `aggregate` must outlive it.
  explicit RunningAggregate(const rules::Aggregate& aggregate);
  void add(const Entry& entry) { change(entry, 1); }
  // Requires: the entry was added and not removed since, and all that are left come after it.
  void remove(const Entry& entry) { change(entry, -1); }
  // `over`: all entries that were added and not removed, in order.
  cel::Value value(const EntrySpan& over);
  // Of what a late event sees. Requires: it runs over what `back` says.
  cel::Value value_seen(const LookBack& back);

 private:
  void change(const Entry& entry, int by);

  const rules::Aggregate* aggregate_;
  std::variant<CountOf, DistinctOf, SumOf, ExtremeOf, EndOf, StddevOf, PercentileOf, TopOf, SpeedOf>
      state_;
};

// Anew over `entries`: the same value.
cel::Value value_over(const rules::Aggregate& aggregate, const EntrySpan& entries);

}  // namespace fengsui::window
