// An event as a window keeps it: what aggregates, let, grade, message and evidence may still need.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "cel/value.h"

namespace fengsui::window {

// The order of a window's events: (time, then arrival).
struct EntryKey {
  EventTime time{};
  Arrival arrival{};
  friend auto operator<=>(const EntryKey&, const EntryKey&) = default;
};

struct Entry {
  EntryKey key;
  std::string event;                 // "source#id"
  std::vector<cel::Value> captures;  // Rule::captures of them
};

}  // namespace fengsui::window
