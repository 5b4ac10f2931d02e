// What an engine tells of itself: a copy, made at each commit. Counters of records survive
// restarts; alerts and latencies are those since the start.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "alert/record.h"
#include "base/ids.h"
#include "base/time.h"
#include "dispatch/outbox.h"
#include "pipeline/front.h"
#include "pipeline/latency.h"
#include "pipeline/shard.h"

namespace fengsui::pipeline {

inline constexpr size_t kGrades = std::size(rules::kGradeNames);
inline constexpr size_t kRecordKinds = std::size(alert::kRecordKindNames);

// alerts[rule][grade][kind]
using AlertCounts = std::vector<std::array<std::array<uint64_t, kRecordKinds>, kGrades>>;

// The pack in force, and what its rules have counted (matches and errors since this start or since
// their id came, hits since this start).
struct PackStatus {
  struct OfRule {
    RuleCounters counted;
    Shard::HitCounts hits;
    size_t groups = 0;
  };
  std::shared_ptr<const rules::RuleSet> rules;
  std::vector<OfRule> by_rule;
};

struct SwapOutcome {
  std::string old_hash, new_hash;
  std::vector<std::string> kept, fresh, removed;  // rule ids, as RuleChanges has them
  LogPosition position{};                         // of the marker
  uint64_t events_warmed = 0;
  std::chrono::nanoseconds pause{};  // for which the engine took no records
};

struct EngineStatus {
  RecordCounters records;
  ShardCounters shard;
  AlertCounts alerts;  // by RuleIndex
  size_t groups = 0, timers = 0, held = 0;
  EventTime watermark = kBeforeAllTime;
  LogPosition position{};     // of the last commit
  LogPosition checkpoint{};   // of the last checkpoint
  LogPosition recovered{};    // of the last commit before this start
  uint64_t replayed = 0;      // frames replayed at this start
  LatencyCounts commits;      // of the store's write
  LatencyCounts durable;      // of records, from accepted to durable
  LatencyCounts alerted;      // of alert records, from the oldest record of their commit
  uint64_t outbox_waits = 0;  // times that a full outbox held the sources up
  std::vector<dispatch::QueueStatus> queues;
};

}  // namespace fengsui::pipeline
