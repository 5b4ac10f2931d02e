// Windows: events are put into their group, evaluated there or when the window ends.
#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "alert/evaluation.h"
#include "base/invariant.h"
#include "pipeline/shard_state.h"
#include "window/clamped_time.h"

namespace fengsui::pipeline {
namespace {

using Kind = RuleKeeping::Kind;
using BaselineValues = std::array<cel::Value, rules::Rule::kBaselineSlots>;

Kept empty_of(Kind kind) {
  switch (kind) {
    case Kind::Nothing:
    case Kind::Contents:
      break;
    case Kind::Closing:
      return Kept(window::ClosingContents());
    case Kind::Sessions:
      return Kept(window::Sessions());
    case Kind::Count:
      return Kept(window::CountContents());
    case Kind::Sequence:
      return Kept(window::PartialMatches());
  }
  return {};
}

}  // namespace

ShardGroup* Shard::State::find_group(const rules::Rule& rule, const match::Match& match) {
  const uint64_t hash = match.bytes.group_hash();
  ShardGroup* const group = groups.find(rule.index, match.group(), hash);
  return group || groups.all_here() ? group : cold.find(rule, match.group(), hash);
}

ShardGroup& Shard::State::make_group(const rules::Rule& rule, const match::Match& match) {
  ShardGroup& group = groups.make(rule.index, match.group(), match.bytes.group_hash());
  group.kept = empty_of(keeping_of(rule).kind);
  if (rule.baseline) group.more().baseline = std::make_unique<window::BaselineHistory>();
  return group;
}

void Shard::State::put_in_window(const rules::Rule& rule, match::Match& match, Records& out) {
  if (share.said != nullptr) share.moment.match = share.running->place_of(match);
  const Kind kind = keeping_of(rule).kind;
  ShardGroup* group = nullptr;
  if (kind != Kind::Nothing || rule.quiet > Duration{0}) {
    group = find_group(rule, match);
    if (group && group->includes >= position) return;
    if (!group && kind != Kind::Nothing) group = &make_group(rule, match);
  }

  const EventTime time = match.time;
  const window::NewEntry entry{
      groups.room(), {time, match.arrival}, match.event(), match.captures()};
  Placed placed;
  window::Entries alone;
  if (kind == Kind::Nothing || options.listener != nullptr) alone.append(entry);
  if (kind == Kind::Nothing) {
    placed.seen = window::Seen{alone.all(), window::aggregates_over(rule, alone.all())};
  } else {
    placed = place(*group, rule, entry, match.only_seen);
    if (placed.put.left_out) note_left_out(rule.index, match.arrival);
  }
  if (options.listener != nullptr) {
    options.listener->offered({.rule = rule,
                               .group = match::values_of(match.group()),
                               .entry = alone[0],
                               .late = match.late,
                               .left_out = kind != Kind::Nothing && !placed.put.taken,
                               .only_seen = match.only_seen});
  }
  if (placed.seen) {
    BaselineValues usual;
    if (rule.baseline) {
      const EventTime start = keeping_of(rule).intervals->last_start(time);
      usual = group->baseline()->values(start, rule, watermark.reached());
    }
    const alert::Evaluation& evaluation = evaluate(rule, *placed.seen, usual);
    take_evaluation({.rule = rule,
                     .group = match.group(),
                     .time = time,
                     .entries = placed.seen->entries,
                     .evaluation = evaluation},
                    group, out);
  }
  if (!group) return;
  groups.set_dirty(*group);
  set_expiry(*group);
}

// Few evaluations are hits: the newest event's captures are read before only where something reads
// them.
const alert::Evaluation& Shard::State::evaluate(const rules::Rule& rule, window::Seen& seen,
                                                std::span<const cel::Value> baseline) {
  if (!rule.baseline) baseline = {};
  const auto read_captures = [&](std::vector<cel::Value>& to) {
    ByteReader in(seen.entries.back().captures());
    for (size_t i = 0; i < rule.captures; ++i) to[i] = cel::decode_value(in);
  };
  const bool at_once = options.listener != nullptr || keeping_of(rule).reads_captures;
  captures_room.resize(at_once ? rule.captures : 0);
  if (at_once) read_captures(captures_room);
  alert::evaluate(rule, rules->tables, captures_room, seen.aggregates, baseline, evaluation_room);
  if (!at_once && evaluation_room.grade != rules::Grade::None) read_captures(evaluation_room.row);
  return evaluation_room;
}

Shard::State::Placed Shard::State::place(ShardGroup& group, const rules::Rule& rule,
                                         const window::NewEntry& entry, bool only_seen) {
  const window::EntryKey key = entry.key;
  window::GroupTimers group_timers = timers_of(group, processed);
  Placed placed{.put = {.taken = true}, .seen = std::nullopt};
  switch (keeping_of(rule).kind) {
    case Kind::Contents:
      return place_in_contents(group, rule, entry, only_seen);
    case Kind::Closing:
      placed.put = group.kept.as<window::ClosingContents>().put(entry, *keeping_of(rule).intervals,
                                                                watermark.reached(), group_timers);
      if (placed.put.taken && rule.baseline) {
        group.baseline()->note_event(keeping_of(rule).intervals->last_start(key.time));
      }
      return placed;
    case Kind::Sessions: {
      auto& sessions = group.kept.as<window::Sessions>();
      if (rule.emit == rules::Emit::Close) {
        placed.put = sessions.put(entry, rule, watermark.reached(), group_timers);
        return placed;
      }
      sessions.keep(entry, rule, floor_after(key.time));
      if (!only_seen) placed.seen = sessions.seen_by(key, rule);
      return placed;
    }
    case Kind::Count: {
      auto& contents = group.kept.as<window::CountContents>();
      contents.keep(entry, rule, floor_after(key.time));
      if (!only_seen) placed.seen = contents.seen_by(key, rule);
      return placed;
    }
    case Kind::Nothing:
    case Kind::Sequence:
      break;
  }
  INVARIANT(!"a rule that keeps no window");
  return placed;
}

Shard::State::Placed Shard::State::place_in_contents(ShardGroup& group, const rules::Rule& rule,
                                                     const window::NewEntry& entry,
                                                     bool only_seen) {
  auto& contents = group.kept.as<window::Contents>();
  const window::Window& window = *keeping_of(rule).window;
  EventTime floor = floor_after(entry.key.time);
  if (rule.baseline) {
    const window::HoppingWindow& intervals = *keeping_of(rule).intervals;
    const EventTime start = intervals.last_start(entry.key.time);
    if (intervals.end(start) <= watermark.reached()) return {.put = {.left_out = true}, .seen = {}};
    close_ended(group, rule);
    group.baseline()->note_event(start);
    window::GroupTimers group_timers = timers_of(group, processed);
    group.baseline()->open(start, intervals, group_timers);
    floor = std::min(watermark.reached(), entry.key.time);
  }
  Placed placed{.put = {.taken = true}, .seen = std::nullopt};
  if (only_seen) {
    contents.keep(entry, rule, window, floor);
  } else {
    placed.seen = contents.put(entry, rule, window, floor);
  }
  return placed;
}

void Shard::State::end_window(ShardGroup& group, const window::Timer& timer, Records& out) {
  const rules::Rule& rule = rules->rule(group.rule);
  const RuleKeeping& keeping = keeping_of(rule);
  if (keeping.kind == Kind::Contents) {  // of a baseline alone
    close_ended(group, rule);
    return;
  }
  window::Seen seen;
  EventTime start = timer.start, time = timer.due;
  if (keeping.kind == Kind::Closing) {
    seen = group.kept.as<window::ClosingContents>().close(start, rule, *keeping.intervals);
  } else {
    seen = group.kept.as<window::Sessions>().close(timer.due, timer.set, rule);
    start = seen.entries.front().key.time;
    time = window::plus_clamped(seen.entries.back().key.time, rule.window.length);
  }
  BaselineValues usual;
  cel::Value of;
  if (rule.baseline) {
    usual = group.baseline()->values(start, rule, watermark.reached());
    of = seen.aggregates[rule.baseline->of];
  }
  const alert::Evaluation& evaluation = evaluate(rule, seen, usual);
  ShardGroup* its_group = &group;
  take_evaluation({.rule = rule,
                   .group = group.bytes(),
                   .time = time,
                   .entries = seen.entries,
                   .evaluation = evaluation,
                   .start = start},
                  its_group, out);
  if (!rule.baseline) return;
  group.baseline()->close(start, of);
  group.baseline()->forget_unneeded(rule, watermark.reached());
}

void Shard::State::close_ended(ShardGroup& group, const rules::Rule& rule) {
  const window::HoppingWindow& intervals = *keeping_of(rule).intervals;
  window::GroupTimers group_timers = timers_of(group, processed);
  while (const std::optional<EventTime> start =
             group.baseline()->ended(intervals, watermark.reached())) {
    const auto& contents = group.kept.as<window::Contents>();
    const auto& let = std::get<rules::Aggregate>(rule.lets[rule.baseline->of].value);
    const window::EntrySpan entries = contents.between(*start, intervals.end(*start));
    group.baseline()->end(*start, intervals, group_timers);
    group.baseline()->close(*start, window::value_over(let, entries));
  }
  group.baseline()->forget_unneeded(rule, watermark.reached());
}

void Shard::State::note_left_out(RuleIndex rule, Arrival arrival) {
  if (share.said != nullptr) {
    share.said->left_out.emplace_back(rule, arrival);
    return;
  }
  if (last_left_out == std::pair(rule, arrival)) return;  // another group of the same event
  last_left_out = {rule, arrival};
  ++counters.late_left_out;
  ++left_out[value_of(rule)];
}

}  // namespace fengsui::pipeline
