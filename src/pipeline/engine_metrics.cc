#include "pipeline/engine_metrics.h"

#include "pipeline/front.h"

#include <algorithm>
#include <utility>

namespace fengsui::pipeline {
namespace {

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

EngineMetrics::EngineMetrics(Metrics* metrics, std::shared_ptr<const rules::RuleSet> rules,
                             Duration out_of_orderness)
    : metrics_(metrics), rules_(std::move(rules)), out_of_orderness_(out_of_orderness) {
  if (metrics_ == nullptr) return;
  metrics_->set_pack(rules_->hash, rules_->version);
  seconds_ = {metrics_->commit_seconds(), metrics_->alert_latency_seconds()};
  by_rule_ = rule_series(metrics_, *rules_);
}

std::vector<RuleSeries> rule_series(Metrics* metrics, const rules::RuleSet& rules) {
  std::vector<RuleSeries> series;
  if (metrics == nullptr) return series;
  series.reserve(rules.rules.size());
  for (const auto& rule : rules.rules) {
    RuleSeries of_rule{.matches = metrics->rule_matches_total(rule->id),
                       .errors = metrics->rule_errors_total(rule->id),
                       .late_left_out = metrics->late_left_out_total(rule->id),
                       .exceptions = {},
                       .groups = metrics->groups(rule->id),
                       .counted = {}};
    for (const std::string& name : rule->exceptions) {
      of_rule.exceptions.push_back(metrics->rule_exceptions_total(rule->id, name));
    }
    of_rule.counted.exceptions.resize(rule->exceptions.size());
    series.push_back(std::move(of_rule));
  }
  return series;
}

void EngineMetrics::end_rules(const Front& front, const Shards& shards) {
  if (metrics_ == nullptr) return;
  refresh_rules(front, shards);
  for (const RuleSeries& of_rule : by_rule_) of_rule.groups.set(0);
}

void EngineMetrics::begin_rules(std::shared_ptr<const rules::RuleSet> rules,
                                std::vector<RuleSeries> series, const Front& front,
                                const Shards& shards) {
  if (metrics_ == nullptr) return;
  rules_ = std::move(rules);
  by_rule_ = std::move(series);
  for (size_t i = 0; i < by_rule_.size(); ++i) {
    const RuleIndex rule{static_cast<uint32_t>(i)};
    by_rule_[i].counted = front.counters_of(rule);
    by_rule_[i].hits = shards.hits_of(rule);
    by_rule_[i].left_out = shards.late_left_out_of(rule);
  }
  metrics_->set_pack(rules_->hash, rules_->version);
}

void EngineMetrics::archived(const archive::Archive& archive) {
  if (metrics_ == nullptr) return;
  const auto tell = [](Counter counter, uint64_t now, uint64_t& told) {
    counter.add(static_cast<double>(now - told));
    told = now;
  };
  tell(metrics_->archive_events_total(), archive.events_appended(), events_archived_);
  tell(metrics_->archive_expired_segments_total(), archive.segments_expired(), segments_expired_);
  metrics_->archive_segments().set(static_cast<double>(archive.segments().size()));
  metrics_->archive_bytes().set(static_cast<double>(archive.bytes()));
}

void EngineMetrics::records(const std::string& source, std::optional<PartitionId> partition,
                            const RecordCounters& ended) {
  if (metrics_ == nullptr) return;
  if (partition) {
    source_of_partition_.try_emplace(value_of(*partition), source);
  } else {
    source_of_others_ = source;
  }
  auto known = sources_.find(source);
  if (known == sources_.end()) {
    const auto outcome = [&](event::Outcome which) {
      return metrics_->records_total(source, event::kOutcomeNames[static_cast<size_t>(which)]);
    };
    known = sources_
                .emplace(
                    source,
                    OfSource{outcome(event::Outcome::Processed), outcome(event::Outcome::Duplicate),
                             outcome(event::Outcome::Late), outcome(event::Outcome::DeadLetter),
                             metrics_->late_admitted_total(source)})
                .first;
  }
  const OfSource& counters = known->second;
  counters.processed.add(static_cast<double>(ended.processed));
  counters.duplicate.add(static_cast<double>(ended.duplicate));
  counters.late.add(static_cast<double>(ended.late));
  counters.dead_letter.add(static_cast<double>(ended.dead_letter));
  counters.late_admitted.add(static_cast<double>(ended.late_admitted));
}

void EngineMetrics::alert(const rules::Rule& rule, const alert::Record& record,
                          std::chrono::nanoseconds latency) {
  if (metrics_ == nullptr) return;
  metrics_
      ->alerts_total(rule.id, rules::kGradeNames[static_cast<size_t>(record.grade)],
                     alert::kRecordKindNames[static_cast<size_t>(record.kind)])
      .add();
  seconds_[1].observe(seconds(latency));
}

void EngineMetrics::committed(std::chrono::nanoseconds took) {
  if (metrics_ != nullptr) seconds_[0].observe(seconds(took));
}

void EngineMetrics::limit_hit(std::string_view limit) {
  if (metrics_ != nullptr) metrics_->limit_hits_total(limit).add();
}

bool EngineMetrics::refresh(const Clock& clock, const Front& front, const Shards& shards,
                            state::Store& store, const dispatch::Outbox& outbox) {
  if (metrics_ == nullptr) return false;
  const MonotonicTime now = clock.monotonic();
  if (refreshed_ != MonotonicTime{} && now - refreshed_ < std::chrono::seconds{1}) return false;
  refreshed_ = now;
  refresh_rules(front, shards);
  metrics_->timers().set(static_cast<double>(shards.timers()));
  metrics_->state_bytes().set(static_cast<double>(store.bytes_kept()));
  for (const dispatch::QueueStatus& queue : outbox.status()) {
    metrics_->outbox_depth(queue.queue).set(static_cast<double>(queue.depth));
  }
  refresh_lags(clock, front);
  return true;
}

void EngineMetrics::refresh_rules(const Front& front, const Shards& shards) {
  for (size_t i = 0; i < by_rule_.size(); ++i) {
    const RuleIndex rule{static_cast<uint32_t>(i)};
    RuleSeries& of_rule = by_rule_[i];
    refresh_matches(front.counters_of(rule), of_rule);
    const uint64_t left_out = shards.late_left_out_of(rule);
    of_rule.late_left_out.add(
        static_cast<double>(left_out - std::exchange(of_rule.left_out, left_out)));
    refresh_hits(rule, shards.hits_of(rule), of_rule);
    of_rule.groups.set(static_cast<double>(shards.groups_of(rule)));
  }
  const uint64_t evicted = shards.counters().partial_matches_evicted;
  metrics_->limit_hits_total("partial_matches_max")
      .add(static_cast<double>(evicted - std::exchange(partial_matches_evicted_, evicted)));
}

void EngineMetrics::refresh_matches(const RuleCounters& counted, RuleSeries& of_rule) {
  of_rule.matches.add(static_cast<double>(counted.matches - of_rule.counted.matches));
  of_rule.errors.add(static_cast<double>(counted.errors - of_rule.counted.errors));
  for (size_t i = 0; i < counted.exceptions.size(); ++i) {
    of_rule.exceptions[i].add(
        static_cast<double>(counted.exceptions[i] - of_rule.counted.exceptions[i]));
  }
  of_rule.counted = counted;
}

void EngineMetrics::refresh_hits(RuleIndex rule, const Shard::HitCounts& hits,
                                 RuleSeries& of_rule) {
  for (size_t grade = 1; grade < hits.size(); ++grade) {
    if (hits[grade] == of_rule.hits[grade]) continue;
    metrics_->hits_total(rules_->rule(rule).id, rules::kGradeNames[grade])
        .add(static_cast<double>(hits[grade] - of_rule.hits[grade]));
  }
  of_rule.hits = hits;
}

// A source's watermark is the lowest of its active partitions'.
void EngineMetrics::refresh_lags(const Clock& clock, const Front& front) {
  std::map<std::string, EventTime> lowest;
  for (size_t i = 0; i < front.partitions().size(); ++i) {
    const Front::Partition& partition = front.partitions()[i];
    if (!partition.active || partition.seen == kBeforeAllTime) continue;
    const auto owner = source_of_partition_.find(static_cast<uint32_t>(i));
    const std::string& source =
        owner == source_of_partition_.end() ? source_of_others_ : owner->second;
    if (source.empty()) continue;
    const EventTime watermark = partition.seen - out_of_orderness_;
    const auto [known, added] = lowest.emplace(source, watermark);
    if (!added) known->second = std::min(known->second, watermark);
  }
  for (const auto& [source, watermark] : lowest) {
    metrics_->watermark_lag_seconds(source).set(seconds(clock.wall() - watermark));
  }
}

}  // namespace fengsui::pipeline
