#include "window/closing_contents.h"

#include <algorithm>
#include <utility>

namespace fengsui::window {

Put ClosingContents::put(const NewEntry& entry, const HoppingWindow& window, EventTime reached,
                         GroupTimers& timers) {
  drop_unneeded();
  Put put;
  const EventTime last = window.last_start(entry.key.time);
  for (EventTime start = window.first_start(entry.key.time); start <= last;
       start += window.every()) {
    const EventTime end = window.end(start);
    if (end <= reached) {
      put.left_out = true;
      continue;
    }
    put.taken = true;
    if (open_.try_emplace(start, timers.number()).second) timers.set(end, timers.number(), start);
  }
  if (!put.taken) return put;
  const size_t place = entries_.put(entry);
  if (!running_ || place >= running_->to) return put;
  ++running_->to;
  if (place <= running_->from) {
    ++running_->from;
  } else {
    running_->aggregates.add(entries_[place]);
  }
  return put;
}

Seen ClosingContents::close(EventTime start, const rules::Rule& rule, const HoppingWindow& window) {
  drop_unneeded();
  open_.erase(start);
  const size_t from = entries_.lower_bound(start);
  const size_t to = entries_.lower_bound(window.end(start));
  if (!running_ || from < running_->from || from >= running_->to || to < running_->to) {
    running_ = std::make_unique<Running>(Running{.from = from, .to = from, .aggregates = {}});
    running_->aggregates.start(rule);
  }
  Running& r = *running_;
  for (; r.from < from; ++r.from) r.aggregates.remove(entries_[r.from]);
  for (; r.to < to; ++r.to) r.aggregates.add(entries_[r.to]);
  const EntrySpan seen = entries_.all().subspan(from, to - from);
  return {seen, r.aggregates.values(seen)};
}

size_t ClosingContents::unneeded() const {
  return open_.empty() ? entries_.size() : entries_.lower_bound(open_.begin()->first);
}

void ClosingContents::drop_unneeded() {
  const size_t count = unneeded();
  if (count == 0) return;
  if (running_ && count >= running_->to) running_.reset();
  if (running_) {
    Running& r = *running_;
    for (; r.from < count; ++r.from) r.aggregates.remove(entries_[r.from]);
    r.from -= count;
    r.to -= count;
  }
  entries_.drop_front(count);
}

void ClosingContents::follow_rule(const CaptureMap* captures) {
  running_.reset();
  if (captures != nullptr) entries_.move_captures(*captures);
}

void ClosingContents::set_timers(const HoppingWindow& window, GroupTimers& timers) const {
  for (const auto& [start, number] : open_) timers.set(window.end(start), number, start);
}

void ClosingContents::encode(ByteWriter& out) const {
  out.varint(open_.size());
  for (const auto& [start, number] : open_) {
    out.signed_varint(start.time_since_epoch().count());
    out.varint(number);
  }
  Entries::encode(out, entries_.all().subspan(unneeded()));
}

ClosingContents ClosingContents::decode(ByteReader& in, size_t captures, Room& room) {
  ClosingContents contents;
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const EventTime start{Duration{in.signed_varint()}};
    contents.open_[start] = in.varint();
  }
  contents.entries_ = Entries::decode(in, captures, room);
  return contents;
}

}  // namespace fengsui::window
