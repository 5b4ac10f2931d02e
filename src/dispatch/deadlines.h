// How long an alert may wait for whom, by grade (alerts.md, "Life of an alert"). Plain values.
#pragma once

#include <array>
#include <optional>

#include "base/time.h"
#include "board/case.h"
#include "dispatch/working_time.h"
#include "rules/rule_set.h"

namespace fengsui::dispatch {

class Deadlines {
 public:
  // What the field has (the design's field notes, "SLA defaults").
  static Deadlines usual();

  // Absent: none. Requires: a grade, not None.
  std::optional<Duration>& of(rules::Grade grade, board::Phase phase) {
    return lengths_[static_cast<size_t>(grade)][static_cast<size_t>(phase)];
  }
  const std::optional<Duration>& of(rules::Grade grade, board::Phase phase) const {
    return lengths_[static_cast<size_t>(grade)][static_cast<size_t>(phase)];
  }

 private:
  std::array<std::array<std::optional<Duration>, board::kPhases>, std::size(rules::kGradeNames)>
      lengths_;
};

// When the stages of a deadline are: red and orange go by the calendar, the others by working time.
board::Stages stages_of(EventTime since, Duration length, rules::Grade grade,
                        const WorkingTime& working_time);

}  // namespace fengsui::dispatch
