// The engine's metrics. Those that follow from state (groups, timers, depth, lag) are set at most
// once a second, since a commit may come every millisecond. The engine's thread alone.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/record.h"
#include "archive/archive.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "dispatch/outbox.h"
#include "pipeline/front_options.h"
#include "pipeline/shards.h"
#include "state/store.h"

namespace fengsui::pipeline {

class Front;
struct RecordCounters;

// The series of one rule, and what they have been told so far.
struct RuleSeries {
  Counter matches, errors, late_left_out;
  std::vector<Counter> exceptions;  // by Rule::exceptions
  Gauge groups;
  RuleCounters counted;
  Shard::HitCounts hits{};
  uint64_t left_out = 0;
};
// Any thread; `metrics` null: none.
std::vector<RuleSeries> rule_series(Metrics* metrics, const rules::RuleSet& rules);

class EngineMetrics {
 public:
  // `metrics` null: nothing is kept.
  EngineMetrics(Metrics* metrics, std::shared_ptr<const rules::RuleSet> rules,
                Duration out_of_orderness);

  // Of one batch of a source; `partition` absent: each event's own.
  void records(const std::string& source, std::optional<PartitionId> partition,
               const RecordCounters& ended);
  void alert(const rules::Rule& rule, const alert::Record& record,
             std::chrono::nanoseconds latency);
  void committed(std::chrono::nanoseconds took);
  void limit_hit(std::string_view limit);
  // A new pack: tells the old rules' series the last of them; then the new ones begin where front
  // and shards stand.
  void end_rules(const Front& front, const Shards& shards);
  void begin_rules(std::shared_ptr<const rules::RuleSet> rules, std::vector<RuleSeries> series,
                   const Front& front, const Shards& shards);
  void archived(const archive::Archive& archive);
  // False: it was too soon.
  bool refresh(const Clock& clock, const Front& front, const Shards& shards, state::Store& store,
               const dispatch::Outbox& outbox);

 private:
  void refresh_lags(const Clock& clock, const Front& front);
  struct OfSource {
    Counter processed, duplicate, late, dead_letter, late_admitted;
  };

  void refresh_rules(const Front& front, const Shards& shards);
  static void refresh_matches(const RuleCounters& counted, RuleSeries& of_rule);
  void refresh_hits(RuleIndex rule, const Shard::HitCounts& hits, RuleSeries& of_rule);

  Metrics* const metrics_;
  std::shared_ptr<const rules::RuleSet> rules_;
  const Duration out_of_orderness_;
  std::map<std::string, OfSource> sources_;
  std::map<uint32_t, std::string> source_of_partition_;
  std::string source_of_others_;  // of partitions that are the events' own
  std::vector<RuleSeries> by_rule_;
  uint64_t partial_matches_evicted_ = 0;                 // so far, by the counter
  uint64_t events_archived_ = 0, segments_expired_ = 0;  // told so far
  std::vector<Histogram> seconds_;                       // commits, alerts; empty without metrics
  MonotonicTime refreshed_{};
};

}  // namespace fengsui::pipeline
