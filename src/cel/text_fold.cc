#include "cel/text_fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "base/invariant.h"
#include "cel/tables.h"
#include "cel/utf8.h"

namespace fengsui::cel {
namespace {

const icu::Normalizer2& instance(const icu::Normalizer2* (*get)(UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* out = get(status);
  // ICU carries its data in itself: it is there, or the installation is broken.
  INVARIANT(U_SUCCESS(status));
  return *out;
}

template <class Take>
void each_character(const icu::UnicodeString& text, Take take) {
  for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    take(static_cast<char32_t>(text.char32At(at)));
  }
}

using Characters = std::vector<FoldedCharacter>;

uint8_t class_of(const FoldedCharacter& at) {
  return u_getCombiningClass(static_cast<UChar32>(at.c));
}

// NFKD: each character apart, then marks in the order of their classes.
Characters decomposed(std::u32string_view text) {
  const icu::Normalizer2& nfkd = instance(&icu::Normalizer2::getNFKDInstance);
  Characters out;
  icu::UnicodeString parts;
  for (uint32_t i = 0; i < text.size(); ++i) {
    if (!nfkd.getDecomposition(static_cast<UChar32>(text[i]), parts)) {
      out.push_back({text[i], i, i});
      continue;
    }
    each_character(parts, [&](char32_t c) { out.push_back({c, i, i}); });
  }
  for (auto start = out.begin(); start != out.end();) {
    const auto is_starter = [](const FoldedCharacter& at) { return class_of(at) == 0; };
    start = std::find_if_not(start, out.end(), is_starter);
    const auto end = std::find_if(start, out.end(), is_starter);
    std::stable_sort(start, end, [](const FoldedCharacter& a, const FoldedCharacter& b) {
      return class_of(a) < class_of(b);
    });
    start = end;
  }
  return out;
}

// Unicode's canonical composition (UAX 15, D117): a character joins the last starter unless one
// between them stands in its way.
Characters composed(const Characters& text) {
  const icu::Normalizer2& nfkc = instance(&icu::Normalizer2::getNFKCInstance);
  constexpr size_t kNoStarter = SIZE_MAX;
  Characters out;
  size_t starter = kNoStarter;
  for (const FoldedCharacter& at : text) {
    const uint8_t own = class_of(at);
    const bool adjacent = starter + 1 == out.size();
    if (starter != kNoStarter && (adjacent || class_of(out.back()) < own)) {
      FoldedCharacter& before = out[starter];
      const UChar32 both =
          nfkc.composePair(static_cast<UChar32>(before.c), static_cast<UChar32>(at.c));
      if (both >= 0) {
        before = {static_cast<char32_t>(both), std::min(before.first, at.first),
                  std::max(before.last, at.last)};
        continue;
      }
    }
    if (own == 0) starter = out.size();
    out.push_back(at);
  }
  return out;
}

}  // namespace

std::vector<FoldedCharacter> fold_with_origins(std::u32string_view text) {
  Characters out;
  for (const FoldedCharacter& at : composed(decomposed(text))) {
    icu::UnicodeString folded(static_cast<UChar32>(at.c));
    each_character(folded.foldCase(), [&](char32_t c) { out.push_back({c, at.first, at.last}); });
  }
  return out;
}

void fold_characters_by_icu(std::string_view text, std::u32string& out) {
  const icu::Normalizer2& nfkc = instance(&icu::Normalizer2::getNFKCInstance);
  UErrorCode status = U_ZERO_ERROR;
  const auto size = static_cast<int32_t>(std::min<size_t>(text.size(), INT32_MAX));
  icu::UnicodeString folded =
      nfkc.normalize(icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), size)), status);
  INVARIANT(U_SUCCESS(status));
  folded.foldCase();
  out.clear();
  each_character(folded, [&](char32_t c) { out.push_back(c); });
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
