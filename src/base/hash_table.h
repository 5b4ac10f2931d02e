// Pieces of the hash tables of ours that have open addressing with linear probing: a power of two
// of places. For tables in memory alone; what is stored is hashed by hash.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace fengsui {

// The two halves of the 128-bit product, folded into one: every bit of both sides counts.
inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Frees the place `at`; what stands behind it without a gap, and would stand there if it could,
// moves up (Knuth, The Art of Computer Programming 3, 6.4, algorithm R). `free`: a free slot;
// `is_free(slot)`; `home_of(slot)`: where the search for it begins, of which the low bits count.
template <class Slot, class IsFree, class Home>
void free_place(std::vector<Slot>& slots, size_t at, Slot free, const IsFree& is_free,
                const Home& home_of) {
  const size_t mask = slots.size() - 1;
  for (size_t next = (at + 1) & mask; !is_free(slots[next]); next = (next + 1) & mask) {
    if (((next - home_of(slots[next])) & mask) < ((next - at) & mask)) continue;
    slots[at] = std::move(slots[next]);
    at = next;
  }
  slots[at] = std::move(free);
}

}  // namespace fengsui
