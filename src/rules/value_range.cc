#include "rules/value_range.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fengsui::rules {
namespace {

using Bound = ValueRange::Bound;
using cel::Kind;
using cel::Value;

// A range of whole numbers so short is a list of them.
constexpr int64_t kListedMax = 256;
constexpr double kIntRange = 9223372036854775808.0;  // 2^63

bool is_in(const std::vector<Value>& values, const Value& value) {
  return std::any_of(values.begin(), values.end(),
                     [&](const Value& one) { return cel::equal(one, value); });
}

bool has_fraction(const Value& value) {
  return value.kind() == Kind::Double && value.as_double() != std::floor(value.as_double());
}

// Which of two lower (sign 1) or upper (sign -1) bounds leaves less.
const Bound& tighter(const Bound& a, const Bound& b, int sign) {
  const int order = cel::compare(a.value, b.value) * sign;
  if (order == 0) return a.open ? a : b;
  return order > 0 ? a : b;
}

std::optional<Bound> tighter(const std::optional<Bound>& a, const std::optional<Bound>& b,
                             int sign) {
  if (!a) return b;
  if (!b) return a;
  return tighter(*a, *b, sign);
}

std::optional<Bound> looser(const std::optional<Bound>& a, const std::optional<Bound>& b,
                            int sign) {
  if (!a || !b || cel::compare(a->value, b->value) == 2) return std::nullopt;
  return &tighter(*a, *b, sign) == &*a ? b : a;
}

// The first whole number at or above a lower bound, or at or below an upper one.
std::optional<int64_t> whole_bound(const Bound& bound, bool is_low) {
  if (bound.value.kind() == Kind::Int) {
    const int64_t value = bound.value.as_int();
    if (!bound.open) return value;
    if (value == (is_low ? INT64_MAX : INT64_MIN)) return std::nullopt;
    return is_low ? value + 1 : value - 1;
  }
  if (bound.value.kind() != Kind::Double) return std::nullopt;
  const double value = bound.value.as_double();
  double rounded = is_low ? std::ceil(value) : std::floor(value);
  if (bound.open && rounded == value) rounded += is_low ? 1 : -1;
  if (!(rounded > -kIntRange / 2 && rounded < kIntRange / 2)) return std::nullopt;
  return static_cast<int64_t>(rounded);
}

// Of a few whole numbers, the list of them; of bounds between whole numbers, whole ones.
void count_out(ValueRange& range) {
  if (range.only || !range.whole) return;
  const std::optional<int64_t> low = range.low ? whole_bound(*range.low, true) : std::nullopt;
  const std::optional<int64_t> high = range.high ? whole_bound(*range.high, false) : std::nullopt;
  const int64_t first = low.value_or(0), last = high.value_or(0);
  if (low) range.low = Bound{Value::integer(first)};
  if (high) range.high = Bound{Value::integer(last)};
  if (!low || !high) return;
  if (first <= last &&
      static_cast<uint64_t>(last) - static_cast<uint64_t>(first) >= uint64_t{kListedMax}) {
    return;
  }
  std::vector<Value> values;
  for (int64_t at = first; at <= last; ++at) {
    if (!is_in(range.without, Value::integer(at))) values.push_back(Value::integer(at));
  }
  range = ValueRange::one_of(std::move(values));
  range.whole = true;
}

}  // namespace

ValueRange ValueRange::one_of(std::vector<Value> values) {
  ValueRange range;
  range.only = std::move(values);
  return range;
}

ValueRange ValueRange::other_than(std::vector<Value> values) {
  ValueRange range;
  range.without = std::move(values);
  return range;
}

ValueRange ValueRange::from(Value low, bool open) {
  ValueRange range;
  range.low = Bound{std::move(low), open};
  return range;
}

ValueRange ValueRange::up_to(Value high, bool open) {
  ValueRange range;
  range.high = Bound{std::move(high), open};
  return range;
}

bool ValueRange::is_empty() const {
  if (only) return only->empty();
  if (!low || !high) return false;
  const int order = cel::compare(low->value, high->value);
  return order >= 1 || (order == 0 && (low->open || high->open));  // 2: of different kinds
}

bool ValueRange::contains(const Value& value) const {
  if (only) return is_in(*only, value);
  if (whole && has_fraction(value)) return false;
  if (is_in(without, value)) return false;
  if (low) {
    const int order = cel::compare(value, low->value);
    if (order == 2 || order < 0 || (order == 0 && low->open)) return false;
  }
  if (high) {
    const int order = cel::compare(value, high->value);
    if (order > 0 || (order == 0 && high->open)) return false;
  }
  return true;
}

bool ValueRange::within(const ValueRange& other) const {
  if (is_empty()) return true;
  if (only) {
    return std::all_of(only->begin(), only->end(),
                       [&](const Value& value) { return other.contains(value); });
  }
  if (other.only) return false;
  const auto covers = [](const std::optional<Bound>& outer, const std::optional<Bound>& inner,
                         int sign) {
    if (!outer) return true;
    if (!inner || cel::compare(inner->value, outer->value) == 2) return false;
    const int order = cel::compare(inner->value, outer->value) * sign;
    return order > 0 || (order == 0 && (inner->open || !outer->open));
  };
  if (!covers(other.low, low, 1) || !covers(other.high, high, -1)) return false;
  if (other.whole && !whole) return false;
  return std::none_of(other.without.begin(), other.without.end(),
                      [&](const Value& value) { return contains(value); });
}

ValueRange both(const ValueRange& a, const ValueRange& b) {
  if (!a.only && b.only) return both(b, a);
  ValueRange range;
  range.whole = a.whole || b.whole;
  if (a.only) {
    range.only.emplace();
    std::copy_if(a.only->begin(), a.only->end(), std::back_inserter(*range.only),
                 [&](const Value& value) { return b.contains(value); });
    return range;
  }
  range.low = tighter(a.low, b.low, 1);
  range.high = tighter(a.high, b.high, -1);
  range.without = a.without;
  for (const Value& value : b.without) {
    if (!is_in(range.without, value)) range.without.push_back(value);
  }
  count_out(range);
  return range;
}

ValueRange either(const ValueRange& a, const ValueRange& b) {
  if (a.within(b)) return b;
  if (b.within(a)) return a;
  ValueRange range;
  range.whole = a.whole && b.whole;
  if (a.only && b.only) {
    range = a;
    for (const Value& value : *b.only) {
      if (!is_in(*range.only, value)) range.only->push_back(value);
    }
    return range;
  }
  if (a.only || b.only) return range;
  range.low = looser(a.low, b.low, 1);
  range.high = looser(a.high, b.high, -1);
  return range;
}

}  // namespace fengsui::rules
