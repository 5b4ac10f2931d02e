#include "window/contents.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace fengsui::window {
namespace {

// Beyond so many events seen, aggregates run on; from half of them down, they are made anew each
// time. Most groups have one or two events, and running aggregates are larger than those.
constexpr size_t kFewSeen = 8;

}  // namespace

Window window_of(const rules::Rule& rule, EventTime origin) {
  INVARIANT(rule.window.length > Duration{0});
  if (rule.window.kind == rules::WindowSpec::Kind::Sliding) {
    return SlidingWindow(rule.window.length);
  }
  INVARIANT(rule.window.kind == rules::WindowSpec::Kind::Tumbling);
  return TumblingWindow(rule.window.length, origin);
}

EventTime oldest_seen_at(const Window& window, EventTime time) {
  return std::visit([time](const auto& kind) { return kind.oldest_seen_at(time); }, window);
}

EventTime unseen_from(const Window& window, EventTime time) {
  return std::visit([time](const auto& kind) { return kind.unseen_from(time); }, window);
}

std::optional<size_t> Contents::place(const NewEntry& entry, const rules::Rule& rule,
                                      const Window& window, EventTime floor) {
  const EventTime time = entry.key.time;
  if (size() == 0 || entries_[size() - 1].key < entry.key) {
    const size_t from = run_on_to(time, rule, window);
    entries_.append(entry);
    if (running_) running_->aggregates.add(entries_[size() - 1]);
    return from - drop_unneeded(window, floor, from);
  }
  // Out of order. The running aggregates stay those of the newest, which may see this one from now
  // on.
  const size_t place = entries_.put(entry);
  if (!running_) return std::nullopt;
  if (time < running_->oldest) {
    ++running_->from;
  } else {
    running_->aggregates.add(entries_[place]);
  }
  return std::nullopt;
}

Seen Contents::put(const NewEntry& entry, const rules::Rule& rule, const Window& window,
                   EventTime floor) {
  const EventTime time = entry.key.time;
  const std::optional<size_t> sees = place(entry, rule, window, floor);
  const EntrySpan all = entries_.all();
  if (sees) {
    const EntrySpan entries = all.subspan(*sees);
    return {entries,
            running_ ? running_->aggregates.values(entries) : aggregates_over(rule, entries)};
  }
  const size_t from = all.lower_bound(oldest_seen_at(window, time));
  const size_t to = all.lower_bound(time + Duration{1});
  const EntrySpan entries = all.subspan(from, to - from);
  if (!running_) return {entries, aggregates_over(rule, entries)};
  return {entries, running_->aggregates.values_seen(rule, all, running_->from, from, to)};
}

void Contents::keep(const NewEntry& entry, const rules::Rule& rule, const Window& window,
                    EventTime floor) {
  place(entry, rule, window, floor);
}

EntrySpan Contents::between(EventTime from, EventTime to) const {
  const EntrySpan all = entries_.all();
  const size_t first = all.lower_bound(from), last = all.lower_bound(to);
  return all.subspan(first, last - first);
}

size_t Contents::run_on_to(EventTime time, const rules::Rule& rule, const Window& window) {
  const EventTime oldest = oldest_seen_at(window, time);
  const EntrySpan all = entries_.all();
  if (!running_) {
    const size_t from = all.lower_bound(oldest);
    if (size() - from < kFewSeen) return from;
    running_ = std::make_unique<Running>();
    running_->from = from;
    running_->oldest = oldest;
    running_->aggregates.start(rule);
    for (const Entry& entry : all.subspan(from)) running_->aggregates.add(entry);
    return from;
  }
  Running& r = *running_;
  r.oldest = oldest;
  for (; r.from < size() && all.time(r.from) < oldest; ++r.from) r.aggregates.remove(all[r.from]);
  const size_t from = r.from;
  if (size() - from <= kFewSeen / 2) running_.reset();
  return from;
}

size_t Contents::drop_unneeded(const Window& window, EventTime floor, size_t before) {
  const EntrySpan all = entries_.all();
  size_t count = 0;
  while (count < before && unseen_from(window, all.time(count)) <= floor) ++count;
  entries_.drop_front(count);
  if (running_) running_->from -= count;
  return count;
}

void Contents::follow_rule(const CaptureMap* captures) {
  running_.reset();
  if (captures != nullptr) entries_.move_captures(*captures);
}

EventTime Contents::unneeded_from(const Window& window) const {
  return size() == 0 ? kBeforeAllTime : unseen_from(window, entries_.all().time(size() - 1));
}

void Contents::encode(ByteWriter& out, const Window& window, EventTime floor) const {
  const EntrySpan all = entries_.all();
  size_t first = 0;
  while (first < all.size() && unseen_from(window, all.time(first)) <= floor) ++first;
  Entries::encode(out, all.subspan(first));
}

Contents Contents::decode(ByteReader& in, size_t captures, Room& room) {
  Contents contents;
  contents.entries_ = Entries::decode(in, captures, room);
  return contents;
}

}  // namespace fengsui::window
