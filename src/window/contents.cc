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

Contents::Index Contents::lower_bound(EventTime time) const {
  const auto at =
      std::lower_bound(entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end(), time,
                       [](const Entry& entry, EventTime t) { return entry.key.time < t; });
  return static_cast<Index>(at - entries_.begin());
}

bool Contents::place(Entry entry, const rules::Rule& rule, const Window& window, EventTime floor) {
  const EventTime time = entry.key.time;
  if (size() == 0 || entries_.back().key < entry.key) {
    run_on_to(time, rule, window);
    if (running_.started()) running_.add(entry);
    entries_.push_back(std::move(entry));
    drop_unneeded(window, floor);
    return true;
  }
  // Out of order. The running aggregates stay those of the newest, which may see this one from now
  // on.
  if (time < running_oldest_) {
    ++running_from_;
  } else if (running_.started()) {
    running_.add(entry);
  }
  const auto place =
      std::upper_bound(entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end(), entry.key,
                       [](const EntryKey& key, const Entry& other) { return key < other.key; });
  entries_.insert(place, std::move(entry));
  return false;
}

Seen Contents::put(Entry entry, const rules::Rule& rule, const Window& window, EventTime floor) {
  const EventTime time = entry.key.time;
  if (place(std::move(entry), rule, window, floor)) {
    const std::span<const Entry> entries = std::span(entries_).subspan(running_from_);
    return {entries, running_.started() ? running_.values() : aggregates_over(rule, entries)};
  }
  const std::span<const Entry> entries = between(oldest_seen_at(window, time), time + Duration{1});
  return {entries, aggregates_over(rule, entries)};
}

void Contents::keep(Entry entry, const rules::Rule& rule, const Window& window, EventTime floor) {
  place(std::move(entry), rule, window, floor);
}

std::span<const Entry> Contents::between(EventTime from, EventTime to) const {
  const Index first = lower_bound(from), last = lower_bound(to);
  return std::span(entries_).subspan(first, last - first);
}

void Contents::run_on_to(EventTime time, const rules::Rule& rule, const Window& window) {
  running_oldest_ = oldest_seen_at(window, time);
  if (!running_.started()) {
    running_from_ = lower_bound(running_oldest_);
    if (entries_.size() - running_from_ < kFewSeen) return;
    running_.start(rule);
    for (Index i = running_from_; i < entries_.size(); ++i) running_.add(entries_[i]);
    return;
  }
  for (; running_from_ < entries_.size(); ++running_from_) {
    const Entry& oldest = entries_[running_from_];
    if (oldest.key.time >= running_oldest_) break;
    running_.remove(oldest);
  }
  if (entries_.size() - running_from_ <= kFewSeen / 2) running_.stop();
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

void Contents::follow_rule(const CaptureMap* captures) {
  running_.stop();
  running_from_ = first_;
  if (captures == nullptr) return;
  for (Index i = first_; i < entries_.size(); ++i) move_captures(entries_[i].captures, *captures);
}

EventTime Contents::unneeded_from(const Window& window) const {
  return size() == 0 ? kBeforeAllTime : unseen_from(window, entries_.back().key.time);
}

void Contents::encode(ByteWriter& out, const Window& window, EventTime floor) const {
  const auto needed =
      std::find_if(entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end(),
                   [&](const Entry& entry) { return unseen_from(window, entry.key.time) > floor; });
  encode_entries(out, std::span(needed, entries_.end()));
}

Contents Contents::decode(ByteReader& in, size_t captures) {
  Contents contents;
  contents.entries_ = decode_entries(in, captures);
  return contents;
}

}  // namespace fengsui::window
