#include "match/match.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/byte_codec.h"
#include "base/hash_table.h"
#include "base/invariant.h"

namespace fengsui::match {
namespace {

// Beyond 64 KiB glibc's free() would tidy up its heap at each.
constexpr size_t kChunkBytes = 32 * 1024;

}  // namespace

// The chunk that a thread is filling.
class ChunkWriter {
 public:
  ChunkWriter() = default;
  ChunkWriter(const ChunkWriter&) = delete;
  ChunkWriter& operator=(const ChunkWriter&) = delete;
  ~ChunkWriter() { leave(); }

  void make_room(size_t size) {
    if (chunk_ != nullptr && chunk_->capacity - chunk_->size >= size) return;
    leave();
    const size_t capacity = std::max(size, kChunkBytes);
    chunk_ = new (::operator new(sizeof(MatchBytes::Chunk) + capacity)) MatchBytes::Chunk;
    chunk_->capacity = capacity;
  }
  MatchBytes::Chunk* chunk() { return chunk_; }
  uint32_t put(std::string_view bytes) {
    const auto at = static_cast<uint32_t>(chunk_->size);
    if (!bytes.empty()) std::memcpy(chunk_->bytes() + at, bytes.data(), bytes.size());
    chunk_->size += bytes.size();
    return at;
  }

 private:
  void leave() {
    MatchBytes last;
    last.chunk_ = std::exchange(chunk_, nullptr);  // drops it
  }
  MatchBytes::Chunk* chunk_ = nullptr;
};

MatchBytes MatchBytes::make(std::string_view group, std::string_view captures,
                            std::initializer_list<std::string_view> event,
                            const MatchBytes* beside) {
  thread_local ChunkWriter writer;
  size_t event_size = 0;
  for (const std::string_view piece : event) event_size += piece.size();
  const size_t size = group.size() + captures.size() + event_size;
  INVARIANT(size < UINT32_MAX);
  writer.make_room(size);
  MatchBytes made;
  made.chunk_ = writer.chunk();
  made.chunk_->holders.fetch_add(1, std::memory_order_relaxed);
  if (beside != nullptr && beside->chunk_ == made.chunk_) {
    made.at_.event = beside->at_.event;
  } else {
    made.at_.event = static_cast<uint32_t>(made.chunk_->size);
    for (const std::string_view piece : event) writer.put(piece);
  }
  made.at_.event_size = static_cast<uint32_t>(event_size);
  made.at_.group = writer.put(group);
  writer.put(captures);
  made.at_.group_size = static_cast<uint32_t>(group.size());
  made.at_.captures_size = static_cast<uint32_t>(captures.size());
  made.group_hash_ = hash_of(group);
  return made;
}

void MatchBytes::drop() {
  if (chunk_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    chunk_->~Chunk();
    ::operator delete(chunk_);
  }
  chunk_ = nullptr;
}

// Multiply and fold, eight bytes at a time; only tables in memory depend on it.
uint64_t MatchBytes::hash_of(std::string_view group) {
  uint64_t hash = 0x9e3779b97f4a7c15 ^ group.size();
  const char* at = group.data();
  size_t left = group.size();
  for (; left >= 8; left -= 8, at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = fold_multiply(hash ^ word, 0xa0761d6478bd642f);
  }
  uint64_t word = 0;
  if (left > 0) std::memcpy(&word, at, left);
  return fold_multiply(hash ^ word, 0xe7037ed1a0b428db);
}

std::string bytes_of(const std::vector<cel::Value>& values) {
  std::string bytes;
  ByteWriter out(bytes);
  for (const cel::Value& value : values) cel::encode_value(out, value);
  return bytes;
}

std::vector<cel::Value> values_of(std::string_view bytes) {
  std::vector<cel::Value> values;
  ByteReader in(bytes);
  while (in.ok() && !in.at_end()) values.push_back(cel::decode_value(in));
  return values;
}

}  // namespace fengsui::match
