// What a late event sees, told from what the newest event sees, over which aggregates run.
//
// Both are runs of the group's entries in their order: the late event sees `older` and `both`, the
// aggregates run over `both` and `newer`. Most late events come soon after their place, so `older`
// and `newer` are few and `both` is most of the window; then going back and forth again from what
// runs costs less than all anew.
#pragma once

#include <optional>

#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/entry.h"

namespace fengsui::window {

struct LookBack {
  EntrySpan older, both, newer;
  EntrySpan seen;  // older and both
};

// What the entry gives the aggregate: its argument (null of one without); nullopt if it contributes
// nothing (aggregate.h).
inline std::optional<cel::Value> contribution(const rules::Aggregate& aggregate,
                                              const Entry& entry) {
  const auto capture = [&entry](int i) { return entry.capture(static_cast<size_t>(i)); };
  if (aggregate.where >= 0 && !capture(aggregate.where).is_true()) return std::nullopt;
  if (aggregate.argument < 0) return cel::Value();
  cel::Value argument = capture(aggregate.argument);
  if (argument.is_error()) return std::nullopt;
  return argument;
}

}  // namespace fengsui::window
