// The alerts that a pack gives over recorded events, one an episode, and what became of them in
// another pack's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "alert/record.h"
#include "base/time.h"
#include "rules/rule_set.h"

namespace fengsui::author {

struct PastAlert {
  std::string alert;
  RuleIndex rule{};
  rules::Grade grade = rules::Grade::None;  // the highest it had
  EventTime opened{};
  EventTime last = kAfterAllTime;  // last hit; of one that is still open: no end is known
  std::vector<cel::Value> group;
  std::optional<std::string> area, message;
};

class AlertHistory {
 public:
  // `rules`, which must outlive it, give the records.
  explicit AlertHistory(const rules::RuleSet& rules) : rules_(&rules) {}

  void add(std::vector<alert::Record>& records);  // in their order; moved from
  const std::vector<PastAlert>& alerts() const { return alerts_; }
  size_t open_of(RuleIndex rule) const;  // still open at the end
  const rules::RuleSet& rules() const { return *rules_; }

 private:
  const rules::RuleSet* rules_;
  std::vector<PastAlert> alerts_;                  // by their opening
  std::unordered_map<std::string, size_t> by_id_;  // of those still open
};

// How an alert of the one pack stands in the other.
enum class AlertFate : uint8_t { Same, Regraded, Moved, Added, Lost };
inline constexpr const char* kAlertFateNames[] = {"same", "regraded", "moved", "added", "lost"};

struct AlertPair {
  AlertFate fate = AlertFate::Same;
  const PastAlert* before = nullptr;  // null: added
  const PastAlert* after = nullptr;   // null: lost
};

// By alert id first; of the rest, alerts of one rule and group whose times overlap are one that
// opened at another event: moved (or regraded, if its grade is another). In order of opening.
std::vector<AlertPair> pair_alerts(const AlertHistory& before, const AlertHistory& after);

}  // namespace fengsui::author
