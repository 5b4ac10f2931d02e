// Where a shard's groups lie: side by side in chunks of the room's slab. Those that own nothing
// outside the slab are not taken down one by one when the shard goes.
#pragma once

#include <bitset>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "pipeline/shard_group.h"
#include "window/entry.h"

namespace fengsui::pipeline {

class GroupPool {
 public:
  explicit GroupPool(window::Room& room) : room_(room) {}
  ~GroupPool();
  GroupPool(const GroupPool&) = delete;
  GroupPool& operator=(const GroupPool&) = delete;

  ShardGroup* make(RuleIndex rule, std::string_view values);
  // Requires: this pool made it.
  void destroy(ShardGroup* group);

 private:
  static constexpr size_t kInChunk =
      (window::Slab::kChunkRoom -
       sizeof(std::bitset<window::Slab::kChunkRoom / sizeof(ShardGroup)>)) /
      sizeof(ShardGroup);
  struct Chunk {
    std::bitset<kInChunk> live;
    alignas(ShardGroup) char bytes[kInChunk][sizeof(ShardGroup)];
    ShardGroup* at(size_t place) { return reinterpret_cast<ShardGroup*>(bytes[place]); }
  };
  static_assert(sizeof(Chunk) <= window::Slab::kChunkRoom);
  static Chunk* chunk_of(ShardGroup* group);

  window::Room& room_;
  std::vector<Chunk*> chunks_;
  size_t in_last_ = kInChunk;  // places of the last chunk that have been given out
  std::vector<ShardGroup*> free_;
};

}  // namespace fengsui::pipeline
