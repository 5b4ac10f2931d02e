// A change of packs behind the log: what stays, what ends, and what begins with history.
#include <algorithm>
#include <tuple>
#include <utility>

#include "base/invariant.h"
#include "pipeline/shard_state.h"

namespace fengsui::pipeline {
namespace {

using Matches = std::vector<const match::Match*>;

// Where each of `to` stood in `from`; -1: nowhere.
window::CaptureMap map_of(const std::vector<std::string>& from,
                          const std::vector<std::string>& to) {
  window::CaptureMap map;
  for (const std::string& key : to) {
    const auto at = std::find(from.begin(), from.end(), key);
    map.push_back(at == from.end() ? -1 : static_cast<int>(at - from.begin()));
  }
  return map;
}

// The keys of what a match of this source carries.
std::vector<std::string> keys_of(const rules::Rule& rule, size_t source) {
  std::vector<std::string> keys;
  const rules::RuleSource& of = rule.sources[source];
  for (size_t i = 0; i < of.captures.size(); ++i) {
    const size_t slot = of.capture_slots.empty() ? i : static_cast<size_t>(of.capture_slots[i]);
    keys.push_back(rule.capture_keys[slot]);
  }
  return keys;
}

// A rule's state on its way to another pack.
struct RuleMove {
  const rules::Rule* from = nullptr;
  const rules::Rule* to = nullptr;  // null: it goes
  bool ends_episodes = false;
  bool tells = false;                          // with a clear
  std::optional<window::CaptureMap> captures;  // where they differ
};

using RuleMoves = std::vector<RuleMove>;  // by the old pack's index

}  // namespace

struct Shard::Swapping {
  State& state;
  const RuleMoves moves;

