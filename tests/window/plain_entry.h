// Events as tests of windows have them: by value, and as windows want them.
#pragma once

#include <string>
#include <vector>

#include "match/match.h"
#include "window/entries.h"

namespace fengsui::window {

inline Room& test_room() {
  static Room room;
  return room;
}

struct PlainEntry {
  EntryKey key;
  std::string event;
  std::vector<cel::Value> captures;

  operator NewEntry() const {
    bytes = match::bytes_of(captures);
    return {test_room(), key, event, bytes};
  }
  mutable std::string bytes = {};
};

inline Entries kept(const std::vector<PlainEntry>& plain) {
  Entries entries;
  for (const PlainEntry& entry : plain) entries.append(entry);
  return entries;
}

// A look at one; lives as long as this.
class Look {
 public:
  explicit Look(const PlainEntry& plain) { entries_.append(plain); }
  operator Entry() const { return entries_[0]; }

 private:
  Entries entries_;
};

}  // namespace fengsui::window
