// Numbers for the values that rules name of one slot: an event's value is looked up once, and rules
// compare its number. Not for callers of the folder.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash_table.h"
#include "cel/value.h"

namespace fengsui::match {

// From 64 bits to a stretch of something: open addressing, half full at most.
class WordTable {
 public:
  struct Cell {
    uint64_t word = 0;
    uint32_t begin = 0, end = 0;  // end 0: empty
  };
  // Requires: `word` is not there, end > 0.
  void put(uint64_t word, uint32_t begin, uint32_t end);
  void fetch(uint64_t word) const { __builtin_prefetch(cells_.data() + home(word)); }
  // An empty one: it is not there.
  Cell find(uint64_t word) const {
    for (size_t at = home(word);; at = (at + 1) & mask_) {
      const Cell& cell = cells_[at];
      if ((cell.word == word) | (cell.end == 0)) {  // one branch that mostly goes one way
        return {word, cell.begin, cell.word == word ? cell.end : 0};
      }
    }
  }

 private:
  size_t home(uint64_t word) const {
    return fold_multiply(word ^ 0x9e3779b97f4a7c15, 0xa0761d6478bd642f) & mask_;
  }
  void place(const Cell& cell);
  size_t size_ = 0;
  size_t mask_ = 0;
  std::vector<Cell> cells_{Cell{}};
};

// A text as it is looked up: by its first 16 bytes, zeros behind its end, and its size. Most texts
// are no longer, and nothing in this branches on how long they are.
struct TextKey {
  static constexpr size_t kHead = 16;
  uint64_t low = 0, high = 0;
  size_t size = 0;
  uint64_t hash = 0;

  TextKey() = default;
  explicit TextKey(const std::string& text) { set(text); }
  void set(const std::string& text) {
    size = text.size();
    // Any string has room for so much, in use or not (a test holds that).
    static constexpr unsigned char kMask[2 * kHead] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                       255, 255, 255, 255, 255, 255, 255, 255};
    const unsigned char* mask = kMask + kHead - std::min(size, kHead);
    low = word_at(text.data()) & word_at(mask);
    high = word_at(text.data() + 8) & word_at(mask + 8);
    hash = fold_multiply(low ^ 0x9e3779b97f4a7c15 ^ size, high ^ 0xe7037ed1a0b428db);
    if (size > kHead) add_tail(text);
  }

 private:
  static uint64_t word_at(const void* from) {
    uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
  }
  void add_tail(std::string_view text);
};

class Symbols {
 public:
  static constexpr uint32_t kNone = 0;

  // Of values that are equal to CEL, the same; from 1 upwards. A NaN has a new one each time.
  uint32_t add(const cel::Value& value);
  // kNone: no rule names such a value.
  uint32_t find(const cel::Value& value) const {
    if (value.kind() == cel::Kind::Bool) return truths_[value.as_bool() ? 1 : 0];
    if (value.kind() != cel::Kind::String) return find_other(value);
    return find(value.as_string(), TextKey(value.as_string()));
  }
  // The same of a text, and before it, so that memory is there by then.
  uint32_t find(std::string_view text, const TextKey& key) const {
    for (size_t at = key.hash & text_mask_;; at = (at + 1) & text_mask_) {
      const TextCell& cell = text_cells_[at];
      bool is_same = ((cell.low ^ key.low) | (cell.high ^ key.high) | (cell.size ^ key.size)) == 0;
      if (key.size > TextKey::kHead) is_same = is_same && has_tail(cell, text);
      if (is_same | (cell.number == kNone)) return is_same ? cell.number : kNone;
    }
  }
  void fetch(uint64_t hash) const { __builtin_prefetch(text_cells_.data() + (hash & text_mask_)); }
  uint32_t count() const { return count_; }

 private:
  // Within one line of the cache.
  struct alignas(32) TextCell {
    uint64_t low = 0, high = 0;
    uint64_t size = 0;
    uint32_t number = 0;  // kNone: empty
    uint32_t text = 0;    // of a long one: in texts_
  };
  uint32_t find_other(const cel::Value& value) const;
  bool has_tail(const TextCell& cell, std::string_view text) const;
  void add_text(const std::string& text);

  struct Hash {
    size_t operator()(const cel::Value& v) const { return cel::hash_value(v); }
  };
  struct Equal {
    bool operator()(const cel::Value& a, const cel::Value& b) const { return cel::equal(a, b); }
  };

  uint32_t count_ = 0;
  uint32_t truths_[2] = {};
  size_t text_count_ = 0;
  size_t text_mask_ = 0;
  std::vector<TextCell> text_cells_{TextCell{}};  // open addressing, half full at most
  std::vector<std::string> texts_;                // the long ones
  WordTable numbers_;                             // by the double that they are equal to
  std::unordered_map<cel::Value, uint32_t, Hash, Equal> others_;
};

}  // namespace fengsui::match
