// What of the dispatch file decides who hears of an alert, and when: the route tree, what inhibits
// what, and times. Plain values, immutable once read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dispatch/matcher.h"
#include "dispatch/route.h"
#include "dispatch/time_interval.h"
#include "dispatch/working_time.h"

namespace fengsui::dispatch {

// While a source is firing, its targets with the same values of the labels `equal` are held back. A
// label that is missing has the empty value. An alert that is source and target is not held back by
// another that is both (Alertmanager's documentation, "Inhibition").
struct InhibitRule {
  std::string name;  // may be empty
  Matchers source, target;
  std::vector<std::string> equal;
};

struct Plan {
  Route route;
  std::vector<InhibitRule> inhibit_rules;
  TimeIntervals time_intervals;
  WorkingTime working_time;
  // An alert whose time is so far behind the clock when it comes (a backlog after an outage) is on
  // the board and told to nobody; its end neither. A raise that is not is told. Absent: none is.
  std::optional<Duration> stale_after;
  std::string supervision;  // the queue that hears of what is put under supervision; may be empty
};

}  // namespace fengsui::dispatch
