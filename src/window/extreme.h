// min and max: O(1) amortised for an entry that is the newest, for eviction and for the value.
//
// A monotone deque: the entries that no later one (by key) is as good as, in order of their keys;
// the first is the extreme of all, and one that leaves at the front uncovers the next. A late entry
// has its place found by binary search: it is left out if the next is as good, and else takes the
// place of those before it that are no better. (In order: D. Lemire, "Streaming maximum-minimum
// filter using no more than three comparisons per element", Nordic Journal of Computing 13, 2006.
// The general structure for late input is the finger tree of Tangwongsan, Hirzel, Schneider,
// "Optimal and General Out-of-Order Sliding-Window Aggregation", VLDB 2019; DESIGN.md says why
// not.)
//
// Entries must leave in order of their keys. "As good" is by ValueBefore: values that it does not
// put in order are the same in every respect.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/entry.h"
#include "window/look_back.h"

namespace fengsui::window {

class ExtremeOf {
 public:
  explicit ExtremeOf(bool is_min) : is_min_(is_min) {}
  // Requires: one that leaves has the lowest key of those that are there.
  void change(const Entry& entry, const cel::Value* argument, int by);
  cel::Value value(const rules::Aggregate&) const;
  // The deque's first is that of `both` too unless it is a newer one; then `both` is looked
  // through.
  cel::Value value_seen(const rules::Aggregate& aggregate, const LookBack& back) const;

 private:
  // How many entries have a value of each kind that min and max tell apart.
  struct Kinds {
    enum Kind { Number, Bool, String, Bytes, Timestamp, Duration, NaN, NotOrdered, kCount };
    std::array<uint32_t, kCount> counts{};
    static Kind of(const cel::Value& value);
    cel::Value value(const cel::Value* best) const;  // best: null if there is none
  };
  struct Item {
    EntryKey key;
    cel::Value value;
  };
  bool is_better(const cel::Value& a, const cel::Value& b) const;
  void put(const EntryKey& key, const cel::Value& value);
  void drop(const EntryKey& key);

  std::vector<Item> items_;  // those before first_ are gone
  size_t first_ = 0;
  Kinds kinds_;
  bool is_min_;
};

}  // namespace fengsui::window
