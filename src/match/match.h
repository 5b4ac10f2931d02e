// A match: an event that passed a rule's `when`, keyed by group. It is what enters the log; nothing
// behind the log sees the event itself.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "cel/value.h"

namespace fengsui::match {

struct Match {
  RuleIndex rule{};
  uint8_t step = 0;        // of a sequence: the step that it fits, as far as the event alone tells
  bool only_seen = false;  // kept in the group's windows, not evaluated there (`seen_by`)
  PartitionId partition{};
  EventTime time{};
  Arrival arrival{};
  // Behind its partition's (or the engine's) watermark when it came: processed at once. `watermark`
  // is its partition's at that moment, so that a replay of the log advances to it first.
  bool late = false;
  EventTime watermark{};
  // String, int or bool each. Of a rule without `by`: source, id.
  std::vector<cel::Value> group;
  std::vector<cel::Value> captures;  // Rule::captures of them; errors among them
  std::string event;                 // "source#id"
};

}  // namespace fengsui::match
