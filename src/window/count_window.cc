#include "window/count_window.h"

#include <algorithm>
#include <utility>

#include "window/clamped_time.h"

namespace fengsui::window {
namespace {

EventTime oldest_seen_at(EventTime time, const rules::Rule& rule) {
  return minus_clamped(time, rule.window.length) + Duration{1};
}

}  // namespace

void CountContents::keep(const NewEntry& entry, const rules::Rule& rule, EventTime floor) {
  const EventTime time = entry.key.time;
  const size_t place = entries_.put(entry);
  if (place + 1 == entries_.size()) {
    run_on_to(time, rule);
    const size_t gone = std::min(unneeded(rule, floor), running_from_);
    entries_.drop_front(gone);
    running_from_ -= gone;
    return;
  }
  // Out of order. The newest may see this one from now on, and then one less of the others.
  if (!running_.started() || place < running_from_ || time < running_oldest_) {
    ++running_from_;
    return;
  }
  running_.add(entries_[place]);
  limit_running(rule);
}

void CountContents::run_on_to(EventTime time, const rules::Rule& rule) {
  running_oldest_ = oldest_seen_at(time, rule);
  if (!running_.started()) {
    running_.start(rule);
    const uint64_t most = std::min<uint64_t>(rule.window.count, entries_.size());
    running_from_ = std::max(entries_.lower_bound(running_oldest_), entries_.size() - most);
    for (size_t i = running_from_; i < entries_.size(); ++i) running_.add(entries_[i]);
    return;
  }
  running_.add(entries_[entries_.size() - 1]);
  for (; entries_.all().time(running_from_) < running_oldest_; ++running_from_) {
    running_.remove(entries_[running_from_]);
  }
  limit_running(rule);
}

void CountContents::limit_running(const rules::Rule& rule) {
  for (; entries_.size() - running_from_ > rule.window.count; ++running_from_) {
    running_.remove(entries_[running_from_]);
  }
}

Seen CountContents::seen_by(const EntryKey& key, const rules::Rule& rule) {
  const EntrySpan all = entries_.all();
  if (all.back().key == key) {
    const EntrySpan seen = all.subspan(running_from_);
    return {seen, running_.values(seen)};
  }
  const size_t to = entries_.lower_bound(key.time + Duration{1});
  const size_t from = std::max(entries_.lower_bound(oldest_seen_at(key.time, rule)),
                               to - static_cast<size_t>(std::min<uint64_t>(rule.window.count, to)));
  return {all.subspan(from, to - from), running_.values_seen(rule, all, running_from_, from, to)};
}

void CountContents::follow_rule(const CaptureMap* captures) {
  running_.stop();
  running_from_ = 0;
  if (captures != nullptr) entries_.move_captures(*captures);
}

size_t CountContents::unneeded(const rules::Rule& rule, EventTime floor) const {
  const size_t up_to_floor = entries_.lower_bound(floor + Duration{1});
  const uint64_t most = std::min<uint64_t>(rule.window.count, up_to_floor);
  return std::max(entries_.lower_bound(oldest_seen_at(floor, rule)),
                  up_to_floor - static_cast<size_t>(most));
}

EventTime CountContents::unneeded_from(const rules::Rule& rule) const {
  if (entries_.size() == 0) return kBeforeAllTime;
  return plus_clamped(entries_.all().time(entries_.size() - 1), rule.window.length);
}

void CountContents::encode(ByteWriter& out, const rules::Rule& rule, EventTime floor) const {
  Entries::encode(out, entries_.all().subspan(unneeded(rule, floor)));
}

CountContents CountContents::decode(ByteReader& in, const rules::Rule& rule, Room& room) {
  CountContents contents;
  contents.entries_ = Entries::decode(in, rule.captures, room);
  return contents;
}

}  // namespace fengsui::window
