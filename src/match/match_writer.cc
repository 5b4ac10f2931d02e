#include "match/match_writer.h"

#include <algorithm>
#include <new>

#include "base/byte_codec.h"

namespace fengsui::match {
namespace {

// Beyond 64 KiB glibc's free() would tidy up its heap at each.
constexpr size_t kChunkBytes = 32 * 1024;
// A chunk begins with more holders than it can come to have. Giving one to a match is then no
// atomic operation: the writer takes back at the end what it has not given away.
constexpr uint64_t kHolders = uint64_t{1} << 48;

}  // namespace

MatchWriter& MatchWriter::of_thread() {
  thread_local MatchWriter writer;
  return writer;
}

void MatchWriter::begin_chunk(size_t size) {
  ++chunks_;
  INVARIANT(size < UINT32_MAX);
  leave(chunk_, held_);
  const size_t capacity = std::max(size, kChunkBytes);
  chunk_ = new (::operator new(sizeof(Chunk) + capacity)) Chunk;
  held_ = kHolders;
  chunk_->holders.store(held_, std::memory_order_relaxed);
  chunk_->capacity = capacity;
}

MatchWriter::Piece MatchWriter::put(std::initializer_list<std::string_view> texts) {
  RoomWriter out{RoomOut(begin_piece())};
  for (const std::string_view text : texts) out.bytes(text);
  return end_piece(out.out().end());
}

void MatchWriter::leave(Chunk* chunk, uint64_t holders) {
  if (chunk == nullptr) return;
  if (chunk->holders.fetch_sub(holders, std::memory_order_acq_rel) != holders) return;
  chunk->~Chunk();
  ::operator delete(chunk);
}

}  // namespace fengsui::match
