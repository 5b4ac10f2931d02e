// What rules compare one slot with, and what an event's value comes to there: a number that stands
// for the value. Not for callers of the folder.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "cel/conjuncts.h"
#include "match/affixes.h"
#include "match/symbols.h"

namespace fengsui::match {

class Column {
 public:
  enum class Kind : uint8_t {
    Values,  // ==, !=, in
    Truth,   // the slot itself, as a bool
    Prefixes,
    Suffixes,
  };
  // Beside the numbers of values, which begin at 1.
  static constexpr uint32_t kNone = 0;                 // none that a rule names
  static constexpr uint32_t kAbsent = UINT32_MAX;      // no such field: has() is false
  static constexpr uint32_t kUnsure = UINT32_MAX - 1;  // an error, or a kind that decides nothing
  static constexpr uint32_t kNever = UINT32_MAX - 2;   // of a constant that equals nothing

  Column(int slot, Kind kind)
      : slot_(static_cast<size_t>(slot)), kind_(kind), affixes_(kind == Kind::Suffixes) {}

  // Which kind of column asks for such a conjunct; nullopt: none does.
  static std::optional<Kind> kind_of(cel::Conjunct::Form form);

  // Notes what a conjunct of its kind names; then finish(), then the rest.
  void add(const cel::Conjunct& conjunct);
  void finish() { affixes_.finish(); }

  // Begins to read(): the memory that it needs is on its way then.
  void fetch(std::span<const cel::Value> slots, TextKey& key) const {
    const cel::Value& value = slots[slot_];
    if (kind_ != Kind::Values || value.kind() != cel::Kind::String) return;
    key.set(value.as_string());
    symbols_.fetch(key.hash);
  }
  // `key`: what fetch() has made of it.
  uint32_t read(std::span<const cel::Value> slots, const TextKey& key) const {
    const cel::Value& value = slots[slot_];
    if (kind_ == Kind::Values && value.kind() == cel::Kind::String) {
      return symbols_.find(value.as_string(), key);
    }
    return read(slots);
  }
  // For the event with these slots.
  uint32_t read(std::span<const cel::Value> slots) const {
    const cel::Value& value = slots[slot_];
    if (value.is_error()) {
      return value.error_code() == cel::ErrorCode::Missing ? kAbsent : kUnsure;
    }
    if (kind_ == Kind::Values) return symbols_.find(value);
    return read_other(value);
  }
  // The numbers for which a conjunct that was added holds (of `!=`: for which it does not): of
  // affixes, those from the first up to the second; else each, ascending. None if its constants
  // equal nothing.
  std::vector<uint32_t> numbers_of(const cel::Conjunct& conjunct) const;
  bool is_of_affixes() const { return kind_ == Kind::Prefixes || kind_ == Kind::Suffixes; }
  uint32_t count() const { return std::max(symbols_.count(), affixes_.count()); }

 private:
  uint32_t read_other(const cel::Value& value) const;
  const size_t slot_;
  const Kind kind_;
  Symbols symbols_;
  Affixes affixes_;
};

}  // namespace fengsui::match
