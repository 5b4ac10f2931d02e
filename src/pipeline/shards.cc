#include "pipeline/shards.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "base/invariant.h"
#include "pipeline/shard_state.h"

namespace fengsui::pipeline {
namespace {

using Records = std::vector<alert::Record>;

// Each part gets its share of the memory.
ShardOptions options_of_part(ShardOptions options, size_t parts) {
  if (options.memory_bytes != SIZE_MAX) options.memory_bytes /= parts;
  return options;
}

// As one shard would have ended them: by rule, then by group.
void append_in_order(Records&& ended, Records& out) {
  std::vector<std::pair<std::string, size_t>> order;
  for (size_t i = 0; i < ended.size(); ++i) {
    order.emplace_back(window::group_order(ended[i].group), i);
  }
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return std::tie(ended[a.second].rule, a.first) < std::tie(ended[b.second].rule, b.first);
  });
  for (const auto& [group, i] : order) out.push_back(std::move(ended[i]));
}

}  // namespace

Shards::Shards(std::shared_ptr<const rules::RuleSet> rules, const ShardOptions& options,
               const ShardsOptions& several)
    : options_(several) {
  INVARIANT(several.shards >= 1 && several.shards <= kShardsMost);
  INVARIANT(several.shards == 1 || options.listener == nullptr);
  if (several.shards == 1) {
    all_.emplace_back(std::move(rules), options);
    return;
  }
  said_.resize(several.shards);
  all_.reserve(parts() + 2);
  const auto add = [&](ShardRole role) -> Shard::Share& {
    all_.push_back(Shard(
        std::make_unique<Shard::State>(rules, options_of_part(options, several.shards), role)));
    return all_.back().state_->share;
  };
  Shard::Share& time = add(ShardRole::Time);
  time.parts = parts();
  time.schedule = &schedule_;
  for (size_t i = 0; i < parts(); ++i) add(ShardRole::Part).own = static_cast<uint8_t>(i);
  add(ShardRole::OverAlerts);
  threads_ = std::make_unique<ShardThreads>(
      parts(), [this](size_t part) { run(part); }, several.pinned);
}

Shards::~Shards() = default;

// --- A frame

void Shards::apply(const state::Frame& frame, Records& out) { apply(state::Frame(frame), out); }

void Shards::apply(state::Frame&& frame, Records& out) {
  begin(std::move(frame), out);
  finish(out);
}

void Shards::begin(state::Frame&& frame, Records& out) {
  INVARIANT(begun_ == Begun::No);
  if (alone()) return time().apply(std::move(frame), out);
  time().apply(std::move(frame), out);  // it says nothing
  schedule_.position = position();
  if (schedule_.matches.size() >= options_.handed_over_from) {
    threads_->start();
    begun_ = Begun::Handed;
    return;
  }
  for (size_t i = 0; i < parts(); ++i) run(i);
  begun_ = Begun::Here;
}

void Shards::run(size_t at) { part(at).state_->share.run(schedule_, said_[at]); }

void Shards::finish(Records& out) {
  const Begun begun = std::exchange(begun_, Begun::No);
  if (begun == Begun::No) return;
  if (begun == Begun::Handed) threads_->wait();
  count_left_out();
  std::vector<ShardPart*> parts;
  for (ShardPart& said : said_) parts.push_back(&said);
  ShardMerge merge(std::move(parts));
  over_alerts().state_->share.follow(schedule_, merge, out);
  schedule_.clear();
  for (ShardPart& said : said_) said.clear();
}

// An event that came too late for windows of several groups counts once, whoever has them.
void Shards::count_left_out() {
  std::vector<std::pair<RuleIndex, Arrival>> all;
  for (const ShardPart& said : said_) {
    all.insert(all.end(), said.left_out.begin(), said.left_out.end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (const auto& [rule, arrival] : all) time().state_->note_left_out(rule, arrival);
}

// --- Another pack

Expected<void> Shards::swap(const std::shared_ptr<const rules::RuleSet>& rules,
                            const RuleChanges& changes, const state::Swap& swap, LogPosition at,
                            Records& out) {
  if (alone()) return time().swap(rules, changes, swap, at, out);
  std::unordered_set<uint64_t> keys_over_alerts;
  for (const auto& rule : rules->rules) {
    if (rule->over_alerts) keys_over_alerts.insert(rule->state_key);
  }
  std::vector<state::Swap> swaps(all_.size());
  for (const state::Swap::Group& warm : swap.warm) {
    uint64_t state_key = 0;
    std::string_view values;
    // What is no key is refused by whoever gets it.
    const bool parsed = parse_group_key(warm.key, state_key, values);
    const bool over_alerts = !parsed || keys_over_alerts.contains(state_key);
    swaps[place_of_owner(over_alerts, values)].warm.push_back(warm);
  }
  Records ended, ended_over_alerts;
  for (size_t i = 0; i < all_.size(); ++i) {
    Records& its = &all_[i] == &over_alerts() ? ended_over_alerts : ended;
    Expected<void> swapped = all_[i].swap(rules, changes, swaps[i], at, its);
    if (!swapped) return swapped;
  }
  append_in_order(std::move(ended), out);
  append_in_order(std::move(ended_over_alerts), out);
  return {};
}

void Shards::listen(ShardListener* listener) {
  INVARIANT(alone() || listener == nullptr);
  time().listen(listener);
}

}  // namespace fengsui::pipeline
