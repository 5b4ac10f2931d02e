// Numbers for the values that rules name of one slot: an event's value is looked up once, and rules
// compare its number. Not for callers of the folder.
#pragma once

#include <cstdint>
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
  void fetch(uint64_t word) const {
    if (!cells_.empty()) __builtin_prefetch(&cells_[home(word)]);
  }
  const Cell* find(uint64_t word) const {
    if (cells_.empty()) return nullptr;
    for (size_t at = home(word);; at = (at + 1) & (cells_.size() - 1)) {
      const Cell& cell = cells_[at];
      if (cell.word == word && cell.end != 0) return &cell;
      if (cell.end == 0) return nullptr;
    }
  }

 private:
  size_t home(uint64_t word) const {
    return fold_multiply(word ^ 0x9e3779b97f4a7c15, 0xa0761d6478bd642f) & (cells_.size() - 1);
  }
  void place(const Cell& cell);
  size_t size_ = 0;
  std::vector<Cell> cells_;
};

class Symbols {
 public:
  static constexpr uint32_t kNone = 0;

  // Of values that are equal to CEL, the same; from 1 upwards. A NaN has a new one each time.
  uint32_t add(const cel::Value& value);
  // kNone: no rule names such a value.
  uint32_t find(const cel::Value& value) const {
    if (value.kind() != cel::Kind::String) return find_other(value);
    return find(value.as_string(), hash_text(value.as_string()));
  }
  // The same of a text whose hash_text() is known; and before it, so that memory is there by then.
  uint32_t find(std::string_view text, uint64_t hash) const;
  void fetch(uint64_t hash) const {
    if (!text_cells_.empty()) __builtin_prefetch(&text_cells_[hash & (text_cells_.size() - 1)]);
  }
  uint32_t count() const { return count_; }

 private:
  // A short text stands here itself, so that a look-up touches one line of the cache.
  struct TextCell {
    static constexpr uint32_t kShort = 20;
    uint32_t hash = 0;
    uint32_t number = 0;  // kNone: empty
    uint32_t size = 0;
    char text[kShort] = {};  // or its place in texts_
  };
  uint32_t find_other(const cel::Value& value) const;
  void add_text(std::string_view text);
  void place(const TextCell& cell, uint64_t hash);
  std::string_view text_of(const TextCell& cell) const;

  struct Hash {
    size_t operator()(const cel::Value& v) const { return cel::hash_value(v); }
  };
  struct Equal {
    bool operator()(const cel::Value& a, const cel::Value& b) const { return cel::equal(a, b); }
  };

  uint32_t count_ = 0;
  uint32_t truths_[2] = {};
  size_t text_count_ = 0;
  std::vector<TextCell> text_cells_;  // open addressing, half full at most
  std::string texts_;                 // the long ones
  WordTable numbers_;                 // by the double that they are equal to
  std::unordered_map<cel::Value, uint32_t, Hash, Equal> others_;
};

}  // namespace fengsui::match
