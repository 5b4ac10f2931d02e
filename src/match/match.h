// A match: an event that passed a rule's `when`, keyed by group. It is what enters the log; nothing
// behind the log sees the event itself.
//
// Group and captures are bytes from the moment they are known: the stored form of their values
// (cel::encode_value), as the log, the groups' keys and the windows have them. They lie in chunks
// that many matches share, so a match is cheap to make and to move.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "cel/value.h"

namespace fengsui::match {

// Never changes once made. Copies share the bytes; several threads may read and drop them.
class MatchBytes {
 public:
  MatchBytes() = default;
  // `event`: the pieces of its name. `beside`: of another match of the same event, which has the
  // name already; may be null. Each thread fills a chunk of its own.
  static MatchBytes make(std::string_view group, std::string_view captures,
                         std::initializer_list<std::string_view> event,
                         const MatchBytes* beside = nullptr);
  ~MatchBytes() {
    if (chunk_ != nullptr) drop();
  }
  MatchBytes(const MatchBytes& other) noexcept
      : chunk_(other.chunk_),
        event_(other.event_),
        group_(other.group_),
        captures_(other.captures_),
        group_hash_(other.group_hash_) {
    if (chunk_ != nullptr) chunk_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  MatchBytes(MatchBytes&& other) noexcept
      : chunk_(std::exchange(other.chunk_, nullptr)),
        event_(other.event_),
        group_(other.group_),
        captures_(other.captures_),
        group_hash_(other.group_hash_) {}
  MatchBytes& operator=(MatchBytes other) noexcept {
    std::swap(chunk_, other.chunk_);
    event_ = other.event_;
    group_ = other.group_;
    captures_ = other.captures_;
    group_hash_ = other.group_hash_;
    return *this;
  }

  std::string_view group() const { return text(group_); }
  std::string_view captures() const { return text(captures_); }
  std::string_view event() const { return text(event_); }  // "source#id"
  uint64_t group_hash() const { return group_hash_; }      // of group(): hash_of()

  static uint64_t hash_of(std::string_view group);

 private:
  friend class MatchWriter;
  struct Chunk {  // its bytes come behind it
    std::atomic<uint64_t> holders;
    size_t size = 0, capacity = 0;
    char* bytes() { return reinterpret_cast<char*>(this + 1); }
  };
  struct Piece {  // of the chunk; several matches of an event may have it
    uint32_t at = 0, size = 0;
  };
  std::string_view text(Piece piece) const {
    if (chunk_ == nullptr) return {};
    return {chunk_->bytes() + piece.at, piece.size};
  }
  void drop();

  Chunk* chunk_ = nullptr;
  Piece event_, group_, captures_;
  uint64_t group_hash_ = 0;
};

struct Match {
  RuleIndex rule{};
  PartitionId partition{};
  EventTime time{};
  Arrival arrival{};
  EventTime watermark{};
  uint8_t step = 0;        // of a sequence: the step that it fits, as far as the event alone tells
  bool only_seen = false;  // kept in the group's windows, not evaluated there (`seen_by`)
  // Behind its partition's (or the engine's) watermark when it came: processed at once. `watermark`
  // is its partition's at that moment, so that a replay of the log advances to it first.
  bool late = false;
  // Who processes it, where the log has several shards (pipeline/shards.h); not stored.
  uint8_t shard = 0;
  MatchBytes bytes;

  // Stored forms of the values, one after the other. Of the group: string, int or bool each; of a
  // rule without `by`: source, id. Rule::captures (of a step: its own), errors among them.
  std::string_view group() const { return bytes.group(); }
  std::string_view captures() const { return bytes.captures(); }
  std::string_view event() const { return bytes.event(); }
};

// Stored forms, one after the other. Reading requires that such values were written.
std::string bytes_of(const std::vector<cel::Value>& values);
std::vector<cel::Value> values_of(std::string_view bytes);

}  // namespace fengsui::match
