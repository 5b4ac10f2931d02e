// An event as a window keeps it: what aggregates, let, grade, message and evidence may still need.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_codec.h"
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

// Where capture i of a rule stood in the same rule of the pack before (Rule::capture_keys); -1:
// nowhere, so its value is missing.
//
// What keeps a group's events has a follow_rule(): its rule is from now on that of another pack, of
// the same version. It forgets what was made of the one before, and moves captures where they
// differ (null: they do not).
using CaptureMap = std::vector<int>;
void move_captures(std::vector<cel::Value>& captures, const CaptureMap& map);

// Their stored form. Of what no encoder wrote, in.ok() is false at worst. `captures`: of each.
void encode_entries(ByteWriter& out, std::span<const Entry> entries);
std::vector<Entry> decode_entries(ByteReader& in, size_t captures);

// Entries in order of their keys, in one piece. Places count from the first that is kept.
class Entries {
 public:
  Entries() = default;
  explicit Entries(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  size_t put(Entry entry);  // its place; requires: no other has its key
  size_t lower_bound(EventTime time) const;
  void drop_front(size_t count);  // amortised O(1) each
  std::span<const Entry> all() const { return std::span(entries_).subspan(first_); }
  const Entry& operator[](size_t place) const { return entries_[first_ + place]; }
  size_t size() const { return entries_.size() - first_; }
  void move_captures(const CaptureMap& map);

 private:
  std::vector<Entry> entries_;
  size_t first_ = 0;  // those before it are gone, and are erased when they are as many as the rest
};

}  // namespace fengsui::window
