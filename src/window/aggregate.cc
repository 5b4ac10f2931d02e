#include "window/aggregate.h"

#include <cmath>
#include <limits>

namespace fengsui::window {
namespace {

using Function = rules::Aggregate::Function;
using cel::Kind;
using cel::Value;

Value empty() { return Value::error(cel::ErrorCode::Empty); }
Value no_overload() { return Value::error(cel::ErrorCode::NoMatchingOverload); }

template <class Counts, class Key>
void change_count(Counts& counts, const Key& key, int by) {
  const auto [at, is_new] = counts.try_emplace(key, 0);
  at->second += by;
  if (at->second == 0) counts.erase(at);
}

}  // namespace

void DistinctOf::change(const Entry&, const Value* argument, int by) {
  if (!cel::equal(*argument, *argument)) {
    equal_to_nothing_ += by;
  } else {
    change_count(counts_, *argument, by);
  }
}

Value DistinctOf::value(const rules::Aggregate&) const {
  return Value::integer(static_cast<int64_t>(counts_.size()) + equal_to_nothing_);
}

void SumOf::change(const Entry&, const Value* argument, int by) {
  switch (argument->kind()) {
    case Kind::Int:
      ints_ += by;
      integers_ += by * static_cast<Int128>(argument->as_int());
      break;
    case Kind::Uint:
      uints_ += by;
      integers_ += by * static_cast<Int128>(argument->as_uint());
      break;
    case Kind::Double:
      doubles_ += by;
      by > 0 ? reals_.add(argument->as_double()) : reals_.subtract(argument->as_double());
      break;
    default:
      others_ += by;
  }
}

double SumOf::rounded() const {
  if (doubles_ == 0) return static_cast<double>(integers_);
  if (ints_ + uints_ == 0) return reals_.rounded();
  ExactSum all = reals_;
  all.add(integers_);
  return all.rounded();
}

Value SumOf::value(const rules::Aggregate& aggregate) const {
  if (others_ > 0) return no_overload();
  if (aggregate.function == Function::Sum) return total(aggregate);
  const int64_t count = ints_ + uints_ + doubles_;
  return count == 0 ? empty() : Value::real(rounded() / static_cast<double>(count));
}

Value SumOf::total(const rules::Aggregate& aggregate) const {
  const bool has_ints = ints_ > 0, has_uints = uints_ > 0;
  if (doubles_ > 0 || (has_ints && has_uints)) return Value::real(rounded());
  if (!has_ints && !has_uints) {
    switch (aggregate.result) {
      case cel::Type::Kind::Double:
        return Value::real(0.0);
      case cel::Type::Kind::Uint:
        return Value::uinteger(0);
      default:
        return Value::integer(0);
    }
  }
  const auto overflow = [] { return Value::error(cel::ErrorCode::OutOfRange, "sum"); };
  if (has_uints) {
    if (integers_ > std::numeric_limits<uint64_t>::max()) return overflow();
    return Value::uinteger(static_cast<uint64_t>(integers_));
  }
  if (integers_ > std::numeric_limits<int64_t>::max() ||
      integers_ < std::numeric_limits<int64_t>::min()) {
    return overflow();
  }
  return Value::integer(static_cast<int64_t>(integers_));
}

void ExtremeOf::change(const Entry&, const Value* argument, int by) {
  if (is_nan(*argument)) {
    nans_ += by;
  } else if (!can_be_ordered(*argument)) {
    not_ordered_ += by;
  } else {
    change_count(counts_, *argument, by);
  }
}

Value ExtremeOf::value(const rules::Aggregate& aggregate) const {
  if (not_ordered_ > 0) return no_overload();
  if (counts_.empty()) {
    return nans_ == 0 ? empty() : Value::real(std::numeric_limits<double>::quiet_NaN());
  }
  const Value& lowest = counts_.begin()->first;
  const Value& highest = counts_.rbegin()->first;
  if (!compare_with_each_other(lowest, highest)) return no_overload();
  if (nans_ > 0) {
    if (!is_number(lowest.kind())) return no_overload();
    return Value::real(std::numeric_limits<double>::quiet_NaN());
  }
  return aggregate.function == Function::Min ? lowest : highest;
}

void EndOf::change(const Entry& entry, const Value* argument, int by) {
  if (by > 0) {
    values_.emplace_hint(values_.end(), entry.key, *argument);
  } else {
    values_.erase(entry.key);
  }
}

Value EndOf::value(const rules::Aggregate& aggregate) const {
  if (values_.empty()) return empty();
  return aggregate.function == Function::First ? values_.begin()->second : values_.rbegin()->second;
}

void StddevOf::change(const Entry&, const Value* argument, int by) {
  if (!is_number(argument->kind())) {
    others_ += by;
    return;
  }
  numbers_ += by;
  moments_.change(*argument, by);
}

Value StddevOf::value(const rules::Aggregate&) const {
  if (others_ > 0) return no_overload();
  return numbers_ == 0 ? empty() : Value::real(moments_.deviation(numbers_));
}

RunningAggregate::RunningAggregate(const rules::Aggregate& aggregate) : aggregate_(&aggregate) {
  switch (aggregate.function) {
    case Function::Count:
      break;
    case Function::Distinct:
    case Function::ApproxDistinct:
      state_.emplace<DistinctOf>();
      break;
    case Function::Sum:
    case Function::Avg:
      state_.emplace<SumOf>();
      break;
    case Function::Min:
    case Function::Max:
      state_.emplace<ExtremeOf>();
      break;
    case Function::First:
    case Function::Last:
      state_.emplace<EndOf>();
      break;
    case Function::Stddev:
      state_.emplace<StddevOf>();
      break;
    case Function::Percentile:
      state_.emplace<PercentileOf>();
      break;
    case Function::Top:
      state_.emplace<TopOf>();
      break;
    case Function::Speed:
      state_.emplace<SpeedOf>(aggregate.distance);
      break;
  }
}

void RunningAggregate::change(const Entry& entry, int by) {
  const auto capture = [&entry](int i) { return entry.capture(static_cast<size_t>(i)); };
  if (aggregate_->where >= 0 && !capture(aggregate_->where).is_true()) return;
  if (aggregate_->argument < 0) {
    std::visit([&](auto& state) { state.change(entry, nullptr, by); }, state_);
    return;
  }
  const Value argument = capture(aggregate_->argument);
  if (argument.is_error()) return;
  std::visit([&](auto& state) { state.change(entry, &argument, by); }, state_);
}

Value RunningAggregate::value() const {
  return std::visit([&](const auto& state) { return state.value(*aggregate_); }, state_);
}

}  // namespace fengsui::window
