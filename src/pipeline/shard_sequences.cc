// Sequences: an event's matches are offered to each group that its steps name.
#include <algorithm>
#include <utility>
#include <variant>

#include "alert/evaluation.h"
#include "base/invariant.h"
#include "pipeline/shard_state.h"
#include "window/clamped_time.h"

namespace fengsui::pipeline {
namespace {

SequenceEvent event_of(window::PartialMatches::Turn turn) {
  using Turn = window::PartialMatches::Turn;
  switch (turn) {
    case Turn::Started:
      return SequenceEvent::Started;
    case Turn::Extended:
      return SequenceEvent::Extended;
    case Turn::Completed:
      return SequenceEvent::Completed;
    case Turn::Killed:
      return SequenceEvent::Killed;
    case Turn::Expired:
      return SequenceEvent::Expired;
    case Turn::Evicted:
      return SequenceEvent::Evicted;
  }
  return SequenceEvent::NoFit;
}

}  // namespace

void Shard::State::offer_to_sequence(const rules::Rule& rule, Matches matches, Records& out) {
  // "An event whose steps name several groups is offered to each, in the order of the steps."
  if (matches.size() == 1) {
    match::Match* const alone[] = {&matches.front()};
    return offer_to_group(rule, alone, out);
  }
  std::vector<std::vector<match::Match*>> by_group;
  for (match::Match& match : matches) {
    const auto known = std::find_if(by_group.begin(), by_group.end(), [&](const auto& group) {
      return group.front()->group() == match.group();
    });
    if (known == by_group.end()) {
      by_group.push_back({&match});
    } else {
      known->push_back(&match);
    }
  }
  for (const auto& its_matches : by_group) offer_to_group(rule, its_matches, out);
}

void Shard::State::offer_to_group(const rules::Rule& rule, std::span<match::Match* const> matches,
                                  Records& out) {
  processed += matches.size();
  const match::Match& first = *matches.front();
  ShardGroup* group = find_group(rule, first);
  if (group && group->includes >= position) return;
  // Only the first step begins anything.
  if (!group && first.step == 0) group = &make_group(rule, first);
  window::PartialMatches::Outcome outcome;
  if (group) {
    window::PartialMatches::Observer observer;
    if (options.listener != nullptr) observer = observer_of(rule, first);
    window::GroupTimers group_timers = timers_of(*group, processed);
    outcome = group->kept.as<window::PartialMatches>().offer(
        {.matches = matches,
         .rule = rule,
         .tables = rules->tables,
         .room = groups.room(),
         .reached = watermark.reached(),
         .observer = options.listener != nullptr ? &observer : nullptr},
        group_timers);
  }
  if (outcome.evicted) ++counters.partial_matches_evicted;
  if (!outcome.changed && options.listener != nullptr) {
    window::Entries event;
    event.append({groups.room(), {first.time, first.arrival}, first.event(), {}});
    options.listener->stepped({.rule = rule,
                               .group = match::values_of(first.group()),
                               .what = SequenceEvent::NoFit,
                               .step = first.step,
                               .entries = event.all(),
                               .time = first.time});
  }
  if (!group) return;
  if (outcome.completed) evaluate_match(*group, rule, first.time, *outcome.completed, out);
  groups.set_dirty(*group);
  set_expiry(*group);
}

void Shard::State::end_absence(ShardGroup& group, const window::Timer& timer, Records& out) {
  const rules::Rule& rule = rules->rule(group.rule);
  const std::optional<window::PartialMatch> match =
      group.kept.as<window::PartialMatches>().end_absence(timer.set, timer.due, rule);
  INVARIANT(match.has_value());
  const EventTime time = window::plus_clamped(match->first.time, rule.sequence->within);
  if (options.listener != nullptr) {
    options.listener->stepped({.rule = rule,
                               .group = group.values(),
                               .what = SequenceEvent::Completed,
                               .step = match->step,
                               .entries = match->events.all(),
                               .time = time});
  }
  evaluate_match(group, rule, time, *match, out);
}

void Shard::State::evaluate_match(ShardGroup& group, const rules::Rule& rule, EventTime time,
                                  const window::PartialMatch& match, Records& out) {
  std::vector<cel::Value> no_aggregates(rule.lets.size());
  const alert::Evaluation evaluation =
      alert::evaluate(rule, rules->tables, match.row, no_aggregates);
  ShardGroup* its_group = &group;
  take_evaluation({.rule = rule,
                   .group = group.bytes(),
                   .time = time,
                   .entries = match.events.all(),
                   .evaluation = evaluation},
                  its_group, out);
}

window::PartialMatches::Observer Shard::State::observer_of(const rules::Rule& rule,
                                                           const match::Match& event) {
  using Turn = window::PartialMatches::Turn;
  const auto turned = [this, &rule, &event](Turn turn, size_t step,
                                            const window::PartialMatch& match) {
    const bool by_time = turn == Turn::Expired || turn == Turn::Evicted;
    options.listener->stepped({.rule = rule,
                               .group = match::values_of(event.group()),
                               .what = event_of(turn),
                               .step = step,
                               .entries = match.events.all(),
                               .time = by_time ? match.events.all().back().key.time : event.time});
  };
  const auto tried = [this, &rule, &event](size_t step, const window::PartialMatch& match,
                                           std::span<const cel::Value> row) {
    options.listener->tried({.rule = rule,
                             .group = match::values_of(event.group()),
                             .step = step,
                             .entries = match.events.all(),
                             .event = std::string(event.event()),
                             .time = event.time,
                             .row = row});
  };
  return {turned, tried};
}

}  // namespace fengsui::pipeline
