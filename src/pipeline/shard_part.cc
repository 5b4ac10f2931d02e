// How one of several shards does its part of a frame (DESIGN.md, "Several shards").
#include "pipeline/shard_part.h"

#include <algorithm>
#include <utility>

#include "pipeline/shard_state.h"

namespace fengsui::pipeline {
namespace {

bool comes_before(const ShardMoment& a, const ShardMoment& b) {
  if (a.item != b.item) return a.item < b.item;
  if (a.what != b.what) return a.what < b.what;
  if (a.what == ShardMoment::What::Event) return a.match < b.match;
  window::Timer first = a.timer, second = b.timer;
  first.group = a.group;
  second.group = b.group;
  return first < second;
}

}  // namespace

ShardMerge::ShardMerge(std::vector<ShardPart*> parts)
    : parts_(std::move(parts)), at_(parts_.size(), 0) {
  find_next();
}

void ShardMerge::take(std::vector<alert::Record>& out) {
  const ShardMoment& moment = head(next_part());
  auto& records = parts_[next_part()]->records;
  for (size_t i = moment.first; i < moment.end; ++i) out.push_back(std::move(records[i]));
  ++at_[next_part()];
  find_next();
}

void ShardMerge::find_next() {
  next_ = -1;
  for (size_t part = 0; part < parts_.size(); ++part) {
    if (at_[part] == parts_[part]->moments.size()) continue;
    if (next_ < 0 || comes_before(head(part), head(next_part()))) next_ = static_cast<int>(part);
  }
}

// --- Who keeps time

void Shard::State::schedule_event(Matches event) {
  if (event.empty()) return;
  const uint64_t before = processed;
  for (match::Match& match : event) {
    match.shard = shard_of(match.bytes.group_hash(), workers);
    schedule->matches.push_back(std::move(match));
    ++processed;
  }
  schedule->items.push_back({.end = schedule->matches.size(),
                             .reached = watermark.reached(),
                             .earliest_held = earliest_held,
                             .processed = before});
}

void Shard::State::schedule_pass() {
  schedule->items.push_back({.end = schedule->matches.size(),
                             .reached = watermark.reached(),
                             .earliest_held = earliest_held,
                             .processed = processed});
}

// --- Who has a part of the groups

void Shard::State::run(ShardSchedule& all, ShardPart& said) {
  position = all.position;
  running = &all;
  part = &said;
  part->notes_silence = rules->alert_type != nullptr;
  cold.fetch_for(all.matches);
  const Matches matches(all.matches);
  size_t begin = 0;
  for (size_t i = 0; i < all.items.size(); ++i) {
    const ShardSchedule::Item& item = all.items[i];
    earliest_held = item.earliest_held;
    processed = item.processed;
    moment.item = i;
    moment.what = ShardMoment::What::Timer;
    moment.timer = window::Timer{.due = kBeforeAllTime};
    while (timers.first_due() <= item.reached) {
      const window::Timer timer = *timers.take_due(item.reached);
      watermark.follow(timer.due);
      if (moment.timer < timer) moment.timer = timer;
      const size_t before = said.records.size();
      fire(timer, said.records);
      if (part->notes_silence && before == said.records.size()) {
        note_moment(ShardMoment::What::Timer, before, before);
      }
    }
    watermark.follow(item.reached);
    moment.what = ShardMoment::What::Event;
    const Matches event = matches.subspan(begin, item.end - begin);
    for (size_t at = begin; at < item.end; ++at) look_ahead(matches, at);
    begin = item.end;
    if (std::any_of(event.begin(), event.end(),
                    [this](const match::Match& match) { return match.shard == own; })) {
      process(event, said.records);
    }
  }
  expire_groups();
  part = nullptr;
  running = nullptr;
}

void Shard::State::note_moment(ShardMoment::What what, size_t first, size_t end) {
  if (first == end && !part->notes_silence) return;
  moment.first = first;
  moment.end = end;
  moment.group = what == ShardMoment::What::Timer ? std::string(moment.timer.group) : std::string();
  part->moments.push_back(moment);
}

// --- Who has the rules over alerts

void Shard::State::follow(const ShardSchedule& all, ShardMerge& merge, Records& out) {
  position = all.position;
  size_t begin = 0;
  for (size_t i = 0; i < all.items.size() && alert_matcher; ++i) {
    const ShardSchedule::Item& item = all.items[i];
    earliest_held = item.earliest_held;
    // Alerts come after all else of their time.
    const EventTime before =
        item.end > begin ? all.matches[begin].time : window::Timers::kNever;
    pass_time_after(merge, i, item.reached, before, out);
    watermark.follow(item.reached);
    while (merge.next() != nullptr && merge.next()->item == i) take_said(merge, out);
    process_alerts(out);
    begin = item.end;
  }
  while (merge.next() != nullptr) merge.take(out);
  watermark.follow(all.items.back().reached);
  earliest_held = all.items.back().earliest_held;
  expire_groups();
}

// As pass_time(), the timers of the others among them.
void Shard::State::pass_time_after(ShardMerge& merge, size_t item, EventTime until,
                                   EventTime before, Records& out) {
  for (;;) {
    const ShardMoment* theirs = merge.next();
    if (theirs != nullptr &&
        (theirs->item != item || theirs->what != ShardMoment::What::Timer)) {
      theirs = nullptr;
    }
    const EventTime their_timer = theirs != nullptr ? theirs->timer.due : window::Timers::kNever;
    const EventTime own_timer = timers.first_due();
    const bool alert_waits = !alerts.empty() && alerts.first().time < before;
    const EventTime alert = alert_waits ? alerts.first().time : window::Timers::kNever;
    const EventTime next = std::min({their_timer, own_timer, alert});
    if (next > until) break;
    watermark.follow(next);
    if (their_timer == next) {
      take_said(merge, out);
    } else if (own_timer == next) {
      fire(*timers.take_due(next), out);
    }
    process_alerts(out);
  }
}

void Shard::State::take_said(ShardMerge& merge, Records& out) {
  const size_t first = out.size();
  merge.take(out);
  for (size_t i = first; i < out.size(); ++i) {
    const rules::Rule& rule = rules->rule(out[i].rule);
    if (out[i].kind != alert::RecordKind::Clear) make_alert_event(rule, out[i]);
  }
}

}  // namespace fengsui::pipeline
