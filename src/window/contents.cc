#include "window/contents.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace fengsui::window {
namespace {

// Calls visit(let index, aggregate) for each let that is an aggregate.
template <class Visit>
void for_each_aggregate(const rules::Rule& rule, Visit visit) {
  for (size_t i = 0; i < rule.lets.size(); ++i) {
    if (const auto* aggregate = std::get_if<rules::Aggregate>(&rule.lets[i].value)) {
      visit(i, *aggregate);
    }
  }
}

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

std::vector<cel::Value> aggregates_over(const rules::Rule& rule, std::span<const Entry> entries) {
  std::vector<cel::Value> values(rule.lets.size());
  for_each_aggregate(rule, [&](size_t let, const rules::Aggregate& aggregate) {
    RunningAggregate running(aggregate);
    for (const Entry& entry : entries) running.add(entry);
    values[let] = running.value();
  });
  return values;
}

Contents::Index Contents::lower_bound(EventTime time) const {
  const auto at =
      std::lower_bound(entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end(), time,
                       [](const Entry& entry, EventTime t) { return entry.key.time < t; });
  return static_cast<Index>(at - entries_.begin());
}

Contents::Seen Contents::put(Entry entry, const rules::Rule& rule, const Window& window,
                             EventTime floor) {
  const EventTime time = entry.key.time;
  if (size() == 0 || entries_.back().key < entry.key) {
    run_on_to(time, rule, window);
    for (RunningAggregate& aggregate : running_) aggregate.add(entry);
    entries_.push_back(std::move(entry));
    drop_unneeded(window, floor);
    Seen seen{std::span(entries_).subspan(running_from_),
              std::vector<cel::Value>(rule.lets.size())};
    size_t next = 0;
    for_each_aggregate(rule, [&](size_t let, const rules::Aggregate&) {
      seen.aggregates[let] = running_[next++].value();
    });
    return seen;
  }
  // Out of order. The running aggregates stay those of the newest, which may see this one from now
  // on.
  if (is_running_ && time >= running_oldest_) {
    for (RunningAggregate& aggregate : running_) aggregate.add(entry);
  } else {
    ++running_from_;
  }
  const auto place =
      std::upper_bound(entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end(), entry.key,
                       [](const EntryKey& key, const Entry& other) { return key < other.key; });
  entries_.insert(place, std::move(entry));
  const Index from = lower_bound(oldest_seen_at(window, time));
  const Index to = lower_bound(time + Duration{1});
  const std::span<const Entry> entries = std::span(entries_).subspan(from, to - from);
  return {entries, aggregates_over(rule, entries)};
}

void Contents::run_on_to(EventTime time, const rules::Rule& rule, const Window& window) {
  running_oldest_ = oldest_seen_at(window, time);
  if (!is_running_) {
    start_running(rule);
    running_from_ = lower_bound(running_oldest_);
    for (Index i = running_from_; i < entries_.size(); ++i) {
      for (RunningAggregate& aggregate : running_) aggregate.add(entries_[i]);
    }
    return;
  }
  for (; running_from_ < entries_.size(); ++running_from_) {
    const Entry& oldest = entries_[running_from_];
    if (oldest.key.time >= running_oldest_) return;
    for (RunningAggregate& aggregate : running_) aggregate.remove(oldest);
  }
}

void Contents::start_running(const rules::Rule& rule) {
  running_.clear();
  for_each_aggregate(
      rule, [&](size_t, const rules::Aggregate& aggregate) { running_.emplace_back(aggregate); });
  is_running_ = true;
}

void Contents::drop_unneeded(const Window& window, EventTime floor) {
  while (first_ < running_from_ && unseen_from(window, entries_[first_].key.time) <= floor) {
    entries_[first_++] = Entry{};
  }
  if (first_ < entries_.size() - first_) return;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(first_));
  running_from_ -= first_;
  first_ = 0;
}

void Contents::restart() {
  running_.clear();
  is_running_ = false;
  running_from_ = first_;
}

EventTime Contents::unneeded_from(const Window& window) const {
  return size() == 0 ? kBeforeAllTime : unseen_from(window, entries_.back().key.time);
}

void Contents::encode(ByteWriter& out, const Window& window, EventTime floor) const {
  const auto needed =
      std::find_if(entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end(),
                   [&](const Entry& entry) { return unseen_from(window, entry.key.time) > floor; });
  out.varint(static_cast<uint64_t>(entries_.end() - needed));
  EntryKey before;
  for (auto entry = needed; entry != entries_.end(); ++entry) {
    out.signed_varint((entry->key.time - before.time).count());
    out.signed_varint(
        static_cast<int64_t>(value_of(entry->key.arrival) - value_of(before.arrival)));
    before = entry->key;
    out.text(entry->event);
    for (const cel::Value& capture : entry->captures) cel::encode_value(out, capture);
  }
}

Contents Contents::decode(ByteReader& in, size_t captures) {
  Contents contents;
  EntryKey before;
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Entry entry;
    // Unsigned sums: bytes that no encoder wrote may overflow, which must not be undefined.
    const auto time = static_cast<uint64_t>(before.time.time_since_epoch().count()) +
                      static_cast<uint64_t>(in.signed_varint());
    entry.key.time = EventTime{Duration{static_cast<int64_t>(time)}};
    entry.key.arrival =
        Arrival{value_of(before.arrival) + static_cast<uint64_t>(in.signed_varint())};
    before = entry.key;
    entry.event = std::string(in.text());
    for (size_t i = 0; i < captures && in.ok(); ++i) {
      entry.captures.push_back(cel::decode_value(in));
    }
    contents.entries_.push_back(std::move(entry));
  }
  return contents;
}

}  // namespace fengsui::window
