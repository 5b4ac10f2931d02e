// Dedupe: which (source, id) pairs have been admitted lately. A pair is kept until its partition
// has seen a time more than the horizon past that of the event that brought it (rules.md,
// "Events"). 24 bytes a pair and table overhead; expired pairs leave as their partition's time goes
// on.
#pragma once

#include <cstddef>
#include <deque>
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

  // Is this a pair seen within the horizon? `now` is the highest time its own partition has seen,
  // the asking event's counted, if it is the partition that brought the pair; the entry's partition
  // decides. `time_of(partition)` must give the highest time seen of any partition.
  struct Entry {
    PartitionId partition;
    EventTime time;
  };
  const Entry* find(const Hash128& identity) const;
  // Does an entry still hold once its partition has seen `seen`?
  bool holds(const Entry& entry, EventTime seen) const { return seen - entry.time <= horizon_; }

  void remember(const Hash128& identity, PartitionId partition, EventTime time);
  // The partition has now seen `seen`: forgets what no longer holds. Amortised O(1) a remembered
  // pair. `forgotten`, if given, gets the identities (the store deletes them).
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
  std::unordered_map<uint32_t, std::vector<Due>> due_;  // a heap a partition, earliest first
};

}  // namespace fengsui::event
