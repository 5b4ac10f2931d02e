// Memory for what a shard's groups keep: small pieces by size class, cut from chunks that are given
// back as a whole when the slab goes. So a million groups are no million calls of malloc, and
// taking them down costs what their chunks cost. One thread owns it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fengsui::window {

class Slab {
 public:
  // `owner`: of what owner_of() tells; may be null.
  explicit Slab(void* owner = nullptr) : owner_(owner) {}
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // At least so many bytes, aligned to 8 (64 bytes: to 64). room(bytes) of them may be used.
  void* take(size_t bytes);
  // Requires: take(bytes) of this slab gave the piece.
  void give(void* piece, size_t bytes);
  static size_t room(size_t bytes);

  // A chunk of kChunkRoom bytes, aligned to 64, that stays until the slab goes.
  void* take_chunk();

  // Of the slab that the piece, or chunk, is of.
  static void* owner_of(const void* piece);

  size_t bytes_used() const { return used_; }  // by pieces and chunks that are taken

  static constexpr size_t kChunkBytes = 64 * 1024;
  static constexpr size_t kHeadBytes = 64;  // of a chunk, and of a piece that is a mapping
  static constexpr size_t kChunkRoom = kChunkBytes - kHeadBytes;
  // Larger pieces have a mapping of their own.
  static constexpr size_t kPieceMax = 8 * 1024;

 private:
  struct Free {
    Free* next;
  };
  struct Head {
    void* owner;
    Head* before;  // those of mappings of their own are a list
    Head* after;
    size_t bytes;  // of the mapping
  };
  struct Class {
    Free* free = nullptr;
    char* next = nullptr;  // what is left of the chunk that is being cut
    char* end = nullptr;
  };
  struct Region {
    void* at;
    size_t bytes;
  };
  static constexpr size_t kClasses = 64;
  static size_t class_of(size_t bytes);
  static size_t size_of(size_t size_class);
  Head* new_chunk();
  void* take_mapping(size_t bytes);
  void give_mapping(void* piece);

  void* owner_;
  std::array<Class, kClasses> classes_;
  std::vector<Region> regions_;  // chunks are cut from the last
  size_t region_left_ = 0;
  Head* mappings_ = nullptr;
  size_t used_ = 0;
};

}  // namespace fengsui::window
