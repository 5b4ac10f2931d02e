// top(x, k): the values that most events have, with how many have them.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/entry.h"
#include "window/value_order.h"

namespace fengsui::window {

// O(log n) an entry, O(k) a value. Numbers that are equal are one value, and shown as the lowest
// kind of them that is there.
class TopOf {
 public:
  void change(const Entry& entry, const cel::Value* argument, int by);
  cel::Value value(const rules::Aggregate& aggregate) const;

 private:
  using Counts = std::map<cel::Value, int64_t, ValueBefore>;
  struct Ranked {
    int64_t count = 0;
    cel::Value value;
    bool operator<(const Ranked& other) const {
      if (count != other.count) return count > other.count;
      return ValueBefore()(value, other.value);
    }
  };
  // All that equal `value`, as one; count 0: there are none.
  Ranked ranked(const cel::Value& value) const;

  Counts counts_;
  std::set<Ranked> ranking_;
  int64_t not_ordered_ = 0;
};

}  // namespace fengsui::window
