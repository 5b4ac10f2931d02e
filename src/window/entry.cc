#include "window/entry.h"

#include <algorithm>
#include <utility>

namespace fengsui::window {

void move_captures(std::vector<cel::Value>& captures, const CaptureMap& map) {
  std::vector<cel::Value> moved;
  moved.reserve(map.size());
  for (const int from : map) {
    moved.push_back(from < 0 ? cel::Value::missing() : captures[static_cast<size_t>(from)]);
  }
  captures = std::move(moved);
}

void Entries::move_captures(const CaptureMap& map) {
  for (size_t i = first_; i < entries_.size(); ++i) {
    window::move_captures(entries_[i].captures, map);
  }
}

void encode_entries(ByteWriter& out, std::span<const Entry> entries) {
  out.varint(entries.size());
  EntryKey before;
  for (const Entry& entry : entries) {
    out.signed_varint((entry.key.time - before.time).count());
    out.signed_varint(static_cast<int64_t>(value_of(entry.key.arrival) - value_of(before.arrival)));
    before = entry.key;
    out.text(entry.event);
    for (const cel::Value& capture : entry.captures) cel::encode_value(out, capture);
  }
}

std::vector<Entry> decode_entries(ByteReader& in, size_t captures) {
  std::vector<Entry> entries;
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
    entries.push_back(std::move(entry));
  }
  return entries;
}

size_t Entries::put(Entry entry) {
  if (size() == 0 || entries_.back().key < entry.key) {
    entries_.push_back(std::move(entry));
    return size() - 1;
  }
  const auto place =
      std::upper_bound(entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end(), entry.key,
                       [](const EntryKey& key, const Entry& other) { return key < other.key; });
  const auto at = static_cast<size_t>(place - entries_.begin());
  entries_.insert(place, std::move(entry));
  return at - first_;
}

size_t Entries::lower_bound(EventTime time) const {
  const std::span<const Entry> entries = all();
  const auto at =
      std::lower_bound(entries.begin(), entries.end(), time,
                       [](const Entry& entry, EventTime t) { return entry.key.time < t; });
  return static_cast<size_t>(at - entries.begin());
}

void Entries::drop_front(size_t count) {
  for (; count > 0; --count) entries_[first_++] = Entry{};
  if (first_ < size()) return;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(first_));
  first_ = 0;
}

}  // namespace fengsui::window
