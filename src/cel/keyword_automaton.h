// All words of a pack in one automaton: a text is read once, character by character, however many
// words and sets there are. Not for callers of the folder: KeywordSets is (keywords.h).
//
// A state is a prefix of some word, its failure state the longest proper suffix of it that is a
// prefix too (Aho and Corasick, "Efficient string matching: an aid to bibliographic search", CACM
// 18:6, 1975). Goto transitions stand in a double array (Aoe, "An efficient digital search
// algorithm by using a double-array structure", IEEE TSE 15:9, 1989): the target of state s by the
// code c is cell base[s] ^ c, if that says that it comes from s. Transitions are by characters, not
// by bytes, as a Chinese character is three of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cel/text_fold.h"

namespace fengsui::cel {

// From characters to small numbers, frequent ones first; 0: in no word.
class CharacterCodes {
 public:
  // Of a character that folding alone decides nothing about (text_fold.h): beside its code.
  static constexpr uint32_t kMustFold = uint32_t{1} << 31;

  // Of the characters of `words`, which are folded.
  explicit CharacterCodes(const std::vector<std::u32string>& words);
  // Of a character as written, or folded already: of one that folds to another, the other's.
  uint32_t of(char32_t c) const { return entries_[pages_[c >> 8] + (c & 0xFF)]; }
  uint32_t size() const { return size_; }  // codes, 0 included

 private:
  CharacterCodes();
  uint32_t& own_entry(char32_t c);

  std::vector<uint32_t> pages_;    // of 256 characters each: where they begin
  std::vector<uint32_t> entries_;  // pages without a word's character share one
  uint32_t size_ = 1;
};

class KeywordAutomaton {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // Folded words. numbers[i] becomes the number of word i, from 0: equal words have the same one,
  // empty ones, which are never found, kNone.
  KeywordAutomaton(const std::vector<std::u32string>& words, std::vector<uint32_t>& numbers);

  uint32_t words() const { return static_cast<uint32_t>(sizes_.size()); }
  uint32_t size_of(uint32_t word) const { return sizes_[word]; }  // characters

  // Calls found(ending, at) where at least one word ends with the character at `at`, until it says
  // false. `text` is folded.
  template <class Found>
  void scan(std::u32string_view text, Found found) const {
    uint32_t state = kRoot;
    for (size_t i = 0; i < text.size(); ++i) {
      state = step(state, codes_.of(text[i]) & ~CharacterCodes::kMustFold);
      if (cells_[state].ending != 0 && !found(cells_[state].ending, i)) return;
    }
  }

  // The same over a text as written, calling found(ending). False, perhaps after some calls: it has
  // a character that must be folded with its neighbours (or malformed bytes). Fold and scan it.
  template <class Found>
  bool scan_written(std::string_view text, Found found) const;

  // Calls take(word) for each word that ends there, the longest first, while it says true.
  template <class Take>
  void each_word(uint32_t ending, Take take) const {
    for (; ending != 0; ending = endings_[ending].shorter) {
      if (!take(endings_[ending].word)) return;
    }
  }

 private:
  class Builder;
  static constexpr uint32_t kRoot = 0;
  // Of a state; or free, and then from no state.
  struct Cell {
    uint32_t base = 0;
    uint32_t from = kNone;
    uint32_t failure = kRoot;
    uint32_t ending = 0;  // 0: no word ends here
  };
  struct Ending {
    uint32_t word = 0;
    uint32_t shorter = 0;  // the longest proper suffix that is a word
  };

  uint32_t step(uint32_t state, uint32_t code) const {
    while (state != kRoot) {
      const Cell& cell = cells_[state];
      const uint32_t target = cell.base ^ code;
      if (cells_[target].from == state) return target;
      state = cell.failure;
    }
    return from_root_[code];
  }

  CharacterCodes codes_;
  std::vector<uint32_t> from_root_;  // by code: as it has most children
  std::vector<Cell> cells_;
  std::vector<Ending> endings_{Ending{}};
  std::vector<uint32_t> sizes_;  // by word
};

template <class Found>
bool KeywordAutomaton::scan_written(std::string_view text, Found found) const {
  uint32_t state = kRoot;
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  for (const auto* const end = at + text.size(); at != end;) {
    char32_t c = *at;
    if (c < 0x80) {
      ++at;
    } else if ((c & 0xF0) == 0xE0 && end - at >= 3 && (at[1] & 0xC0) == 0x80 &&
               (at[2] & 0xC0) == 0x80) {
      c = (c & 0x0F) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
      if (c < 0x800) return false;  // overlong
      at += 3;
    } else {
      return false;  // nothing of two or four bytes stands for itself
    }
    const uint32_t code = codes_.of(c);
    if ((code & CharacterCodes::kMustFold) != 0) return false;
    state = step(state, code);
    if (cells_[state].ending != 0 && !found(cells_[state].ending)) return true;
  }
  return true;
}

}  // namespace fengsui::cel
