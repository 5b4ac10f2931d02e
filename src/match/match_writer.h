// Fills the chunks that hold the bytes of matches. One thread's. Not for callers of the folder.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/invariant.h"
#include "match/match.h"

namespace fengsui::match {

class MatchWriter {
 public:
  using Piece = MatchBytes::Piece;

  static MatchWriter& of_thread();
  MatchWriter() = default;
  MatchWriter(const MatchWriter&) = delete;
  MatchWriter& operator=(const MatchWriter&) = delete;
  ~MatchWriter() { leave(chunk_, held_); }

  // False: there was no room for so many bytes in the chunk, and what is written next lies in
  // another one, where nothing of the last one can be used.
  bool make_room(size_t size) {
    if (chunk_ != nullptr && chunk_->capacity - chunk_->size >= size) return true;
    begin_chunk(size);
    return false;
  }
  // Where the next piece begins, and that it ends there. Requires: room for it.
  char* begin_piece() { return chunk_->bytes() + chunk_->size; }
  Piece end_piece(const char* end) {
    Piece piece;
    piece.at = static_cast<uint32_t>(chunk_->size);
    chunk_->size = static_cast<size_t>(end - chunk_->bytes());
    piece.size = static_cast<uint32_t>(chunk_->size) - piece.at;
    return piece;
  }
  std::string_view text_of(Piece piece) const { return {chunk_->bytes() + piece.at, piece.size}; }
  // Requires: room.
  Piece put(std::string_view bytes) { return put({bytes}); }
  Piece put(std::initializer_list<std::string_view> texts);
  // Requires: pieces of this chunk; after make_room().
  MatchBytes bytes_of(Piece event, Piece group, uint64_t group_hash, Piece captures) {
    INVARIANT(held_ > 0);
    --held_;
    MatchBytes made;
    made.chunk_ = chunk_;
    made.event_ = event;
    made.group_ = group;
    made.captures_ = captures;
    made.group_hash_ = group_hash;
    return made;
  }
  bool is_chunk_of(const MatchBytes& bytes) const { return bytes.chunk_ == chunk_; }
  // How many it has begun: pieces of one count only as long as this stays.
  uint64_t chunks() const { return chunks_; }

 private:
  friend class MatchBytes;
  using Chunk = MatchBytes::Chunk;
  void begin_chunk(size_t size);
  static void leave(Chunk* chunk, uint64_t holders);  // may be null

  Chunk* chunk_ = nullptr;
  uint64_t chunks_ = 0;
  uint64_t held_ = 0;  // of the chunk's holders: those that no match has yet
};

}  // namespace fengsui::match
