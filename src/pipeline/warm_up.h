// Feeds the archive's history to rules that begin without state, so that they know at once what
// they would have known had they been there (`warm: true`). A matcher and a shard of their own, in
// shadow, go the log's way again: batches with their frames' marks of source partitions. What was
// before the oldest segment, and which alerts there were, they cannot know: rules over alerts are
// not warmed.
//
// One thread at a time: first a thread of its own, then, at the swap, the engine's.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "archive/reader.h"
#include "match/matcher.h"
#include "pipeline/rule_changes.h"
#include "pipeline/shard.h"

namespace fengsui::pipeline {

class WarmUp {
 public:
  WarmUp(const std::shared_ptr<const rules::RuleSet>& rules, const RuleChanges& changes,
         ShardOptions options);

  // Feeds what has not been fed of them. Damaged blocks are passed over, and logged.
  Expected<void> feed(std::vector<archive::Segment> segments);
  uint64_t events() const { return events_; }  // fed so far

  struct Warmed {
    std::vector<state::Swap::Group> groups;
    // Of events that still wait for a watermark: the live shard processes them.
    std::vector<match::Match> held;
  };
  // All is fed. `marks`: of all source partitions, as they are now.
  Warmed finish(const std::vector<state::PartitionMark>& marks);

 private:
  void feed(archive::Batch& batch);
  void apply(state::Frame frame);

  const std::shared_ptr<const rules::RuleSet> rules_;  // all but the fresh ones disabled
  std::unique_ptr<match::Matcher> matcher_;
  archive::EventMapper mapper_;
  Shard shard_;
  LogPosition fed_{};
  uint64_t events_ = 0;
};

}  // namespace fengsui::pipeline
