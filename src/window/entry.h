// An event as a window keeps it: what aggregates, let, grade, message and evidence may still need.
//
// A window's events lie in one piece of memory (entries.h); an Entry is a look at one of them.
#pragma once

#include <compare>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_codec.h"
#include "base/ids.h"
#include "base/time.h"
#include "cel/value.h"
#include "window/entry_block.h"
#include "window/event_names.h"
#include "window/slab.h"

namespace fengsui::window {

// The order of a window's events: (time, then arrival).
struct EntryKey {
  EventTime time{};
  Arrival arrival{};
  friend auto operator<=>(const EntryKey&, const EntryKey&) = default;
};

// What the groups of a shard share.
struct Room {
  Slab slab{this};
  EventNames names;
  // Kept for their capacity.
  std::string scratch;
  std::vector<cel::Value> aggregates;
};

// An event on its way into a window. Views: of the call.
struct NewEntry {
  Room& room;  // where it is to be kept
  EntryKey key;
  std::string_view event;     // "source#id"
  std::string_view captures;  // Rule::captures of them, in their stored form
};

// Valid until what keeps it changes.
class Entry {
 public:
  EntryKey key;

  std::string event() const {
    std::string name;
    static_cast<const Room*>(Slab::owner_of(block_))->names.append(name_, name);
    return name;
  }
  std::string_view captures() const { return captures_; }  // in their stored form
  // Requires: there are more than `i`.
  cel::Value capture(size_t i) const;
  std::optional<std::string_view> capture_text(size_t i) const;  // nullopt: it is no string

 private:
  friend class EntrySpan;
  ByteReader at_capture(size_t i) const;
  const EntryBlock* block_ = nullptr;  // that it stands in
  const char* name_ = nullptr;
  std::string_view captures_;
};

// Neighbours in a window. Valid until what keeps them changes.
class EntrySpan {
 public:
  EntrySpan() = default;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Entry operator[](size_t place) const {
    place += from_;
    const char* const at = block().event(place);
    ByteReader in(std::string_view(at, static_cast<size_t>(block().bytes_end() - at)));
    Entry entry;
    entry.key.time = block().time(place);
    entry.key.arrival = Arrival{in.varint()};
    entry.captures_ = in.text();
    entry.name_ = in.rest().data();
    entry.block_ = block_;
    return entry;
  }
  EventTime time(size_t place) const { return block().time(from_ + place); }  // of its key
  Entry front() const { return (*this)[0]; }
  Entry back() const { return (*this)[size_ - 1]; }
  EntrySpan subspan(size_t from, size_t size) const {
    EntrySpan part = *this;
    part.from_ += from;
    part.size_ = size;
    return part;
  }
  EntrySpan subspan(size_t from) const { return subspan(from, size_ - from); }
  EntrySpan first(size_t size) const { return subspan(0, size); }
  EntrySpan last(size_t size) const { return subspan(size_ - size, size); }
  size_t lower_bound(EventTime time) const;
  // Requires: not empty.
  Room& room() const { return *static_cast<Room*>(Slab::owner_of(block_)); }

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = const Entry*;
    using reference = Entry;
    Iterator(const EntrySpan& of, size_t place) : of_(&of), place_(place) {}
    Entry operator*() const { return (*of_)[place_]; }
    Iterator& operator++() {
      ++place_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return place_ == other.place_; }

   private:
    const EntrySpan* of_;
    size_t place_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size_}; }

 private:
  friend class Entries;
  const EntryBlock& block() const {  // there is one where there is a place
    if (block_ == nullptr) __builtin_unreachable();
    return *block_;
  }
  const EntryBlock* block_ = nullptr;
  size_t from_ = 0, size_ = 0;
};

// Where capture i of a rule stood in the same rule of the pack before (Rule::capture_keys); -1:
// nowhere, so its value is missing.
//
// What keeps a group's events has a follow_rule(): its rule is from now on that of another pack, of
// the same version. It forgets what was made of the one before, and moves captures where they
// differ (null: they do not).
using CaptureMap = std::vector<int>;
void move_captures(std::vector<cel::Value>& captures, const CaptureMap& map);

}  // namespace fengsui::window
