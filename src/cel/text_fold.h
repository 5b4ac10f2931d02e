// Text as keywords see it, as characters. Not for callers of the folder: fold_text is (keywords.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fengsui::cel {

inline constexpr char32_t kNotSimple = 0xFFFFFFFF;

// What folding makes of a character that stands for itself whatever its neighbours are, if all are
// such: ASCII, full-width forms of ASCII, unified Han characters, their punctuation. Nearly all
// Chinese text is made of these. None of them composes with another one of them.
constexpr char32_t fold_simple(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  if (c >= 'A' && c <= 'Z') return c | 0x20;
  if (c < 0x80 || (c >= 0x4E00 && c <= 0x9FA5)) return c;
  if (c == 0x3000) return ' ';
  const bool is_mark = (c >= 0x3001 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3011) ||
                       (c >= 0x2013 && c <= 0x2014) || (c >= 0x2018 && c <= 0x201F);
  return is_mark ? c : kNotSimple;
}

// NFKC, then full case folding (not Turkic), by ICU; malformed bytes become U+FFFD. `out` is
// replaced.
void fold_characters(std::string_view text, std::u32string& out);
// The same without the way round ICU for characters that it would only copy or lower: for tests.
void fold_characters_by_icu(std::string_view text, std::u32string& out);

// Where a folded character came from: code points of the text, from `first` to `last`. They may be
// several ("e" and an accent), shared with others (of "ﬁ" both letters), and hold between them one
// that it did not come from (an accent below, put behind one above).
struct FoldedCharacter {
  char32_t c = 0;
  uint32_t first = 0;
  uint32_t last = 0;
};
// The same characters, with their origins. Slower: each step is done here.
std::vector<FoldedCharacter> fold_with_origins(std::u32string_view text);

}  // namespace fengsui::cel
