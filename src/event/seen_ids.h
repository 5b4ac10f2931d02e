// Dedupe: which (source, id) pairs have been admitted lately. A pair is kept until its partition
// has seen a time more than the horizon past that of the event that brought it (rules.md,
// "Events"). Some 100 bytes a pair; expired pairs leave as their partition's time goes on. One
// thread owns it.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/time.h"

namespace fengsui::event {

// Of source and id: their lengths and bytes, so that no two pairs run together.
Hash128 event_identity(std::string_view source, std::string_view id);

class SeenIds {
 public:
  explicit SeenIds(Duration horizon) : horizon_(horizon) {}

  struct Entry {
    PartitionId partition;  // that brought the pair
    EventTime time;         // of the event that did
  };
  // What is remembered of a pair, or null; good until the next call that changes the table. It
  // makes the asking event a duplicate only if the entry still holds: the caller asks
  //   entry != nullptr && seen.holds(*entry, t)
  // with t the highest time that the entry's partition has seen, the asking event's own time
  // counted if it comes from that partition.
  const Entry* find(const Hash128& identity) const;
  bool holds(const Entry& entry, EventTime seen) const { return seen - entry.time <= horizon_; }

  // The pair was admitted; an entry that no longer holds is replaced.
  void remember(const Hash128& identity, PartitionId partition, EventTime time);
  // The partition has now seen `seen`: forgets what no longer holds. O(log n) a forgotten pair.
  // `forgotten`, if given, gets the identities.
  void advance(PartitionId partition, EventTime seen, std::vector<Hash128>* forgotten = nullptr);
  size_t size() const { return entries_.size(); }

 private:
  struct HashOf {
    size_t operator()(const Hash128& h) const { return h.low; }
  };
  struct Due {
    EventTime time;
    Hash128 identity;
    bool operator>(const Due& other) const { return time > other.time; }
  };
  Duration horizon_;
  std::unordered_map<Hash128, Entry, HashOf> entries_;
  // A heap a partition, earliest first. A pair that was replaced stays in the old one until it is
  // due.
  std::unordered_map<uint32_t, std::vector<Due>> due_;
};

}  // namespace fengsui::event
