// What comes of an evaluation: hits, episodes, records; and records as events of rules over alerts.
#include <utility>

#include "alert/episode.h"
#include "pipeline/shard_state.h"
#include "rules/alert_type.h"

namespace fengsui::pipeline {
namespace {

static_assert(window::kMatchEventsKept >= alert::kEvidenceMax);

// The record's `group` as printed, without what names a person.
cel::Value group_of(const rules::Rule& rule, const alert::Record& record) {
  cel::MapValue group;
  for (size_t i = 0; i < rule.group_names.size() && i < record.group.size() && rule.has_by; ++i) {
    if (i < rule.group_names_person.size() && rule.group_names_person[i]) continue;
    group.emplace_back(cel::Value::string(rule.group_names[i]), record.group[i]);
  }
  return cel::Value::map(std::move(group));
}

}  // namespace

void Shard::State::take_evaluation(const Evaluated& evaluated, ShardGroup*& group, Records& out) {
  const rules::Rule& rule = evaluated.rule;
  const alert::Evaluation& evaluation = evaluated.evaluation;
  ++counters.evaluations;
  counters.let_errors += evaluation.let_errors;
  if (options.listener != nullptr) {
    options.listener->evaluated(
        {rule, match::values_of(evaluated.group), evaluated.time, evaluated.entries, evaluation});
  }
  if (evaluation.grade == rules::Grade::None) return;
  ++counters.hits;
  ++hits[value_of(rule.index)][static_cast<size_t>(evaluation.grade)];
  if (!group && rule.quiet > Duration{0}) {
    group = &groups.make(rule.index, evaluated.group, match::MatchBytes::hash_of(evaluated.group));
  }
  std::optional<alert::Episode> none;
  const size_t first_record = out.size();
  alert::take_hit({.rule = rule,
                   .tables = rules->tables,
                   .group = match::values_of(evaluated.group),
                   .time = evaluated.time,
                   .evaluation = evaluation,
                   .entries = evaluated.entries,
                   .start = evaluated.start},
                  group ? group->more().episode : none, out);
  take_records(rule, first_record, out);
  if (group && group->episode() != nullptr) set_clear_timer(*group, processed);
}

void Shard::State::clear_episode(ShardGroup& group, Records& out) {
  group.more().clear.reset();
  const rules::Rule& rule = rules->rule(group.rule);
  const size_t first_record = out.size();
  out.push_back(alert::clear(rule, group.values(), group.more().episode));
  take_records(rule, first_record, out);
}

void Shard::State::set_clear_timer(ShardGroup& group, uint64_t set) {
  const rules::Rule& rule = rules->rule(group.rule);
  const EventTime due = alert::clear_due(*group.episode(), rule);
  std::optional<window::Timer>& clear = group.more().clear;
  if (clear) {
    if (clear->due == due) return;
    timers.drop(*clear);
  }
  clear = window::Timer{.due = due,
                        .over_alerts = rule.over_alerts,
                        .rule = group.rule,
                        .group = group.order(),
                        .kind = window::TimerKind::Clear,
                        .set = set,
                        .owner = &group};
  timers.set(*clear);
}

void Shard::State::take_records(const rules::Rule& rule, size_t first, Records& out) {
  if (options.listener != nullptr) {
    for (size_t i = first; i < out.size(); ++i) options.listener->recorded(rule, out[i]);
  }
  if (rule.mode == rules::Mode::Shadow) {
    counters.shadow_records += out.size() - first;
    out.resize(first);
    return;
  }
  if (share.said != nullptr) share.note(first, out.size());
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
        continue;
    }
    if (alert_matcher && !rule.over_alerts) make_alert_event(rule, out[i]);
  }
}

void Shard::State::make_alert_event(const rules::Rule& rule, const alert::Record& record) {
  const auto grade = static_cast<size_t>(record.grade);
  const auto kind = static_cast<size_t>(record.kind);
  event::Event event;
  event.type = rules->alert_type.get();
  event.time = record.time;
  event.slots.assign(static_cast<size_t>(rules->alert_type->slots()), cel::Value::missing());
  const auto put = [&](int slot, std::string text) {
    event.slots[static_cast<size_t>(slot)] = cel::Value::string(std::move(text));
  };
  put(event::kSlotId, record.alert + ":" + rules::kGradeNames[grade]);
  put(event::kSlotSource, rules::kAlertSourceName);
  put(event::kSlotType, rules::kAlertTypeName);
  event.slots[event::kSlotTime] = cel::Value::timestamp(to_instant(record.time));
  put(rules::kAlertRule, rule.id);
  put(rules::kAlertGrade, rules::kGradeNames[grade]);
  put(rules::kAlertKind, alert::kRecordKindNames[kind]);
  if (record.area) put(rules::kAlertArea, *record.area);
  const auto department = rule.labels.find("department");
  if (department != rule.labels.end()) put(rules::kAlertDepartment, department->second);
  event.slots[rules::kAlertGroup] = group_of(rule, record);

  ++counters.alert_events;
  const Arrival number = next_alert;
  next_alert = Arrival{value_of(next_alert) + 1};
  std::vector<match::Match> matches;
  alert_matcher->match(event, matches,
                       options.listener != nullptr ? options.listener->matches() : nullptr);
  for (match::Match& match : matches) {
    match.arrival = number;
    match.shard = share.own;
    match.late = match.time < watermark.reached();
    alerts.hold(std::move(match));
  }
}

void Shard::State::process_alerts(Records& out) {
  while (!alerts.empty() && alerts.first().time <= watermark.reached()) {
    std::vector<match::Match> matches = alerts.take_first();
    std::swap(processed, processed_over_alerts);
    process(matches, out);
    std::swap(processed, processed_over_alerts);
  }
}

}  // namespace fengsui::pipeline
