#include "window/extreme.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/invariant.h"
#include "window/value_order.h"

namespace fengsui::window {
namespace {

using cel::Value;

}  // namespace

ExtremeOf::Kinds::Kind ExtremeOf::Kinds::of(const Value& value) {
  switch (value.kind()) {
    case cel::Kind::Int:
    case cel::Kind::Uint:
      return Number;
    case cel::Kind::Double:
      return is_nan(value) ? NaN : Number;
    case cel::Kind::Bool:
      return Bool;
    case cel::Kind::String:
      return String;
    case cel::Kind::Bytes:
      return Bytes;
    case cel::Kind::Timestamp:
      return Timestamp;
    case cel::Kind::Duration:
      return Duration;
    default:
      return NotOrdered;
  }
}

Value ExtremeOf::Kinds::value(const Value* best) const {
  const auto no_overload = [] { return Value::error(cel::ErrorCode::NoMatchingOverload); };
  if (counts[NotOrdered] > 0) return no_overload();
  const auto kinds =
      std::count_if(counts.begin(), counts.begin() + NaN, [](uint32_t count) { return count > 0; });
  const bool has_nan = counts[NaN] > 0;
  if (kinds > 1 || (kinds == 1 && has_nan && counts[Number] == 0)) return no_overload();
  if (has_nan) return Value::real(std::numeric_limits<double>::quiet_NaN());
  return best == nullptr ? Value::error(cel::ErrorCode::Empty) : *best;
}

bool ExtremeOf::is_better(const Value& a, const Value& b) const {
  constexpr ValueBefore before;
  return is_min_ ? before(a, b) : before(b, a);
}

void ExtremeOf::put(const EntryKey& key, const Value& value) {
  if (first_ > 0 && items_.size() == items_.capacity() && first_ >= items_.size() / 2) {
    items_.erase(items_.begin(), items_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
  const auto begin = items_.begin() + static_cast<ptrdiff_t>(first_);
  auto at = items_.end();
  if (at != begin && key < std::prev(at)->key) {
    at = std::upper_bound(begin, at, key,
                          [](const EntryKey& k, const Item& item) { return k < item.key; });
    if (!is_better(value, at->value)) return;
  }
  auto from = at;
  while (from != begin && !is_better(std::prev(from)->value, value)) --from;
  if (from == at) {
    items_.insert(at, {key, value});
  } else {
    *from = {key, value};
    items_.erase(std::next(from), at);
  }
}

void ExtremeOf::drop(const EntryKey& key) {
  if (first_ == items_.size()) return;
  Item& item = items_[first_];
  INVARIANT(key <= item.key);
  if (key < item.key) return;  // a later one was as good
  item.value = Value();
  if (++first_ < items_.size()) return;
  items_.clear();
  first_ = 0;
}

void ExtremeOf::change(const Entry& entry, const Value* argument, int by) {
  const Kinds::Kind kind = Kinds::of(*argument);
  kinds_.counts[kind] += static_cast<uint32_t>(by);
  if (kind >= Kinds::NaN) return;
  if (by > 0) {
    put(entry.key, *argument);
  } else {
    drop(entry.key);
  }
}

Value ExtremeOf::value(const rules::Aggregate&) const {
  return kinds_.value(first_ == items_.size() ? nullptr : &items_[first_].value);
}

Value ExtremeOf::value_seen(const rules::Aggregate& aggregate, const LookBack& back) const {
  Kinds kinds = kinds_;
  for (const Entry& entry : back.newer) {
    if (const auto value = contribution(aggregate, entry)) --kinds.counts[Kinds::of(*value)];
  }
  std::optional<Value> best;
  const auto take = [&](Value& value) {
    if (!best || is_better(value, *best)) best = std::move(value);
  };
  for (const Entry& entry : back.older) {
    auto value = contribution(aggregate, entry);
    if (!value) continue;
    const Kinds::Kind kind = Kinds::of(*value);
    ++kinds.counts[kind];
    if (kind < Kinds::NaN) take(*value);
  }
  const bool has_first = first_ < items_.size();
  if (has_first && (back.newer.empty() || items_[first_].key < back.newer.front().key)) {
    Value first = items_[first_].value;
    take(first);
  } else if (has_first) {
    for (const Entry& entry : back.both) {
      auto value = contribution(aggregate, entry);
      if (value && Kinds::of(*value) < Kinds::NaN) take(*value);
    }
  }
  return kinds.value(best ? &*best : nullptr);
}

}  // namespace fengsui::window