  Swapping(State& of, const rules::RuleSet& next, const RuleChanges& changes);
  void bring_back_what_changes();
  void end_episodes(std::vector<alert::Record>& out);
  void keep_counts(size_t rules, const RuleChanges& changes);
  std::optional<RuleIndex> renumbered(RuleIndex rule) const;
  void follow_rules();
  template <class Holder>
  void move_held(Holder& holder);
  Expected<void> take_warm(const state::Swap& swap);
};

namespace {

RuleMoves moves_of(const rules::RuleSet& old, const rules::RuleSet& next,
                   const RuleChanges& changes) {
  RuleMoves moves(old.rules.size());
  for (size_t i = 0; i < moves.size(); ++i) {
    const rules::Rule& from = *old.rules[i];
    const RuleChanges::Next& change = changes.next[i];
    RuleMove& move = moves[i];
    move.from = &from;
    move.tells = from.mode == rules::Mode::Live;
    move.ends_episodes = true;
    if (!change.keeps_state) continue;
    const rules::Rule& to = next.rule(*change.same_id);
    if (to.mode == rules::Mode::Disabled) continue;
    move.to = &to;
    // Without quiet an episode is its one hit, and none is ever open.
    move.ends_episodes = from.mode != to.mode || to.quiet <= Duration{0};
    if (from.capture_keys != to.capture_keys) {
      move.captures = map_of(from.capture_keys, to.capture_keys);
    }
  }
  return moves;
}

}  // namespace

Shard::Swapping::Swapping(State& of, const rules::RuleSet& next, const RuleChanges& changes)
    : state(of), moves(moves_of(*of.rules, next, changes)) {}

std::optional<RuleIndex> Shard::Swapping::renumbered(RuleIndex rule) const {
  const RuleMove& move = moves[value_of(rule)];
  return move.to ? std::optional(move.to->index) : std::nullopt;
}

// Groups that are in the store alone stay there where nothing in them changes: they wait for
// nothing, so no episode of theirs ends.
void Shard::Swapping::bring_back_what_changes() {
  for (const RuleMove& move : moves) {
    if (move.to == nullptr || move.captures) state.cold.bring_back_all_of(move.from->index);
  }
}

// The episodes that end, in the order in which timers of one time would have fired. Rules over
// alerts see no clears.
void Shard::Swapping::end_episodes(std::vector<alert::Record>& out) {
  std::vector<ShardGroup*> ended;
  state.groups.for_each([&](ShardGroup& group) {
    if (group.episode() != nullptr && moves[value_of(group.rule)].ends_episodes)
      ended.push_back(&group);
  });
  const auto place = [&](ShardGroup* group) {
    return std::tuple(state.rules->rule(group->rule).over_alerts, group->rule, group->order());
  };
  std::sort(ended.begin(), ended.end(),
            [&](ShardGroup* a, ShardGroup* b) { return place(a) < place(b); });
  for (ShardGroup* group : ended) {
    state.timers.drop(*std::exchange(group->more().clear, std::nullopt));
    const EventTime now = std::max(group->episode()->last, state.watermark.reached());
    alert::Record record =
        alert::clear(state.rules->rule(group->rule), group->values(), group->more().episode);
    // Not later than it would have cleared by itself.
    record.time = std::min(record.time, now);
    state.groups.set_dirty(*group);
    if (!moves[value_of(group->rule)].tells) continue;
    ++state.counters.clears;
    out.push_back(std::move(record));
  }
}

void Shard::Swapping::keep_counts(size_t rules, const RuleChanges& changes) {
  std::vector<Shard::HitCounts> hits(rules);
  std::vector<uint64_t> left_out(rules);
  for (size_t i = 0; i < changes.next.size(); ++i) {
    const std::optional<RuleIndex> same_id = changes.next[i].same_id;
    if (!same_id) continue;
    hits[value_of(*same_id)] = state.hits[i];
    left_out[value_of(*same_id)] = state.left_out[i];
  }
  state.hits = std::move(hits);
  state.left_out = std::move(left_out);
  state.last_left_out = {};
}

// Groups have their new rules' numbers; what was made of the old rules is still in them.
void Shard::Swapping::follow_rules() {
  std::vector<const RuleMove*> by_new(state.rules->rules.size(), nullptr);
  for (const RuleMove& move : moves) {
    if (move.to) by_new[value_of(move.to->index)] = &move;
  }
  state.groups.for_each([&](ShardGroup& group) {
    const RuleMove& move = *by_new[value_of(group.rule)];
    const window::CaptureMap* captures = move.captures ? &*move.captures : nullptr;
    group.kept.follow_rule(captures);
    if (captures != nullptr) state.groups.set_dirty(group);
    if (group.clear() != nullptr) group.more().clear->rule = group.rule;
    if (group.episode() != nullptr && move.from->quiet != move.to->quiet) {
      state.set_clear_timer(group, group.clear()->set);
      state.groups.set_dirty(group);
    }
    if (move.ends_episodes) state.set_expiry(group);
  });
}

// Matches that still wait follow their rule.
template <class Holder>
void Shard::Swapping::move_held(Holder& holder) {
  Holder moved;
  for (const match::Match* held : holder.held()) {
    const RuleMove& move = moves[value_of(held->rule)];
    if (!move.to) continue;
    match::Match match = *held;
    match.rule = move.to->index;
    // Of a rule of several types all have the same captures; of a sequence each step its own.
    const size_t source = move.from->sequence ? held->step : 0;
    const std::vector<std::string> from = keys_of(*move.from, source);
    const std::vector<std::string> to = keys_of(*move.to, source);
    if (from != to) {
      std::vector<cel::Value> captures = match::values_of(held->captures());
      window::move_captures(captures, map_of(from, to));
      match.bytes =
          match::MatchBytes::make(held->group(), match::bytes_of(captures), {held->event()});
    }
    moved.hold(std::move(match));
  }
  holder = std::move(moved);
}

Expected<void> Shard::Swapping::take_warm(const state::Swap& swap) {
  for (const state::Swap::Group& warm : swap.warm) {
    Expected<ShardGroup*> restored = state.restore_group(warm.key, warm.value);
    if (!restored) return fail(restored.error());
    ShardGroup& group = **restored;
    // It includes the history, not the log.
    group.includes = LogPosition{0};
    // The next hit opens: what was before it went live is nobody's alert.
    if (group.clear() != nullptr) {
      state.timers.drop(*std::exchange(group.more().clear, std::nullopt));
      group.more().episode.reset();
    }
    state.groups.set_dirty(group);
    state.set_expiry(group);
  }
  return {};
}

Expected<void> Shard::swap(std::shared_ptr<const rules::RuleSet> next, const RuleChanges& changes,
                           const state::Swap& swap, LogPosition at,
                           std::vector<alert::Record>& out) {
  State& state = *state_;
  INVARIANT(value_of(at) == value_of(state.position) + 1);
  // The old rules are looked at until all has followed.
  const std::shared_ptr<const rules::RuleSet> old = state.rules;
  Swapping swapping(state, *next, changes);
  swapping.bring_back_what_changes();
  if (state.cold.failure) return fail(*state.cold.failure);
  swapping.end_episodes(out);
  swapping.keep_counts(next->rules.size(), changes);
  state.set_rules(std::move(next));
  const auto to = [&](RuleIndex rule) { return swapping.renumbered(rule); };
  state.timers.renumber(to);
  state.groups.renumber(state_keys_of(*state.rules), to);
  swapping.follow_rules();
  swapping.move_held(state.buffer);
  swapping.move_held(state.waiting);
  swapping.move_held(state.alerts);
  state.earliest_held = state.buffer.earliest();
  return swapping.take_warm(swap);
}

std::vector<match::Match> Shard::held_matches() const {
  Matches held = state_->buffer.held();
  const Matches waiting = state_->waiting.held();
  held.insert(held.end(), waiting.begin(), waiting.end());
  std::stable_sort(held.begin(), held.end(), [](const match::Match* a, const match::Match* b) {
    return std::tie(a->arrival, a->rule, a->step) < std::tie(b->arrival, b->rule, b->step);
  });
  std::vector<match::Match> copies;
  copies.reserve(held.size());
  for (const match::Match* match : held) copies.push_back(*match);
  return copies;
}

}  // namespace fengsui::pipeline
