// Groups that are in the store alone: which there are, in sixteen bytes each, when each is needed
// no more, and which of them have expired while their values are still there. A group is named here
// by its rule's state key and the hash of its values; no two of one name are away at the same time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace fengsui::pipeline {

class AwayGroups {
 public:
  AwayGroups();

  static uint64_t name_of(uint64_t state_key, uint64_t hash);

  bool contains(uint64_t name) const { return slots_[place_of(name)].name == name; }
  // When it is needed no more. Requires: contains().
  EventTime expiry_of(uint64_t name) const { return slots_[place_of(name)].expiry; }
  // Requires: not contains().
  void add(uint64_t name, EventTime expiry);
  // Requires: contains().
  void remove(uint64_t name);
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // --- Those that have expired: what is left to do is to read their keys, so that a checkpoint can
  // delete them.
  struct Expired {
    uint64_t state_key = 0, hash = 0;
  };
  using ExpiredByName = std::unordered_map<uint64_t, Expired>;
  // Requires: contains().
  void expire(uint64_t name, const Expired& expired) {
    remove(name);
    expired_.emplace(name, expired);
  }
  bool none_expired() const { return expired_.empty(); }
  bool has_expired(uint64_t name) const { return !expired_.empty() && expired_.contains(name); }
  void set_read(uint64_t name) { expired_.erase(name); }
  // Neither away nor expired.
  bool is_free(uint64_t name) const {
    return !contains(name) && !expired_.contains(name) && !listed_.contains(name);
  }
  // Those that have expired up to now are listed, what follows is of the next list.
  void begin_listing();
  // At most so many of the listed, which then are no more.
  std::vector<Expired> take_listed(size_t most);

 private:
  struct Slot {
    uint64_t name = 0;  // 0: free
    EventTime expiry{};
  };
  size_t home(uint64_t name) const { return name >> shift_; }
  size_t after(size_t place) const { return (place + 1) & (slots_.size() - 1); }
  size_t place_of(uint64_t name) const;  // a free one, if it is not there
  void rebuild(size_t places);

  std::vector<Slot> slots_;  // open addressing with linear probing; a power of two
  int shift_ = 0;
  size_t size_ = 0;
  ExpiredByName expired_, listed_;
};

}  // namespace fengsui::pipeline
