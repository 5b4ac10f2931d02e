// first and last: the argument of the first or last of the entries that contribute; O(1) amortised.
//
// Only that one is kept, whatever the window holds. When the first leaves, the next is looked for
// among the entries once somebody asks; those passed over contribute nothing, and are not looked at
// again. When the last leaves, all that contributed before have left.
#pragma once

#include <cstdint>

#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/entry.h"
#include "window/look_back.h"

namespace fengsui::window {

class EndOf {
 public:
  explicit EndOf(bool is_first) : is_first_(is_first) {}
  // Requires: one that leaves has the lowest key of those that are there.
  void change(const Entry& entry, const cel::Value* argument, int by);
  // Before a value is asked for. `over`: all entries that were added and not removed.
  void settle(const rules::Aggregate& aggregate, const EntrySpan& over);
  cel::Value value(const rules::Aggregate& aggregate) const;
  cel::Value value_seen(const rules::Aggregate& aggregate, const LookBack& back) const;

 private:
  void find(const rules::Aggregate& aggregate, const EntrySpan& in);

  enum class State : uint8_t { None, Known, Unknown };  // unknown: to be looked for
  EntryKey key_;
  cel::Value value_;
  bool is_first_;
  State state_ = State::None;
};

}  // namespace fengsui::window
