#include "window/aggregate.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace fengsui::window {
namespace {

using Function = rules::Aggregate::Function;
using cel::Kind;
using cel::Value;

Value empty() { return Value::error(cel::ErrorCode::Empty); }
Value no_overload() { return Value::error(cel::ErrorCode::NoMatchingOverload); }

bool counts_all(const rules::Aggregate& aggregate) {
  return aggregate.function == Function::Count && aggregate.where < 0;
}
// Of kinds that need no more than what entries contribute.
template <class State>
Value value_of(const rules::Aggregate& aggregate, const EntrySpan& entries) {
  State state;
  for (const Entry& entry : entries) {
    const std::optional<Value> argument = contribution(aggregate, entry);
    if (argument) state.change(entry, &*argument, 1);
  }
  return state.value(aggregate);
}
Value size_of(const EntrySpan& entries) {
  return Value::integer(static_cast<int64_t>(entries.size()));
}

}  // namespace

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
      state_.emplace<ExtremeOf>(aggregate.function == Function::Min);
      break;
    case Function::First:
    case Function::Last:
      state_.emplace<EndOf>(aggregate.function == Function::First);
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
  const std::optional<Value> argument = contribution(*aggregate_, entry);
  if (!argument) return;
  std::visit([&](auto& state) { state.change(entry, &*argument, by); }, state_);
}

Value RunningAggregate::value(const EntrySpan& over) {
  const auto value = [&](auto& state) {
    if constexpr (requires { state.settle(*aggregate_, over); }) state.settle(*aggregate_, over);
    return state.value(*aggregate_);
  };
  return std::visit(value, state_);
}

Value RunningAggregate::value_seen(const LookBack& back) {
  if (counts_all(*aggregate_)) return size_of(back.seen);
  const auto without_changes = [&](const auto& state) -> std::optional<Value> {
    if constexpr (requires { state.value_seen(*aggregate_, back); }) {
      return state.value_seen(*aggregate_, back);
    }
    return std::nullopt;
  };
  if (std::optional<Value> value = std::visit(without_changes, state_)) return *std::move(value);
  // The other kinds let any entry leave.
  for (const Entry& entry : back.newer) change(entry, -1);
  for (const Entry& entry : back.older) change(entry, 1);
  Value value = this->value(back.seen);
  for (const Entry& entry : back.older) change(entry, -1);
  for (const Entry& entry : back.newer) change(entry, 1);
  return value;
}

Value value_over(const rules::Aggregate& aggregate, const EntrySpan& entries) {
  const LookBack all_older{.older = entries, .both = {}, .newer = {}, .seen = entries};
  if (counts_all(aggregate)) return size_of(entries);
  switch (aggregate.function) {
    case Function::Min:
    case Function::Max:
      return ExtremeOf(aggregate.function == Function::Min).value_seen(aggregate, all_older);
    case Function::First:
    case Function::Last:
      return EndOf(aggregate.function == Function::First).value_seen(aggregate, all_older);
    case Function::Sum:
    case Function::Avg:
      return value_of<SumOf>(aggregate, entries);
    case Function::Distinct:
    case Function::ApproxDistinct:
      if (const std::optional<int64_t> few = distinct_texts(aggregate, entries)) {
        return Value::integer(*few);
      }
      return value_of<DistinctOf>(aggregate, entries);
    default:
      break;
  }
  RunningAggregate running(aggregate);
  for (const Entry& entry : entries) running.add(entry);
  return running.value(entries);
}

}  // namespace fengsui::window
