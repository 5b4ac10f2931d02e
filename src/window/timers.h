// Timers in event time, in the order in which rules.md ("Time") has them fire: (T, rules over
// alerts last, rule id, group, then ends of windows and absences before clears, each in the order
// in which they were set). O(log n) to set, drop and take.
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
  bool over_alerts = false;
  RuleIndex rule{};
  std::string_view group;  // group_order(); must outlive the timer
  TimerKind kind = TimerKind::Clear;
  uint64_t set = 0;       // counts up with each setting
  EventTime start{};      // of the window that ends, if the kind of window has one
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
  // Rules have other numbers, in the same order, or go with their timers.
  void renumber(const std::function<std::optional<RuleIndex>(RuleIndex)>& to);
  // When the first is due; kNever: there is none.
  EventTime first_due() const { return timers_.empty() ? kNever : timers_.begin()->due; }
  size_t size() const { return timers_.size(); }

  // Later than any timer is due.
  static constexpr EventTime kNever = kAfterAllTime + Duration{1};

 private:
  std::set<Timer> timers_;
};

// The timers of one group that are due at ends of windows and absences.
class GroupTimers {
 public:
  // What Timer::group is, of an owner; asked only where a timer is set or dropped.
  using OrderOf = std::string_view (*)(void* owner);
  // `number`: the place in the order of setting of those that are set from now on. `order_of`: null
  // if `like` has the group.
  GroupTimers(Timers& timers, const Timer& like, uint64_t number, OrderOf order_of = nullptr)
      : timers_(timers), like_(like), number_(number), order_of_(order_of) {}

  uint64_t number() const { return number_; }
  void set(EventTime due, uint64_t number, EventTime start = {}) {
    timers_.set(timer(due, number, start));
  }
  void drop(EventTime due, uint64_t number, EventTime start = {}) {
    timers_.drop(timer(due, number, start));
  }

 private:
  Timer timer(EventTime due, uint64_t number, EventTime start) const {
    Timer timer = like_;
    if (order_of_ != nullptr) timer.group = order_of_(timer.owner);
    timer.due = due;
    timer.kind = TimerKind::End;
    timer.set = number;
    timer.start = start;
    return timer;
  }

  Timers& timers_;
  Timer like_;
  uint64_t number_;
  OrderOf order_of_;
};

}  // namespace fengsui::window
