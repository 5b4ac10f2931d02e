// Pieces of the hash tables of ours that have open addressing with linear probing: a power of two
// of places, each a 64-bit slot. For tables in memory alone; what is stored is hashed by hash.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace fengsui {

// The two halves of the 128-bit product, folded into one: every bit of both sides counts.
inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Of a text, eight bytes at a time.
inline uint64_t hash_text(std::string_view text) {
  constexpr uint64_t kFactor = 0xa0761d6478bd642f;
  const auto word_at = [](const char* from) {
    uint64_t word = 0;
    std::memcpy(&word, from, 8);
    return word;
  };
  const auto half_at = [](const char* from) {
    uint32_t half = 0;
    std::memcpy(&half, from, 4);
    return uint64_t{half};
  };
  const char* at = text.data();
  size_t left = text.size();
  uint64_t hash = 0x9e3779b97f4a7c15 ^ left;
  for (; left > 8; left -= 8, at += 8) hash = fold_multiply(hash ^ word_at(at), kFactor);
  uint64_t last = 0;
  if (left >= 4) {  // the two halves may share bytes
    last = half_at(at) << 32 | half_at(at + left - 4);
  } else if (left > 0) {
    const auto byte = [at](size_t i) { return uint64_t{static_cast<unsigned char>(at[i])}; };
    last = byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1);
  }
  return fold_multiply(hash ^ last, 0xe7037ed1a0b428db);
}

// Frees the place `at`; what stands behind it without a gap, and would stand there if it could,
// moves up (Knuth, The Art of Computer Programming 3, 6.4, algorithm R). `free`: a free slot;
// `home_of(slot)`: the place at which the search for it begins.
template <class Home>
void free_place(std::vector<uint64_t>& slots, size_t at, uint64_t free, const Home& home_of) {
  const size_t mask = slots.size() - 1;
  for (size_t next = (at + 1) & mask; slots[next] != free; next = (next + 1) & mask) {
    if (((next - home_of(slots[next])) & mask) < ((next - at) & mask)) continue;
    slots[at] = slots[next];
    at = next;
  }
  slots[at] = free;
}

}  // namespace fengsui
