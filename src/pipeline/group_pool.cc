#include "pipeline/group_pool.h"

#include <memory>
#include <new>

namespace fengsui::pipeline {

GroupPool::~GroupPool() {
  for (Chunk* chunk : chunks_) {
    for (size_t place = 0; place < kInChunk; ++place) {
      if (chunk->live[place] && chunk->at(place)->owns_heap()) std::destroy_at(chunk->at(place));
    }
  }
}

GroupPool::Chunk* GroupPool::chunk_of(ShardGroup* group) {
  const auto address = reinterpret_cast<uintptr_t>(group);
  return reinterpret_cast<Chunk*>(address - address % window::Slab::kChunkBytes +
                                  window::Slab::kHeadBytes);
}

ShardGroup* GroupPool::make(RuleIndex rule, std::string_view values) {
  ShardGroup* place = nullptr;
  if (!free_.empty()) {
    place = free_.back();
    free_.pop_back();
  } else {
    if (in_last_ == kInChunk) {
      chunks_.push_back(new (room_.slab.take_chunk()) Chunk);
      in_last_ = 0;
    }
    place = chunks_.back()->at(in_last_++);
  }
  Chunk* const chunk = chunk_of(place);
  const auto from = reinterpret_cast<char*>(place) - chunk->bytes[0];
  chunk->live.set(static_cast<size_t>(from) / sizeof(ShardGroup));
  return new (place) ShardGroup(rule, values);
}

void GroupPool::destroy(ShardGroup* group) {
  Chunk* const chunk = chunk_of(group);
  const auto from = reinterpret_cast<char*>(group) - chunk->bytes[0];
  std::destroy_at(group);
  chunk->live.reset(static_cast<size_t>(from) / sizeof(ShardGroup));
  free_.push_back(group);
}

}  // namespace fengsui::pipeline
