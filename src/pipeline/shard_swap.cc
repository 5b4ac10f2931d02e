// A change of packs behind the log: what stays, what ends, and what begins with history.
#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "pipeline/shard_state.h"

namespace fengsui::pipeline {
namespace {

// Where capture i of the new rule stood in the old one; -1: it had none such.
std::vector<int> capture_map(const rules::Rule& from, const rules::Rule& to) {
  std::vector<int> map;
  for (const std::string& key : to.capture_keys) {
    const auto at = std::find(from.capture_keys.begin(), from.capture_keys.end(), key);
    map.push_back(at == from.capture_keys.end() ? -1
                                                : static_cast<int>(at - from.capture_keys.begin()));
  }
  return map;
}

void move_captures(std::vector<cel::Value>& captures, const std::vector<int>& map) {
  std::vector<cel::Value> moved;
  moved.reserve(map.size());
  for (const int from : map) {
    moved.push_back(from < 0 ? cel::Value::missing() : captures[static_cast<size_t>(from)]);
  }
  captures = std::move(moved);
}

}  // namespace

// A rule's state on its way to another pack.
struct Shard::State::Move {
  std::optional<RuleIndex> to;  // absent: it goes
  bool ends_episodes = false;
  bool tells = false;  // with a clear
  bool quiet_differs = false;
  std::optional<std::vector<int>> captures;  // where they differ
};

std::vector<Shard::State::Move> Shard::State::moves(const rules::RuleSet& next,
                                                    const RuleChanges& changes) const {
  std::vector<Move> moves(rules->rules.size());
  for (size_t i = 0; i < moves.size(); ++i) {
    const rules::Rule& from = *rules->rules[i];
    const RuleChanges::Next& change = changes.next[i];
    Move& move = moves[i];
    const bool stays =
        change.keeps_state && next.rule(*change.same_id).mode != rules::Mode::Disabled;
    move.tells = from.mode == rules::Mode::Live;
    move.ends_episodes = true;
    if (!stays) continue;
    const rules::Rule& to = next.rule(*change.same_id);
    move.to = to.index;
    // Without quiet an episode is its one hit, and none is ever open.
    move.ends_episodes = from.mode != to.mode || to.quiet <= Duration{0};
    move.quiet_differs = from.quiet != to.quiet;
    if (from.capture_keys != to.capture_keys) move.captures = capture_map(from, to);
  }
  return moves;
}

// The episodes that end, in the order in which timers of one time would have fired.
void Shard::State::end_episodes(const std::vector<Move>& moves, Records& out) {
  std::vector<ShardGroup*> ended;
  groups.for_each([&](ShardGroup& group) {
    if (group.episode && moves[value_of(group.rule)].ends_episodes) ended.push_back(&group);
  });
  std::sort(ended.begin(), ended.end(), [](const ShardGroup* a, const ShardGroup* b) {
    return std::tie(a->rule, a->order) < std::tie(b->rule, b->order);
  });
  for (ShardGroup* group : ended) {
    timers.drop(*std::exchange(group->clear, std::nullopt));
    const EventTime time = std::max(group->episode->last, watermark.reached());
    alert::Record record = alert::clear(rules->rule(group->rule), group->values, group->episode);
    // Not later than it would have cleared by itself.
    record.time = std::min(record.time, time);
    groups.set_dirty(*group);
    if (!moves[value_of(group->rule)].tells) continue;
    ++counters.clears;
    out.push_back(std::move(record));
  }
}

void Shard::State::move_groups(const std::vector<Move>& moves) {
  const auto to = [&](RuleIndex rule) { return moves[value_of(rule)].to; };
  timers.renumber(to);
  groups.renumber(rules->rules.size(), to);
}

// Groups have their new rules' numbers; captures, timers and expiries are still the old rules'.
void Shard::State::follow_rules(const std::vector<Move>& moves) {
  std::vector<const Move*> by_new(rules->rules.size(), nullptr);
  for (const Move& move : moves) {
    if (move.to) by_new[value_of(*move.to)] = &move;
  }
  groups.for_each([&](ShardGroup& group) {
    const Move* move = by_new[value_of(group.rule)];
    if (group.clear) group.clear->rule = group.rule;
    group.contents.restart();
    if (move->captures) {
      group.contents.for_each(
          [&](window::Entry& entry) { move_captures(entry.captures, *move->captures); });
      groups.set_dirty(group);
    }
    if (group.episode && move->quiet_differs) set_clear_timer(group, group.clear->set);
    if (!group.episode) set_expiry(group);
  });
}

void Shard::State::move_held(const std::vector<Move>& moves) {
  window::ReorderBuffer moved;
  for (const match::Match* held : buffer.held()) {
    const Move& move = moves[value_of(held->rule)];
    if (!move.to) continue;
    match::Match match = *held;
    match.rule = *move.to;
    if (move.captures) move_captures(match.captures, *move.captures);
    moved.hold(std::move(match));
  }
  buffer = std::move(moved);
  earliest_held = buffer.earliest();
}

Expected<void> Shard::State::take_warm(const state::Swap& swap) {
  for (const state::Swap::Group& warm : swap.warm) {
    Expected<void> restored = restore_group(warm.key, warm.value);
    if (!restored) return restored;
    ShardGroup& group = *groups.find(warm.key);
    // It includes the history, not the log.
    group.includes = LogPosition{0};
    group.stored = false;
    // The next hit opens: what was before it went live is nobody's alert.
    if (group.clear) timers.drop(*std::exchange(group.clear, std::nullopt));
    group.episode.reset();
    groups.set_dirty(group);
    set_expiry(group);
  }
  return {};
}

Expected<void> Shard::State::swap(std::shared_ptr<const rules::RuleSet> next,
                                  const RuleChanges& changes, const state::Swap& swap,
                                  LogPosition at, Records& out) {
  INVARIANT(value_of(at) == value_of(position) + 1);
  const std::vector<Move> all = moves(*next, changes);
  end_episodes(all, out);
  std::vector<Shard::HitCounts> counted(next->rules.size());
  for (size_t i = 0; i < hits.size(); ++i) {
    const std::optional<RuleIndex> same_id = changes.next[i].same_id;
    if (same_id) counted[value_of(*same_id)] = hits[i];
  }
  hits = std::move(counted);
  set_rules(std::move(next));
  move_groups(all);
  follow_rules(all);
  move_held(all);
  return take_warm(swap);
}

Expected<void> Shard::swap(std::shared_ptr<const rules::RuleSet> rules, const RuleChanges& changes,
                           const state::Swap& swap, LogPosition position,
                           std::vector<alert::Record>& out) {
  return state_->swap(std::move(rules), changes, swap, position, out);
}

std::vector<match::Match> Shard::held_matches() const {
  std::vector<match::Match> held;
  for (const match::Match* match : state_->buffer.held()) held.push_back(*match);
  return held;
}

}  // namespace fengsui::pipeline
