#include "window/timers.h"

#include <tuple>

namespace fengsui::window {

std::string group_text(const cel::Value& value) {
  switch (value.kind()) {
    case cel::Kind::Int:
      return std::to_string(value.as_int());
    case cel::Kind::Bool:
      return value.as_bool() ? "true" : "false";
    default:
      return value.as_string();
  }
}

std::string group_order(const std::vector<cel::Value>& group) {
  // A value ends with 00 01, and a 00 inside it becomes 00 ff: so "a" sorts before "a\0" and "ab",
  // whatever follows it.
  std::string order;
  for (const cel::Value& value : group) {
    for (const char c : group_text(value)) {
      order.push_back(c);
      if (c == '\0') order.push_back('\xff');
    }
    order.append("\0\x01", 2);
  }
  return order;
}

bool operator<(const Timer& a, const Timer& b) {
  return std::tie(a.due, a.over_alerts, a.rule, a.group, a.kind, a.set, a.start) <
         std::tie(b.due, b.over_alerts, b.rule, b.group, b.kind, b.set, b.start);
}

std::optional<Timer> Timers::take_due(EventTime time) {
  if (timers_.empty() || timers_.begin()->due > time) return std::nullopt;
  const Timer timer = *timers_.begin();
  timers_.erase(timers_.begin());
  return timer;
}

void Timers::renumber(const std::function<std::optional<RuleIndex>(RuleIndex)>& to) {
  std::set<Timer> renumbered;
  for (Timer timer : timers_) {
    const std::optional<RuleIndex> next = to(timer.rule);
    if (!next) continue;
    timer.rule = *next;
    renumbered.insert(renumbered.end(), timer);
  }
  timers_ = std::move(renumbered);
}

}  // namespace fengsui::window
