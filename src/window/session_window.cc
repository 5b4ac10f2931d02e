#include "window/session_window.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "window/clamped_time.h"

namespace fengsui::window {
namespace {

bool is_too_long(EventTime first, EventTime last, const rules::Rule& rule) {
  return rule.window.most && last - first > *rule.window.most;
}

}  // namespace

void Sessions::Session::put(const NewEntry& entry) {
  const size_t place = entries.put(entry);
  if (running.started()) running.add(entries[place]);
}

EventTime Sessions::closed_at(EventTime last, const rules::Rule& rule) {
  return plus_clamped(plus_clamped(last, rule.window.length), Duration{1});
}

Sessions::Session* Sessions::open_for(EventTime time, const rules::Rule& rule, EventTime reached) {
  const Duration gap = rule.window.length;
  for (const auto& session : sessions_) {
    const EventTime first = session->first(), last = session->last();
    if (closed_at(last, rule) <= reached) continue;
    if (time < minus_clamped(first, gap) || time > plus_clamped(last, gap)) continue;
    if (!is_too_long(std::min(first, time), std::max(last, time), rule)) return session.get();
  }
  return nullptr;
}

Sessions::Session& Sessions::begin(const NewEntry& entry) {
  auto session = std::make_unique<Session>();
  session->put(entry);
  const auto place =
      std::upper_bound(sessions_.begin(), sessions_.end(), session->first(),
                       [](EventTime first, const auto& other) { return first < other->first(); });
  return **sessions_.insert(place, std::move(session));
}

Sessions::Session& Sessions::join(Session& session, const NewEntry& entry, const rules::Rule& rule,
                                  GroupTimers* timers) {
  const EventTime due = closed_at(session.last(), rule);
  const uint64_t number = session.number;
  session.put(entry);
  const auto at = std::find_if(sessions_.begin(), sessions_.end(),
                               [&](const auto& other) { return other.get() == &session; });
  merge_with_next(static_cast<size_t>(at - sessions_.begin()), rule, timers, entry.room);
  if (timers == nullptr) return session;
  const EventTime due_now = closed_at(session.last(), rule);
  if (due_now == due) return session;
  timers->drop(due, number);
  session.number = timers->number();
  timers->set(due_now, session.number);
  return session;
}

void Sessions::merge_with_next(size_t at, const rules::Rule& rule, GroupTimers* timers,
                               Room& room) {
  if (at + 1 >= sessions_.size()) return;
  Session& session = *sessions_[at];
  Session& next = *sessions_[at + 1];
  if (next.first() > plus_clamped(session.last(), rule.window.length) ||
      is_too_long(session.first(), std::max(session.last(), next.last()), rule)) {
    return;
  }
  if (timers != nullptr) timers->drop(closed_at(next.last(), rule), next.number);
  // The fewer go to the more.
  if (session.entries.size() < next.entries.size()) {
    std::swap(session.entries, next.entries);
    std::swap(session.running, next.running);
  }
  for (const Entry& entry : next.entries.all()) {
    session.put({room, entry.key, entry.event(), entry.captures()});
  }
  sessions_.erase(sessions_.begin() + static_cast<ptrdiff_t>(at) + 1);
}

Put Sessions::put(const NewEntry& entry, const rules::Rule& rule, EventTime reached,
                  GroupTimers& timers) {
  const EventTime time = entry.key.time;
  if (Session* session = open_for(time, rule, reached)) {
    join(*session, entry, rule, &timers);
    return {.taken = true};
  }
  const EventTime due = closed_at(time, rule);
  if (due <= reached) return {.left_out = true};
  begin(entry).number = timers.number();
  timers.set(due, timers.number());
  return {.taken = true};
}

Seen Sessions::close(EventTime due, uint64_t number, const rules::Rule& rule) {
  const auto at = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& session) {
    return session->number == number && closed_at(session->last(), rule) == due;
  });
  INVARIANT(at != sessions_.end());
  ended_ = std::move(*at);
  sessions_.erase(at);
  return {ended_->entries.all(), aggregates_over(rule, ended_->entries.all())};
}

void Sessions::keep(const NewEntry& entry, const rules::Rule& rule, EventTime floor) {
  forget_unneeded(rule, floor);
  Session* session = open_for(entry.key.time, rule, kBeforeAllTime);
  put_last_ = session ? &join(*session, entry, rule, nullptr) : &begin(entry);
}

Seen Sessions::seen_by(const EntryKey& key, const rules::Rule& rule) {
  Session& session = *put_last_;
  const EntrySpan all = session.entries.all();
  if (all.back().key != key) {
    const size_t to = all.lower_bound(key.time + Duration{1});
    return {all.first(to), session.running.values_seen(rule, all, 0, 0, to)};
  }
  if (!session.running.started()) {
    session.running.start(rule);
    for (const Entry& entry : all) session.running.add(entry);
  }
  return {all, session.running.values(all)};
}

void Sessions::forget_unneeded(const rules::Rule& rule, EventTime floor) {
  std::erase_if(sessions_,
                [&](const auto& session) { return closed_at(session->last(), rule) <= floor; });
}

EventTime Sessions::unneeded_from(const rules::Rule& rule) const {
  return sessions_.empty() ? kBeforeAllTime : closed_at(sessions_.back()->last(), rule);
}

void Sessions::follow_rule(const CaptureMap* captures) {
  ended_.reset();
  for (const auto& session : sessions_) {
    session->running.stop();
    if (captures != nullptr) session->entries.move_captures(*captures);
  }
}

void Sessions::set_timers(const rules::Rule& rule, GroupTimers& timers) const {
  for (const auto& session : sessions_) {
    timers.set(closed_at(session->last(), rule), session->number);
  }
}

void Sessions::encode(ByteWriter& out, const rules::Rule& rule, EventTime floor) const {
  const auto is_needed = [&](const auto& session) {
    return rule.emit == rules::Emit::Close || closed_at(session->last(), rule) > floor;
  };
  out.varint(static_cast<uint64_t>(std::count_if(sessions_.begin(), sessions_.end(), is_needed)));
  for (const auto& session : sessions_) {
    if (!is_needed(session)) continue;
    out.varint(session->number);
    Entries::encode(out, session->entries.all());
  }
}

Sessions Sessions::decode(ByteReader& in, const rules::Rule& rule, Room& room) {
  Sessions sessions;
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    auto session = std::make_unique<Session>();
    session->number = in.varint();
    session->entries = Entries::decode(in, rule.captures, room);
    if (session->entries.size() == 0) in.fail();
    sessions.sessions_.push_back(std::move(session));
  }
  return sessions;
}

}  // namespace fengsui::window
