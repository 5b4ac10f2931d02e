// Dedupe: which (source, id) pairs have been admitted lately. A pair is kept until its partition
// has seen a time more than the horizon past that of the event that brought it (rules.md,
// "Events"). Some 40 bytes a pair; expired pairs leave as their partition's time goes on. One
// thread owns it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
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
  // What is remembered of a pair. It makes the asking event a duplicate only if it still holds: the
  // caller asks
  //   entry && seen.holds(*entry, t)
  // with t the highest time that the entry's partition has seen, the asking event's own time
  // counted if it comes from that partition.
  std::optional<Entry> find(const Hash128& identity) const;
  bool holds(const Entry& entry, EventTime seen) const { return seen - entry.time <= horizon_; }
  // Some events before find(), so that it finds the table's place in the cache.
  void prefetch(const Hash128& identity) const {
    __builtin_prefetch(&slots_[home(tag_of(identity))]);
  }

  // The pair was admitted; an entry that no longer holds is replaced. At most 2^32 - 1 pairs.
  void remember(const Hash128& identity, PartitionId partition, EventTime time);
  // The partition has now seen `seen`: forgets what no longer holds. O(1) a forgotten pair, O(log
  // n) one that came out of order. `forgotten`, if given, gets the identities.
  void advance(PartitionId partition, EventTime seen, std::vector<Hash128>* forgotten = nullptr);
  size_t size() const { return size_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint32_t kBlockPairs = 128;
  struct Pair {
    Hash128 identity;
    EventTime time{};
  };
  // Pairs of one partition. A pair's number is its block's times kBlockPairs, plus its place there.
  struct Block {
    PartitionId partition{};
    std::array<Pair, kBlockPairs> pairs;
  };
  // The high half of the identity's hash above, the pair's number below; kFree: free.
  using Slot = uint64_t;
  static constexpr Slot kFree = UINT64_MAX;
  // A partition's pairs whose times came in order fill its blocks one after the other, and leave
  // from the front. Those of the others have blocks, and places that are free again, of their own,
  // and a heap (earliest first).
  struct Due {
    std::deque<uint32_t> blocks;
    uint32_t first = 0, end = 0;  // places in the first and the last block
    EventTime last = kBeforeAllTime;
    std::vector<std::pair<EventTime, uint32_t>> out_of_order;
    std::vector<uint32_t> free;  // numbers
  };

  static uint64_t tag_of(const Hash128& identity) { return identity.low >> 32 << 32; }
  Pair& pair_of(uint32_t number) {
    return blocks_[number / kBlockPairs]->pairs[number % kBlockPairs];
  }
  const Pair& pair_of(uint32_t number) const {
    return blocks_[number / kBlockPairs]->pairs[number % kBlockPairs];
  }
  size_t home(Slot slot) const { return slot >> shift_; }
  size_t after(size_t place) const { return (place + 1) & (slots_.size() - 1); }
  size_t place_of(const Hash128& identity) const;  // a free one, if it is not there
  uint32_t take_block(PartitionId partition);
  uint32_t take_number(Due& due, PartitionId partition, EventTime time);
  void drop(uint32_t number, std::vector<Hash128>* forgotten);
  void grow();

  Duration horizon_;
  std::vector<Slot> slots_;  // open addressing, linear probing; a power of two
  int shift_ = 0;            // the home of a slot is its highest bits
  size_t size_ = 0;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<uint32_t> free_blocks_;
  std::vector<Due> due_;  // by partition
};

}  // namespace fengsui::event
