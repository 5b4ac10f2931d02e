// Text as keywords see it, as characters. Not for callers of the folder: fold_text is (tables.h).
#pragma once

#include <string>
#include <string_view>

namespace fengsui::cel {

// NFKC, then full case folding (not Turkic), by ICU; malformed bytes become U+FFFD. `out` is
// replaced.
void fold_characters(std::string_view text, std::u32string& out);
// The same without the way round ICU for characters that it would only copy or lower: for tests.
void fold_characters_by_icu(std::string_view text, std::u32string& out);

}  // namespace fengsui::cel
