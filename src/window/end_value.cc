#include "window/end_value.h"

#include <utility>

namespace fengsui::window {

using cel::Value;

void EndOf::change(const Entry& entry, const Value* argument, int by) {
  if (by < 0) {
    if (state_ != State::Known || entry.key != key_) return;
    state_ = is_first_ ? State::Unknown : State::None;
    return;
  }
  if (state_ == State::Unknown) return;
  if (state_ == State::Known && (is_first_ ? key_ < entry.key : entry.key < key_)) return;
  state_ = State::Known;
  key_ = entry.key;
  value_ = *argument;
}

void EndOf::find(const rules::Aggregate& aggregate, const EntrySpan& in) {
  state_ = State::None;
  for (size_t i = 0; i < in.size() && state_ == State::None; ++i) {
    const Entry entry = in[is_first_ ? i : in.size() - 1 - i];
    auto value = contribution(aggregate, entry);
    if (!value) continue;
    state_ = State::Known;
    key_ = entry.key;
    value_ = *std::move(value);
  }
}

void EndOf::settle(const rules::Aggregate& aggregate, const EntrySpan& over) {
  if (state_ == State::Unknown) find(aggregate, over);
}

Value EndOf::value(const rules::Aggregate&) const {
  return state_ == State::Known ? value_ : Value::error(cel::ErrorCode::Empty);
}

Value EndOf::value_seen(const rules::Aggregate& aggregate, const LookBack& back) const {
  EndOf found(is_first_);
  found.find(aggregate, back.seen);
  return found.value(aggregate);
}

}  // namespace fengsui::window
