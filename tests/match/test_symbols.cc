#include <doctest/doctest.h>

#include <string>

#include "match/symbols.h"

namespace fengsui::match {
namespace {

TEST_CASE("a text's key reads no byte that the string has no room for") {
  CHECK(std::string().capacity() + 1 >= TextKey::kHead);
}

TEST_CASE("texts are told apart by their bytes, whatever stands behind them in memory") {
  Symbols symbols;
  for (size_t size = 0; size <= 40; ++size) symbols.add(cel::Value::string(std::string(size, 'a')));
  CHECK(symbols.count() == 41);
  for (size_t size = 0; size <= 40; ++size) {
    std::string cut(60, 'b');  // its room keeps them
    cut.replace(0, size, size, 'a');
    cut.resize(size);
    const std::string fresh(size, 'a');
    CHECK(TextKey(cut).hash == TextKey(fresh).hash);
    CHECK(symbols.find(cut, TextKey(cut)) == size + 1);
    if (size == 0) continue;
    cut.back() = 'b';
    CHECK(symbols.find(cut, TextKey(cut)) == Symbols::kNone);
  }
  const std::string zero(1, '\0');  // not the empty text
  CHECK(symbols.find(zero, TextKey(zero)) == Symbols::kNone);
}

}  // namespace
}  // namespace fengsui::match
