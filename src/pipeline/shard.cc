#include "pipeline/shard.h"

#include <algorithm>
#include <span>
#include <utility>

#include "alert/episode.h"
#include "alert/evaluation.h"
#include "base/invariant.h"
#include "pipeline/shard_state.h"

namespace fengsui::pipeline {
namespace {

// So that a watermark less the lateness stays an event time.
constexpr Duration kLatenessMax = kAfterAllTime - EventTime{};

// The matches of one event are neighbours; no timer fires between them.
bool begins_event(const std::vector<match::Match>& matches, size_t i) {
  return i == 0 || matches[i].arrival != matches[i - 1].arrival;
}

}  // namespace

Shard::State::State(std::shared_ptr<const rules::RuleSet> the_rules, ShardOptions the_options)
    : options{.allowed_lateness = std::min(the_options.allowed_lateness, kLatenessMax)},
      groups(the_rules->rules.size()),
      hits(the_rules->rules.size()) {
  set_rules(std::move(the_rules));
}

void Shard::State::set_rules(std::shared_ptr<const rules::RuleSet> next) {
  rules = std::move(next);
  windows.clear();
  rule_of_key.clear();
  for (const auto& rule : rules->rules) {
    rule_of_key.emplace(rule->state_key, rule->index);
    std::optional<window::Window>& window = windows.emplace_back();
    if (rule->has_window()) {
      window = window::window_of(*rule, rules->window_origin);
    }
  }
}

void Shard::State::apply(state::Frame&& frame, Records& out) {
  INVARIANT(value_of(frame.position) == value_of(position) + 1);
  position = frame.position;
  std::vector<match::Match>& matches = frame.matches;
  for (size_t i = 0; i < matches.size(); ++i) {
    match::Match& match = matches[i];
    // A partition that is heard of is active, whatever its last mark said.
    watermark.mark(match.partition, match.late ? match.watermark : kBeforeAllTime, true);
    if (!match.late) {
      buffer.hold(std::move(match));
      continue;
    }
    // Late: at once, but after all that its partition's watermark had released when it came.
    if (begins_event(matches, i)) release(out);
    process(match, out);
  }
  for (const state::PartitionMark& mark : frame.marks) {
    watermark.mark(mark.partition, mark.watermark, mark.active);
  }
  release(out);
  expire_groups();
}

void Shard::State::release(Records& out) {
  std::vector<match::Match> released = buffer.release(watermark);
  earliest_held = buffer.earliest();
  for (size_t i = 0; i < released.size(); ++i) {
    if (begins_event(released, i)) {
      watermark.reach(released[i].time);
      // Those due by then, and those that the event before set for a time that was past already.
      fire_timers(out);
    }
    process(released[i], out);
  }
  watermark.reach(watermark.target());
  fire_timers(out);
}

void Shard::State::process(match::Match& match, Records& out) {
  ++processed;
  INVARIANT(value_of(match.rule) < rules->rules.size());
  const rules::Rule& rule = rules->rule(match.rule);
  const std::optional<window::Window>& window = windows[value_of(match.rule)];
  const bool has_episodes = rule.quiet > Duration{0};

  ShardGroup* group = nullptr;
  std::string key;
  if (window || has_episodes) {
    key = group_key(rule.state_key, match.group);
    group = groups.find(key);
    if (group && group->includes >= position) return;
    if (!group && window) group = &groups.make(std::move(key), match.rule, match.group);
  }

  const EventTime time = match.time;
  window::Entry entry{{time, match.arrival}, std::move(match.event), std::move(match.captures)};
  window::Contents::Seen seen;
  if (window) {
    seen = group->contents.put(std::move(entry), rule, *window, floor_after(time));
  } else {  // the event alone
    seen.entries = std::span(&entry, 1);
    seen.aggregates = window::aggregates_over(rule, seen.entries);
  }
  const alert::Evaluation evaluation =
      alert::evaluate(rule, rules->tables, seen.entries.back().captures, seen.aggregates);
  ++counters.evaluations;
  counters.let_errors += evaluation.let_errors;

  if (evaluation.grade != rules::Grade::None) {
    ++counters.hits;
    ++hits[value_of(match.rule)][static_cast<size_t>(evaluation.grade)];
    if (!group && has_episodes) {
      group = &groups.make(std::move(key), match.rule, match.group);
    }
    std::optional<alert::Episode> none;
    const size_t first_record = out.size();
    alert::take_hit({.rule = rule,
                     .tables = rules->tables,
                     .group = match.group,
                     .time = time,
                     .evaluation = evaluation,
                     .entries = seen.entries},
                    group ? group->episode : none, out);
    count_records(rule, first_record, out);
    if (group && group->episode) set_clear_timer(*group, processed);
  }
  if (!group) return;
  groups.set_dirty(*group);
  set_expiry(*group);
}

void Shard::State::fire_timers(Records& out) {
  while (const std::optional<window::Timer> timer = timers.take_due(watermark.reached())) {
    auto& group = *static_cast<ShardGroup*>(timer->owner);
    group.clear.reset();
    const rules::Rule& rule = rules->rule(group.rule);
    const size_t first_record = out.size();
    out.push_back(alert::clear(rule, group.values, group.episode));
    count_records(rule, first_record, out);
    groups.set_dirty(group);
    set_expiry(group);
  }
}

void Shard::State::expire_groups() {
  const EventTime floor = floor_after(kAfterAllTime);
  while (ShardGroup* group = groups.take_expiry(floor)) {
    if (group->episode) continue;  // set again when that ends
    const std::optional<window::Window>& window = windows[value_of(group->rule)];
    const EventTime at = window ? group->contents.unneeded_from(*window) : kBeforeAllTime;
    if (at <= floor) {
      groups.erase(*group);
    } else {
      groups.set_expiry(*group, at);
    }
  }
}

void Shard::State::count_records(const rules::Rule& rule, size_t first, Records& out) {
  if (rule.mode == rules::Mode::Shadow) {
    counters.shadow_records += out.size() - first;
    out.resize(first);
    return;
  }
  for (size_t i = first; i < out.size(); ++i) {
    switch (out[i].kind) {
      case alert::RecordKind::Open:
        ++counters.opens;
        break;
      case alert::RecordKind::Raise:
        ++counters.raises;
        break;
      case alert::RecordKind::Clear:
        ++counters.clears;
        break;
    }
  }
}

void Shard::State::set_clear_timer(ShardGroup& group, uint64_t set) {
  const EventTime due = alert::clear_due(*group.episode, rules->rule(group.rule));
  if (group.clear) {
    if (group.clear->due == due) return;
    timers.drop(*group.clear);
  }
  group.clear = window::Timer{.due = due,
                              .rule = group.rule,
                              .group = group.order,
                              .kind = window::TimerKind::Clear,
                              .set = set,
                              .owner = &group};
  timers.set(*group.clear);
}

void Shard::State::set_expiry(ShardGroup& group) {
  if (group.episode) return;  // set when it ends
  const std::optional<window::Window>& window = windows[value_of(group.rule)];
  groups.set_expiry(group, window ? group.contents.unneeded_from(*window) : kBeforeAllTime);
}

EventTime Shard::State::floor_after(EventTime time) const {
  const EventTime reached = watermark.reached();
  const EventTime admitted =
      reached == kAfterAllTime ? kAfterAllTime : reached - options.allowed_lateness;
  return std::min({admitted, earliest_held, time});
}

Shard::Shard(std::shared_ptr<const rules::RuleSet> rules, ShardOptions options)
    : state_(std::make_unique<State>(std::move(rules), options)) {}
Shard::~Shard() = default;
Shard::Shard(Shard&&) noexcept = default;

void Shard::apply(const state::Frame& frame, std::vector<alert::Record>& out) {
  apply(state::Frame(frame), out);
}
void Shard::apply(state::Frame&& frame, std::vector<alert::Record>& out) {
  state_->apply(std::move(frame), out);
}

LogPosition Shard::position() const { return state_->position; }
EventTime Shard::watermark() const { return state_->watermark.reached(); }
const ShardCounters& Shard::counters() const { return state_->counters; }
size_t Shard::groups() const { return state_->groups.size(); }
size_t Shard::timers() const { return state_->timers.size(); }
size_t Shard::held() const { return state_->buffer.size(); }
size_t Shard::groups_of(RuleIndex rule) const { return state_->groups.of_rule(rule); }
const Shard::HitCounts& Shard::hits_of(RuleIndex rule) const {
  return state_->hits[value_of(rule)];
}

}  // namespace fengsui::pipeline
