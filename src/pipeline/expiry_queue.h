// When groups are looked at again, by time. Those far off lie in their minute, unsorted, in sixteen
// bytes each. An entry names its group by rule and hash: it stays where it is when the group leaves
// memory and when it comes back, and whoever takes it asks whether it still counts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace fengsui::pipeline {

class ExpiryQueue {
 public:
  struct Entry {
    EventTime at{};
    RuleIndex rule{};
    uint64_t hash = 0;  // of the group's values
  };

  void push(const Entry& entry) {
    const std::chrono::minutes minute = minute_of(entry.at);
    const auto rest = static_cast<uint16_t>((entry.at.time_since_epoch() - minute).count());
    by_minute_[minute.count()].push_back({entry.hash, entry.rule, rest});
  }

  // One that is due; nullopt: none is.
  std::optional<Entry> take(EventTime due) {
    while (!by_minute_.empty() && by_minute_.begin()->first <= minute_of(due).count()) {
      const std::chrono::minutes minute(by_minute_.begin()->first);
      for (const Far& far : by_minute_.begin()->second) {
        near_.push({EventTime{minute} + Duration{far.rest}, far.rule, far.hash});
      }
      by_minute_.erase(by_minute_.begin());
    }
    if (near_.empty() || near_.top().at > due) return std::nullopt;
    const Entry entry = near_.top();
    near_.pop();
    return entry;
  }

  // Rules have other numbers, or go with their entries.
  void renumber(const std::function<std::optional<RuleIndex>(RuleIndex)>& to) {
    const auto follow = [&](auto& entry) {
      const std::optional<RuleIndex> rule = to(entry.rule);
      if (rule) entry.rule = *rule;
      return !rule;
    };
    for (auto& [minute, far] : by_minute_) std::erase_if(far, follow);
    std::vector<Entry> near;
    for (; !near_.empty(); near_.pop()) near.push_back(near_.top());
    std::erase_if(near, follow);
    near_ = Near(Later(), std::move(near));
  }

 private:
  struct Far {
    uint64_t hash;
    RuleIndex rule;
    uint16_t rest;  // ms, of its minute
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const { return a.at > b.at; }
  };
  using Near = std::priority_queue<Entry, std::vector<Entry>, Later>;
  static std::chrono::minutes minute_of(EventTime time) {
    return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch();
  }

  std::map<int64_t, std::vector<Far>> by_minute_;
  Near near_{Later()};
};

}  // namespace fengsui::pipeline
