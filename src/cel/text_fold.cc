#include "cel/text_fold.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include "base/invariant.h"
#include "cel/tables.h"
#include "cel/utf8.h"

namespace fengsui::cel {
namespace {

constexpr char32_t kNotSimple = 0xFFFFFFFF;

// What folding makes of a character that stands for itself whatever its neighbours are: ASCII, full
// width forms of ASCII, unified Han characters, two marks. Nearly all Chinese text is made of
// these. None of them composes with another one of them.
char32_t fold_simple(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  if (c >= 'A' && c <= 'Z') return c | 0x20;
  if (c < 0x80 || (c >= 0x4E00 && c <= 0x9FA5) || c == 0x3001 || c == 0x3002) return c;
  return kNotSimple;
}

}  // namespace

void fold_characters_by_icu(std::string_view text, std::u32string& out) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  // ICU carries its data in itself: it is there, or the installation is broken.
  INVARIANT(U_SUCCESS(status));
  const auto size = static_cast<int32_t>(std::min<size_t>(text.size(), INT32_MAX));
  icu::UnicodeString folded =
      nfkc->normalize(icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), size)), status);
  INVARIANT(U_SUCCESS(status));
  folded.foldCase();
  out.clear();
  for (int32_t at = 0; at < folded.length(); at = folded.moveIndex32(at, 1)) {
    out.push_back(static_cast<char32_t>(folded.char32At(at)));
  }
}

void fold_characters(std::string_view text, std::u32string& out) {
  out.clear();
  for (size_t at = 0; at < text.size();) {
    const char32_t c = fold_simple(next_code_point(text, at));
    if (c == kNotSimple) return fold_characters_by_icu(text, out);
    out.push_back(c);
  }
}

std::string fold_text(std::string_view text) {
  std::u32string characters;
  fold_characters(text, characters);
  return from_code_points(characters);
}

}  // namespace fengsui::cel
