// Part of entry.h: what the piece of memory of a window looks like.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/time.h"

namespace fengsui::window {

// The piece of memory of a window (entries.h). An event that stands in it: varint arrival, varint
// size and bytes of the captures, its name.
struct EntryBlock {
  uint32_t capacity = 0;  // bytes in all
  uint32_t first = 0;     // places before it are gone
  uint32_t end = 0;       // places
  uint32_t lowest = 0;    // where the lowest event stands

  static constexpr size_t kPlaceBytes = sizeof(int64_t) + sizeof(uint32_t);
  char* bytes() { return reinterpret_cast<char*>(this); }
  const char* bytes() const { return reinterpret_cast<const char*>(this); }
  const char* bytes_end() const { return bytes() + capacity; }
  static size_t place_at(size_t place) { return sizeof(EntryBlock) + place * kPlaceBytes; }

  EventTime time(size_t place) const {
    int64_t ms = 0;
    std::memcpy(&ms, bytes() + place_at(place), sizeof ms);
    return EventTime{Duration{ms}};
  }
  const char* event(size_t place) const {
    uint32_t at = 0;
    std::memcpy(&at, bytes() + place_at(place) + sizeof(int64_t), sizeof at);
    return bytes() + at;
  }
  void set(size_t place, EventTime time, uint32_t at) {
    const int64_t ms = time.time_since_epoch().count();
    std::memcpy(bytes() + place_at(place), &ms, sizeof ms);
    std::memcpy(bytes() + place_at(place) + sizeof ms, &at, sizeof at);
  }
};

}  // namespace fengsui::window
