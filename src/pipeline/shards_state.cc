// The state of several shards as one: sums of what they count, each group's value from its owner,
// one rest.
#include <algorithm>
#include <map>
#include <utility>

#include "pipeline/shard_state.h"
#include "pipeline/shard_stored.h"
#include "pipeline/shards.h"

namespace fengsui::pipeline {
namespace {

template <class All, class Of>
auto sum(const All& all, Of of) {
  decltype(of(all.front())) total{};
  for (const Shard& shard : all) total += of(shard);
  return total;
}

}  // namespace

ShardCounters& operator+=(ShardCounters& a, const ShardCounters& b) {
  a.evaluations += b.evaluations;
  a.hits += b.hits;
  a.let_errors += b.let_errors;
  a.opens += b.opens;
  a.raises += b.raises;
  a.clears += b.clears;
  a.shadow_records += b.shadow_records;
  a.late_left_out += b.late_left_out;
  a.partial_matches_evicted += b.partial_matches_evicted;
  a.alert_events += b.alert_events;
  return a;
}

ShardCounters Shards::counters() const {
  return sum(all_, [](const Shard& shard) { return shard.counters(); });
}

size_t Shards::groups() const {
  return sum(all_, [](const Shard& shard) { return shard.groups(); });
}

size_t Shards::timers() const {
  return sum(all_, [](const Shard& shard) { return shard.timers(); });
}

size_t Shards::held() const {
  return sum(all_, [](const Shard& shard) { return shard.held(); });
}

size_t Shards::groups_of(RuleIndex rule) const {
  return sum(all_, [rule](const Shard& shard) { return shard.groups_of(rule); });
}

size_t Shards::groups_away() const {
  return sum(all_, [](const Shard& shard) { return shard.groups_away(); });
}

uint64_t Shards::late_left_out_of(RuleIndex rule) const {
  return sum(all_, [rule](const Shard& shard) { return shard.late_left_out_of(rule); });
}

Shard::HitCounts Shards::hits_of(RuleIndex rule) const {
  Shard::HitCounts total{};
  for (const Shard& shard : all_) {
    const Shard::HitCounts& hits = shard.hits_of(rule);
    for (size_t grade = 0; grade < hits.size(); ++grade) total[grade] += hits[grade];
  }
  return total;
}

// --- Groups in the store alone, and checkpoints

bool Shards::rest(const Shard::PutGroup& put, bool ahead) {
  bool too_much = false;
  for (Shard& shard : all_) too_much |= shard.rest(put, ahead);
  return too_much;
}

const std::optional<Error>& Shards::failure() const {
  for (const Shard& shard : all_) {
    if (shard.failure()) return shard.failure();
  }
  return all_.front().failure();
}

void Shards::begin_checkpoint() {
  for (Shard& shard : all_) shard.begin_checkpoint();
}

bool Shards::put_listed(const Shard::PutGroup& put, size_t most) {
  return std::any_of(all_.begin(), all_.end(),
                     [&](Shard& shard) { return shard.put_listed(put, most); });
}

std::vector<std::string> Shards::end_checkpoint() {
  std::vector<std::string> gone;
  for (Shard& shard : all_) {
    std::vector<std::string> its = shard.end_checkpoint();
    std::move(its.begin(), its.end(), std::back_inserter(gone));
  }
  return gone;
}

void Shards::dirty(const std::function<void(const Shard::DirtyGroup&)>& visit, bool clear) {
  for (Shard& shard : all_) shard.dirty(visit, clear);
}

void Shards::forget_changes() {
  for (Shard& shard : all_) shard.forget_changes();
}

// --- The stored form

std::string Shards::encode_rest() const {
  return encode_rest_head(position(), counters()) +
         time().state_->encode_core(*over_alerts().state_);
}

std::string Shards::digest() const {
  if (alone()) return time().digest();
  std::map<std::string, std::string> bodies;
  for (const Shard& shard : all_) {
    shard.state_->cold.for_each_encoded(
        [&](std::string_view key, std::string_view body) { bodies.emplace(key, body); });
  }
  StateDigest digest;
  for (const auto& [key, body] : bodies) digest.add(key, body);
  return digest.end(time().state_->encode_core(*over_alerts().state_));
}

std::string Shards::stored_digest(std::string_view rest) const {
  Hash128 total;
  for (const Shard& shard : all_) {
    const Hash128& its = shard.state_->groups.changed().stored_sum();
    total.high += its.high;
    total.low += its.low;
  }
  return stored_digest_of(total, rest);
}

// --- Recovery

size_t Shards::place_of_owner(bool rule_over_alerts, std::string_view values) const {
  if (rule_over_alerts) return all_.size() - 1;
  return 1 + shard_of(match::MatchBytes::hash_of(values), parts());
}

Expected<void> Shards::restore_group(std::string_view key, std::string_view value) {
  if (alone()) return time().restore_group(key, value);
  uint64_t state_key = 0;
  std::string_view values;
  if (!parse_group_key(key, state_key, values)) return over_alerts().restore_group(key, value);
  const auto rule = time().state_->rule_of_key.find(state_key);
  const bool over_alerts = rule != time().state_->rule_of_key.end() &&
                           time().state_->rules->rule(rule->second).over_alerts;
  return all_[place_of_owner(over_alerts, values)].restore_group(key, value);
}

Expected<void> Shards::restore_rest(std::string_view bytes) {
  for (Shard& shard : all_) {
    if (Expected<void> restored = shard.restore_rest(bytes); !restored) return restored;
  }
  return {};
}

}  // namespace fengsui::pipeline
