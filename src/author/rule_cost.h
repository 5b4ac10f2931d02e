// What each rule costs: time by listening to the engine at work, state by its stored form; and,
// without events, what can be said beforehand.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "match/matcher.h"
#include "pipeline/replay.h"
#include "pipeline/shard_listener.h"

namespace fengsui::author {

struct RuleCost {
  std::string rule;
  std::chrono::nanoseconds matching{0};  // `when`, `except`, `by`, captures
  std::chrono::nanoseconds window{0};    // window or sequence, lets, grades, records, timers
  uint64_t asked = 0, matches = 0, evaluations = 0, hits = 0, records = 0;
  size_t groups = 0, groups_most = 0;  // at the end, and the most there were
  size_t state_bytes = 0;              // of the groups at the end, as they are stored
};

// Measures as it listens. Reading the clock is part of what it measures: some 50 ns a call.
class CostMeter final : public match::MatchListener, public pipeline::ShardListener {
 public:
  // Both must outlive it.
  CostMeter(const rules::RuleSet& rules, const Clock& clock);

  void asking(const rules::Rule& rule) override;
  match::MatchListener* matches() override { return this; }
  void asked(const Asked& asked) override;
  void begins(const rules::Rule& rule) override;
  void ends(const rules::Rule& rule) override;
  void evaluated(const Evaluated& evaluated) override;
  void recorded(const rules::Rule& rule, const alert::Record& record) override;

  // Now and then: how many groups there are.
  void look_at(const pipeline::Shards& shards);
  // At the end. The most expensive first.
  std::vector<RuleCost> result(pipeline::Shards& shards);

 private:
  const rules::RuleSet& rules_;
  const Clock& clock_;
  std::vector<RuleCost> costs_;  // by RuleIndex
  MonotonicTime asking_since_{}, working_since_{};
};

// Without events: what a rule keeps, and for how long.
struct RuleEstimate {
  std::string rule;
  std::string keeps;          // "sliding 1h", "sequence of 3 steps within 30m", "its episode"
  Duration span{};            // for how long an event, or a match, is kept
  size_t bytes_an_event = 0;  // of a kept event, short texts assumed
  size_t bytes_a_group = 0;   // beside its events
  std::vector<std::string> grows_with;  // aggregates that keep more than a number
};
std::vector<RuleEstimate> estimate(const rules::RuleSet& rules);

// Tables for people.
std::string as_text(const std::vector<RuleCost>& costs, uint64_t events);
std::string as_text(const std::vector<RuleEstimate>& estimates);
// One JSON object: {"events", "rules": [...]}; a list.
std::string as_json(const std::vector<RuleCost>& costs, uint64_t events);
std::string as_json(const std::vector<RuleEstimate>& estimates);

}  // namespace fengsui::author
