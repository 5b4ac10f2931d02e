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

void Shard::Share::schedule_event(Matches event) {
  if (event.empty()) return;
  const uint64_t before = state.processed;
  state.processed += event.size();
  for (match::Match& match : event) {
    match.shard = shard_of(match.bytes.group_hash(), parts);
    schedule->matches.push_back(std::move(match));
  }
  add_item(before);
}

void Shard::Share::schedule_pass() { add_item(state.processed); }

void Shard::Share::add_item(uint64_t processed) {
  schedule->items.push_back({.end = schedule->matches.size(),
                             .reached = state.watermark.reached(),
                             .earliest_held = state.earliest_held,
                             .processed = processed});
}

// --- Who has a part of the groups

void Shard::Share::run(ShardSchedule& all, ShardPart& says) {
  state.position = all.position;
  running = &all;
  said = &says;
  says.notes_silence = state.rules->alert_type != nullptr;
  state.cold.fetch_for(all.matches);
  const Matches matches(all.matches);
  size_t begin = 0;
  for (size_t i = 0; i < all.items.size(); ++i) {
    const ShardSchedule::Item& item = all.items[i];
    state.earliest_held = item.earliest_held;
    state.processed = item.processed;
    moment.item = i;
    fire_due(item.reached);
    state.watermark.follow(item.reached);
    moment.what = ShardMoment::What::Event;
    const Matches event = matches.subspan(begin, item.end - begin);
    for (size_t at = begin; at < item.end; ++at) look_ahead(matches, at);
    begin = item.end;
    const bool concerned = std::any_of(event.begin(), event.end(),
                                       [this](const auto& match) { return match.shard == own; });
    if (concerned) state.process(event, says.records);
  }
  state.expire_groups();
  said = nullptr;
  running = nullptr;
}

void Shard::Share::fire_due(EventTime until) {
  moment.what = ShardMoment::What::Timer;
  moment.timer = window::Timer{.due = kBeforeAllTime};
  while (const std::optional<window::Timer> timer = state.timers.take_due(until)) {
    state.watermark.follow(timer->due);
    if (moment.timer < *timer) moment.timer = *timer;
    const size_t before = said->records.size();
    state.fire(*timer, said->records);
    if (before == said->records.size()) note(before, before);
  }
}

void Shard::Share::note(size_t first, size_t end) {
  if (first == end && !said->notes_silence) return;
  moment.first = first;
  moment.end = end;
  // Its group may be gone when the moment is looked at.
  moment.group.clear();
  if (moment.what == ShardMoment::What::Timer) moment.group = moment.timer.group;
  said->moments.push_back(moment);
}

// --- Who has the rules over alerts

void Shard::Share::follow(const ShardSchedule& all, ShardMerge& merge, Records& out) {
  state.position = all.position;
  size_t begin = 0;
  for (size_t i = 0; i < all.items.size() && state.alert_matcher; ++i) {
    const ShardSchedule::Item& item = all.items[i];
    state.earliest_held = item.earliest_held;
    // Alerts come after all else of their time.
    const EventTime before = item.end > begin ? all.matches[begin].time : window::Timers::kNever;
    pass_time(merge, i, item.reached, before, out);
    state.watermark.follow(item.reached);
    while (merge.next() != nullptr && merge.next()->item == i) take_said(merge, out);
    state.process_alerts(out);
    begin = item.end;
  }
  while (merge.next() != nullptr) merge.take(out);
  state.watermark.follow(all.items.back().reached);
  state.earliest_held = all.items.back().earliest_held;
  state.expire_groups();
}

void Shard::Share::pass_time(ShardMerge& merge, size_t item, EventTime until, EventTime before,
                             Records& out) {
  for (;;) {
    const ShardMoment* const next_said = merge.next();
    const bool fires = next_said != nullptr && next_said->item == item &&
                       next_said->what == ShardMoment::What::Timer;
    const EventTime theirs = fires ? next_said->timer.due : window::Timers::kNever;
    const EventTime timer = state.timers.first_due();
    const bool alert_waits = !state.alerts.empty() && state.alerts.first().time < before;
    const EventTime alert = alert_waits ? state.alerts.first().time : window::Timers::kNever;
    const EventTime next = std::min({theirs, timer, alert});
    if (next > until) break;
    state.watermark.follow(next);
    // Timers of rules over alerts are the last of their time.
    if (theirs == next) {
      take_said(merge, out);
    } else if (timer == next) {
      state.fire(*state.timers.take_due(next), out);
    }
    state.process_alerts(out);
  }
}

void Shard::Share::take_said(ShardMerge& merge, Records& out) {
  const size_t first = out.size();
  merge.take(out);
  for (size_t i = first; i < out.size(); ++i) {
    if (out[i].kind == alert::RecordKind::Clear) continue;
    state.make_alert_event(state.rules->rule(out[i].rule), out[i]);
  }
}

// --- A rest that was restored whole

void Shard::Share::restored() {
  if (role == ShardRole::Alone) return;
  if (role != ShardRole::Time) {
    state.counters = {};
    state.buffer = {};
    state.waiting = {};
  }
  if (role != ShardRole::OverAlerts) state.alerts = {};
}

}  // namespace fengsui::pipeline
