// Timers in event time, in the order in which rules.md ("Time") has them fire: (T, rule id, group,
// then ends of windows and absences before clears, each in the order in which they were set).
// O(log n) to set, drop and take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "cel/value.h"

namespace fengsui::window {

// A group value as timers and alert ids have it: a string as it is, ints in decimal, `true`,
// `false`.
std::string group_text(const cel::Value& value);

// Group values as one text whose bytes sort as the values do, value by value.
std::string group_order(const std::vector<cel::Value>& group);

enum class TimerKind : uint8_t { End, Clear };

struct Timer {
  EventTime due{};
  RuleIndex rule{};
  std::string_view group;  // group_order(); must outlive the timer
  TimerKind kind = TimerKind::Clear;
  uint64_t set = 0;       // counts up with each setting
  void* owner = nullptr;  // whoever set it; not looked at

  friend bool operator<(const Timer& a, const Timer& b);
};

class Timers {
 public:
  void set(const Timer& timer) { timers_.insert(timer); }
  // Requires: set with these very values, and not taken since.
  void drop(const Timer& timer) { timers_.erase(timer); }
  // The first of those due at or before `time`, which is then no longer set.
  std::optional<Timer> take_due(EventTime time);
  // Rules have other numbers, in the same order. Requires: no timer of a rule without one is set.
  void renumber(const std::function<std::optional<RuleIndex>(RuleIndex)>& to);
  size_t size() const { return timers_.size(); }

 private:
  std::set<Timer> timers_;
};

}  // namespace fengsui::window
