// A rule's aggregates over the events of one window, as they come and go.
#pragma once

#include <vector>

#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/aggregate.h"
#include "window/entry.h"

namespace fengsui::window {

// What one evaluation sees. Views: valid until what gave them changes.
struct Seen {
  EntrySpan entries;                   // by (time, arrival), never empty; the newest is last
  std::vector<cel::Value> aggregates;  // by let; null where it is a program
};

class RunningAggregates {
 public:
  // Over nothing yet. Requires: the rule is the same from then on, and outlives this.
  void start(const rules::Rule& rule);
  // Over nothing, of no rule.
  void stop();
  bool started() const { return rule_ != nullptr; }

  // Requires: started.
  void add(const Entry& entry);
  void remove(const Entry& entry);
  std::vector<cel::Value> values() const;  // by let

 private:
  const rules::Rule* rule_ = nullptr;
  std::vector<RunningAggregate> running_;  // in order of the lets
};

// The rule's aggregates over `entries`, by let; lets that are programs are left null.
std::vector<cel::Value> aggregates_over(const rules::Rule& rule, const EntrySpan& entries);

}  // namespace fengsui::window
