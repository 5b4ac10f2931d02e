// The events of one window in order of their keys, in one piece of memory: a head, from there up a
// place for each event (its time, and where it stands), from the end down the events themselves.
// Sixteen bytes and the place are all that an event costs beside its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/byte_codec.h"
#include "window/entry.h"

namespace fengsui::window {

// Places count from the first that is kept.
class Entries {
 public:
  Entries() = default;
  ~Entries() { clear(); }
  Entries(Entries&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Entries& operator=(Entries&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }

  size_t put(const NewEntry& entry);   // its place; requires: no other has its key
  void append(const NewEntry& entry);  // as the last, whatever its key
  void drop_front(size_t count);       // amortised O(1) each
  void clear();

  EntrySpan all() const {
    EntrySpan span;
    if (block_ == nullptr) return span;
    span.block_ = block_;
    span.from_ = block_->first;
    span.size_ = size();
    return span;
  }
  Entry operator[](size_t place) const { return all()[place]; }
  size_t size() const { return block_ == nullptr ? 0 : block_->end - block_->first; }
  size_t lower_bound(EventTime time) const { return all().lower_bound(time); }
  void move_captures(const CaptureMap& map);
  const void* address() const { return block_; }  // to be fetched ahead of its use; may be null

  // Their stored form.
  static void encode(ByteWriter& out, const EntrySpan& entries);
  // Of what no encoder wrote, in.ok() is false at worst. `captures`: of each.
  static Entries decode(ByteReader& in, size_t captures, Room& room);

  // Of one window, head and all.
  static constexpr uint64_t kBytesMax = UINT32_MAX;

 private:
  // Another piece of memory, with room for `more` bytes at least.
  void move_to_new(Room& room, size_t more);
  // `event`: as it stands in a block.
  void write(Room& room, size_t place, EventTime time, std::string_view event);

  EntryBlock* block_ = nullptr;  // of a Room's slab; null: there are none
};

}  // namespace fengsui::window
