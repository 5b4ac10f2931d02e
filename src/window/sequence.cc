#include "window/sequence.h"

#include <algorithm>
#include <utility>

#include "window/clamped_time.h"

namespace fengsui::window {
namespace {

using rules::Rule;

EventTime ends_at(const PartialMatch& match, const Rule& rule) {
  return plus_clamped(match.first.time, rule.sequence->within);
}
EventTime absence_due(const PartialMatch& match, const Rule& rule) {
  return plus_clamped(ends_at(match, rule), Duration{1});
}

bool waits_for_absence(const PartialMatch& match, const Rule& rule) {
  return rule.sequence->steps[match.step].absent;
}

bool has_expired(const PartialMatch& match, const Rule& rule, EventTime reached) {
  return !waits_for_absence(match, rule) && ends_at(match, rule) < reached;
}

// The absent step that guards what is to come, if one does.
std::optional<size_t> guard_of(const PartialMatch& match, const Rule& rule) {
  if (waits_for_absence(match, rule)) return match.step;
  if (match.taken > 0 || match.step == 0) return std::nullopt;
  if (!rule.sequence->steps[match.step - 1].absent) return std::nullopt;
  return match.step - 1;
}

// Not before its last event, nor too long after its first.
bool is_in_time(const PartialMatch& match, const Rule& rule, EventTime time) {
  return time >= match.events.all().time(match.events.size() - 1) && time <= ends_at(match, rule);
}

const match::Match* find_step(std::span<match::Match* const> matches, size_t step) {
  for (const match::Match* match : matches) {
    if (match->step == step) return match;
  }
  return nullptr;
}

void fill(std::vector<cel::Value>& row, const rules::RuleSource& source,
          const match::Match& event) {
  ByteReader captures(event.captures());
  for (size_t i = 0; !captures.at_end(); ++i) {
    const size_t slot = source.capture_slots.empty() ? i : source.capture_slots[i];
    cel::Value value = cel::decode_value(captures);
    if (slot < row.size()) row[slot] = std::move(value);
  }
}

// The event, if it fits this step of the match with what `when` reads of earlier steps too.
const match::Match* fitting(const PartialMatches::Offer& offer, size_t step,
                            const PartialMatch& match) {
  const match::Match* event = find_step(offer.matches, step);
  if (event == nullptr) return nullptr;
  const std::optional<cel::Program>& condition = offer.rule.sequence->steps[step].condition;
  if (!condition) return event;
  std::vector<cel::Value> row = match.row;
  row.resize(offer.rule.sequence->row_size, cel::Value::missing());
  fill(row, offer.rule.sources[step], *event);
  if (offer.observer != nullptr) offer.observer->tried(step, match, row);
  return condition->evaluate(offer.tables, row).is_true() ? event : nullptr;
}

void take(PartialMatch& match, const rules::RuleSource& source, const match::Match& event,
          Room& room) {
  fill(match.row, source, event);
  match.events.append({room, {event.time, event.arrival}, event.event(), {}});
  if (match.events.size() > kMatchEventsKept) match.events.drop_front(1);
  ++match.taken;
}

void tell(const PartialMatches::Offer& offer, PartialMatches::Turn turn, size_t step,
          const PartialMatch& match) {
  if (offer.observer != nullptr) offer.observer->turned(turn, step, match);
}

}  // namespace

PartialMatches::Outcome PartialMatches::offer(const Offer& offer, GroupTimers& timers) {
  Outcome outcome;
  expire(offer);
  outcome.changed = kill(offer, timers);
  bool as_first = false;
  if (extend(offer, timers, outcome, as_first)) outcome.changed = true;
  if (!as_first) start(offer, timers, outcome);
  return outcome;
}

void PartialMatches::expire(const Offer& offer) {
  std::erase_if(matches_, [&](const PartialMatch& match) {
    if (!has_expired(match, offer.rule, offer.reached)) return false;
    tell(offer, Turn::Expired, match.step, match);
    return true;
  });
}

bool PartialMatches::kill(const Offer& offer, GroupTimers& timers) {
  const EventTime time = offer.matches.front()->time;
  return std::erase_if(matches_, [&](const PartialMatch& match) {
           const std::optional<size_t> guard = guard_of(match, offer.rule);
           if (!guard || !is_in_time(match, offer.rule, time) || !fitting(offer, *guard, match)) {
             return false;
           }
           if (waits_for_absence(match, offer.rule)) {
             timers.drop(absence_due(match, offer.rule), match.number);
           }
           tell(offer, Turn::Killed, *guard, match);
           return true;
         }) > 0;
}

bool PartialMatches::extend(const Offer& offer, GroupTimers& timers, Outcome& outcome,
                            bool& as_first) {
  const EventTime time = offer.matches.front()->time;
  for (auto match = matches_.rbegin(); match != matches_.rend(); ++match) {
    if (waits_for_absence(*match, offer.rule) || !is_in_time(*match, offer.rule, time)) continue;
    const size_t step = match->step;
    const match::Match* event = fitting(offer, step, *match);
    if (event == nullptr) continue;
    as_first = step == 0;
    take(*match, offer.rule.sources[step], *event, offer.room);
    const bool complete = advance(*match, offer.rule, timers);
    tell(offer, complete ? Turn::Completed : Turn::Extended, step, *match);
    if (complete) {
      outcome.completed = std::move(*match);
      matches_.erase(std::next(match).base());
    }
    return true;
  }
  return false;
}

void PartialMatches::start(const Offer& offer, GroupTimers& timers, Outcome& outcome) {
  PartialMatch match;
  match.row.assign(offer.rule.captures, cel::Value::missing());
  const match::Match* event = fitting(offer, 0, match);
  if (event == nullptr) return;
  if (plus_clamped(event->time, offer.rule.sequence->within) < offer.reached) return;
  outcome.changed = true;
  match.first = {event->time, event->arrival};
  take(match, offer.rule.sources[0], *event, offer.room);
  const bool complete = advance(match, offer.rule, timers);
  tell(offer, Turn::Started, 0, match);
  if (complete) {
    tell(offer, Turn::Completed, 0, match);
    outcome.completed = std::move(match);
    return;
  }
  const auto place =
      std::upper_bound(matches_.begin(), matches_.end(), match.first,
                       [](const EntryKey& key, const PartialMatch& m) { return key < m.first; });
  matches_.insert(place, std::move(match));
  if (matches_.size() <= kPartialMatchesMax) return;
  const PartialMatch& oldest = matches_.front();
  if (waits_for_absence(oldest, offer.rule)) {
    timers.drop(absence_due(oldest, offer.rule), oldest.number);
  }
  tell(offer, Turn::Evicted, oldest.step, oldest);
  outcome.evicted = true;
  matches_.erase(matches_.begin());
}

bool PartialMatches::advance(PartialMatch& match, const Rule& rule, GroupTimers& timers) {
  const std::vector<rules::SequenceStep>& steps = rule.sequence->steps;
  if (match.taken < steps[match.step].times) return false;
  match.taken = 0;
  if (match.step + 1 == steps.size()) return true;
  ++match.step;
  if (!steps[match.step].absent) return false;
  if (match.step + 1 < steps.size()) {  // passed over: it guards
    ++match.step;
    return false;
  }
  match.number = timers.number();
  timers.set(absence_due(match, rule), match.number);
  return false;
}

std::optional<PartialMatch> PartialMatches::end_absence(uint64_t number, EventTime due,
                                                        const Rule& rule) {
  const auto at = std::find_if(matches_.begin(), matches_.end(), [&](const PartialMatch& match) {
    return waits_for_absence(match, rule) && match.number == number &&
           absence_due(match, rule) == due;
  });
  if (at == matches_.end()) return std::nullopt;
  PartialMatch match = std::move(*at);
  matches_.erase(at);
  return match;
}

void PartialMatches::follow_rule(const CaptureMap* captures) {
  if (captures == nullptr) return;
  for (PartialMatch& match : matches_) move_captures(match.row, *captures);
}

EventTime PartialMatches::expired_from(const Rule& rule) const {
  EventTime from = kBeforeAllTime;
  for (const PartialMatch& match : matches_) {
    if (!waits_for_absence(match, rule)) from = std::max(from, absence_due(match, rule));
  }
  return from;
}

bool PartialMatches::has_timers(const Rule& rule) const {
  return std::any_of(matches_.begin(), matches_.end(),
                     [&](const PartialMatch& match) { return waits_for_absence(match, rule); });
}

void PartialMatches::set_timers(const Rule& rule, GroupTimers& timers) const {
  for (const PartialMatch& match : matches_) {
    if (waits_for_absence(match, rule)) timers.set(absence_due(match, rule), match.number);
  }
}

void PartialMatches::encode(ByteWriter& out, const Rule& rule, EventTime reached) const {
  const auto is_needed = [&](const PartialMatch& match) {
    return !has_expired(match, rule, reached);
  };
  out.varint(static_cast<uint64_t>(std::count_if(matches_.begin(), matches_.end(), is_needed)));
  for (const PartialMatch& match : matches_) {
    if (!is_needed(match)) continue;
    out.signed_varint(match.first.time.time_since_epoch().count());
    out.varint(value_of(match.first.arrival));
    out.varint(match.step);
    out.varint(match.taken);
    out.varint(match.number);
    for (const cel::Value& value : match.row) cel::encode_value(out, value);
    Entries::encode(out, match.events.all());
  }
}

PartialMatches PartialMatches::decode(ByteReader& in, const Rule& rule, Room& room) {
  PartialMatches matches;
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    PartialMatch match;
    match.first.time = EventTime{Duration{in.signed_varint()}};
    match.first.arrival = Arrival{in.varint()};
    match.step = in.varint();
    match.taken = in.varint();
    match.number = in.varint();
    for (size_t i = 0; i < rule.captures && in.ok(); ++i) {
      match.row.push_back(cel::decode_value(in));
    }
    match.events = Entries::decode(in, 0, room);
    if (match.step >= rule.sequence->steps.size() || match.events.size() == 0) in.fail();
    matches.matches_.push_back(std::move(match));
  }
  return matches;
}

}  // namespace fengsui::window
