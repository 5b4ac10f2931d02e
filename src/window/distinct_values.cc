#include "window/distinct_values.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/hash_table.h"
#include "base/invariant.h"

namespace fengsui::window {
namespace {

using cel::Value;

constexpr size_t kSlotsLeast = 16;

uint32_t hash_of(const Value& value) { return static_cast<uint32_t>(cel::hash_value(value)); }

}  // namespace

size_t CountedValues::find(const Value& value, uint32_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].count > 0 &&
         (slots_[at].hash != hash || !cel::equal(slots_[at].value, value))) {
    at = (at + 1) & mask;
  }
  return at;
}

void CountedValues::add(const Value& value) {
  if ((size_ + 1) * 4 > slots_.size() * 3) {
    resize(slots_.empty() ? kSlotsLeast : slots_.size() * 2);
  }
  const uint32_t hash = hash_of(value);
  Slot& slot = slots_[find(value, hash)];
  if (slot.count++ > 0) return;
  slot.value = value;
  slot.hash = hash;
  ++size_;
}

void CountedValues::remove(const Value& value) {
  const size_t at = find(value, hash_of(value));
  INVARIANT(slots_[at].count > 0);
  if (--slots_[at].count > 0) return;
  free_place(
      slots_, at, Slot(), [](const Slot& slot) { return slot.count == 0; },
      [](const Slot& slot) { return slot.hash; });
  --size_;
  if (slots_.size() > kSlotsLeast && size_ * 8 < slots_.size()) resize(slots_.size() / 2);
}

void CountedValues::resize(size_t slots) {
  std::vector<Slot> before(slots);
  std::swap(before, slots_);
  for (Slot& slot : before) {
    if (slot.count > 0) slots_[find(slot.value, slot.hash)] = std::move(slot);
  }
}

std::optional<int64_t> distinct_texts(const rules::Aggregate& aggregate, const EntrySpan& entries) {
  if (aggregate.where >= 0 || aggregate.argument < 0 || entries.size() > kFewTexts) {
    return std::nullopt;
  }
  std::array<std::string_view, kFewTexts> texts;
  const auto begin = texts.begin();
  auto end = begin;
  for (const Entry& entry : entries) {
    const auto text = entry.capture_text(static_cast<size_t>(aggregate.argument));
    if (!text) return std::nullopt;
    if (std::find(begin, end, *text) == end) *end++ = *text;
  }
  return end - begin;
}

void DistinctOf::change(const Entry&, const Value* argument, int by) {
  if (!cel::equal(*argument, *argument)) {
    equal_to_nothing_ += by;
  } else if (by > 0) {
    counted_.add(*argument);
  } else {
    counted_.remove(*argument);
  }
}

Value DistinctOf::value(const rules::Aggregate&) const {
  return Value::integer(static_cast<int64_t>(counted_.size()) + equal_to_nothing_);
}

}  // namespace fengsui::window
