// Dedupe: which (source, id) pairs have been admitted lately. A pair is kept until its partition
// has seen a time more than the horizon past that of the event that brought it (rules.md,
// "Events"). Some 45 bytes a pair; expired pairs leave as their partition's time goes on. One
// thread owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/time.h"

namespace fengsui::event {

// Of source and id: their lengths and bytes, so that no two pairs run together.
Hash128 event_identity(std::string_view source, std::string_view id);

class SeenIds {
 public:
  explicit SeenIds(Duration horizon);

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

  // The pair was admitted; an entry that no longer holds is replaced. At most 2^32 - 1 pairs.
  void remember(const Hash128& identity, PartitionId partition, EventTime time);
  // The partition has now seen `seen`: forgets what no longer holds. O(1) a forgotten pair, O(log
  // n) one that came out of order. `forgotten`, if given, gets the identities.
  void advance(PartitionId partition, EventTime seen, std::vector<Hash128>* forgotten = nullptr);
  size_t size() const { return size_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr size_t kBlock = 4096;
  struct Pair {
    Hash128 identity;
    Entry entry{};
    uint32_t next = kNone;  // of its partition's queue, or free
    bool replaced = false;  // another pair of the same identity came; it goes when it is due
  };
  // The high half of the identity's hash above, the pair's number below; kFree: free.
  using Slot = uint64_t;
  static constexpr Slot kFree = UINT64_MAX;
  // Those whose times came in order, and a heap (earliest first) of the others.
  struct Due {
    uint32_t first = kNone, last = kNone;
    std::vector<std::pair<EventTime, uint32_t>> out_of_order;
  };

  Pair& pair_of(uint32_t number) { return blocks_[number / kBlock][number % kBlock]; }
  const Pair& pair_of(uint32_t number) const { return blocks_[number / kBlock][number % kBlock]; }
  size_t home(Slot slot) const { return slot >> shift_; }
  size_t after(size_t place) const { return (place + 1) & (slots_.size() - 1); }
  size_t place_of(const Hash128& identity) const;  // a free one, if it is not there
  uint32_t take_number();
  void drop(uint32_t number, std::vector<Hash128>* forgotten);
  void grow();

  Duration horizon_;
  std::vector<Slot> slots_;  // open addressing, linear probing; a power of two
  int shift_ = 0;            // the home of a slot is its highest bits
  size_t size_ = 0;
  std::vector<std::unique_ptr<Pair[]>> blocks_;
  uint32_t made_ = 0;      // numbers that were ever taken
  uint32_t free_ = kNone;  // the first of the free ones
  std::vector<Due> due_;   // by partition
};

}  // namespace fengsui::event
