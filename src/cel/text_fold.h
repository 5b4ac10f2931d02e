// Text as keywords see it, as characters. Not for callers of the folder: fold_text is (tables.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fengsui::cel {

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
