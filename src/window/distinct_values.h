// distinct: the values of a window, each with how many entries have it; O(1) an entry.
//
// An open hash table whose slots hold the values themselves (linear probing; what follows a slot
// that is freed moves up, so nothing marks it), so that values which come and go take no memory
// anew, and a value costs one miss of the cache. It shrinks with the window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/entry.h"

namespace fengsui::window {

class CountedValues {
 public:
  // Requires: the value equals itself.
  void add(const cel::Value& value);
  // Requires: it was added and not removed since.
  void remove(const cel::Value& value);
  size_t size() const { return size_; }  // values, none of which are equal

 private:
  struct Slot {
    cel::Value value;
    uint32_t hash = 0;
    uint32_t count = 0;  // 0: free
  };
  // Where it is, or the free slot where it would be. Requires: there are slots.
  size_t find(const cel::Value& value, uint32_t hash) const;
  void resize(size_t slots);

  std::vector<Slot> slots_;  // a power of two
  size_t size_ = 0;
};

// How many different texts few entries have, without a table. nullopt: some values are no texts,
// there are more than kFewTexts entries, or the aggregate has a `where`.
inline constexpr size_t kFewTexts = 8;
std::optional<int64_t> distinct_texts(const rules::Aggregate& aggregate,
                                      const EntrySpan& entries);

class DistinctOf {
 public:
  void change(const Entry&, const cel::Value* argument, int by);
  cel::Value value(const rules::Aggregate&) const;

 private:
  CountedValues counted_;
  int64_t equal_to_nothing_ = 0;
};

}  // namespace fengsui::window
