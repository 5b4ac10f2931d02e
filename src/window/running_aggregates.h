// A rule's aggregates over the events of one window, as they come and go.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/aggregate.h"
#include "window/entry.h"

namespace fengsui::window {

// By let; null where it is a program. They stand in the Room: valid until the next are computed
// there, and may be moved from.
using AggregateValues = std::span<cel::Value>;

// What one evaluation sees. Views: valid until what gave them changes.
struct Seen {
  EntrySpan entries;  // by (time, arrival), never empty; the newest is last
  AggregateValues aggregates;
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
  // `over`: all entries that were added and not removed, in order; not empty.
  AggregateValues values(const EntrySpan& over);
  // Over what a late event sees: the entries [from, to) of `all`, to which it belongs; of these the
  // aggregates run over those from `running_from` on, if they run.
  AggregateValues values_seen(const rules::Rule& rule, const EntrySpan& all, size_t running_from,
                              size_t from, size_t to);

 private:
  const rules::Rule* rule_ = nullptr;
  std::vector<RunningAggregate> running_;  // in order of the lets
};

// The rule's aggregates over `entries`, anew. Requires: there are some.
AggregateValues aggregates_over(const rules::Rule& rule, const EntrySpan& entries);

}  // namespace fengsui::window
