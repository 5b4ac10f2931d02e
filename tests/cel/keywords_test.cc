#include <doctest/doctest.h>

#include <random>
#include <set>

#include "cel/tables.h"
#include "cel/text_fold.h"
#include "cel/utf8.h"

using namespace fengsui::cel;

TEST_CASE("text is folded: NFKC, then full case folding") {
  struct Case {
    std::string text;
    const char* wanted;
  };
  const Case cases[] = {
      {"", ""},
      {"Gas", "gas"},
      {"ＧＡＳ", "gas"},
      {"煤气，泄漏！", "煤气,泄漏!"},
      {"Straße", "strasse"},
      {"STRAẞE", "strasse"},
      {"ﬁre", "fire"},
      {"①", "1"},
      {"㎏", "kg"},
      {"ｶﾞｽ", "ガス"},
      {"e\xcc\x81", "é"},
      {"İ", "i\xcc\x87"},
      {"I", "i"},
      {"ΣΑΣ", "σασ"},
      {"ς", "σ"},
      {"Å", "å"},
      {"　", " "},
      {"繁體", "繁體"},
      {"豈", "豈"},
      {"\xff", "\xef\xbf\xbd"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(fold_text(c.text) == c.wanted);
  }
}

TEST_CASE("the quick way of folding gives what ICU gives") {
  std::mt19937 random(7);
  const char32_t ranges[][2] = {{0x00, 0x7F},     {0xFF01, 0xFF5E}, {0x4E00, 0x9FA5},
                                {0x3001, 0x3002}, {0x300, 0x310},   {0xC0, 0x17F}};
  for (int round = 0; round < 20000; ++round) {
    std::u32string text;
    // Mostly of what the quick way takes; at times with what it does not.
    const int kinds = round % 4 == 0 ? 6 : 4;
    for (int i = 0; i < 6; ++i) {
      const auto& range = ranges[random() % static_cast<unsigned>(kinds)];
      text.push_back(range[0] + random() % (range[1] - range[0] + 1));
    }
    std::u32string quick, exact;
    fold_characters(from_code_points(text), quick);
    fold_characters_by_icu(from_code_points(text), exact);
    REQUIRE(quick == exact);
  }
  // Each character alone, and the whole of the quick ranges.
  for (const auto& range : ranges) {
    for (char32_t c = range[0]; c <= range[1]; ++c) {
      std::u32string quick, exact;
      fold_characters(from_code_points(std::u32string(1, c)), quick);
      fold_characters_by_icu(from_code_points(std::u32string(1, c)), exact);
      REQUIRE(quick == exact);
    }
  }
}

TEST_CASE("keywords are found wherever they stand") {
  struct Case {
    std::string name;
    std::vector<std::string> words;
    std::string text;
    int64_t count;
  };
  const Case cases[] = {
      {"no words", {}, "abc", 0},
      {"an empty word is none", {""}, "abc", 0},
      {"no text", {"a"}, "", 0},
      {"the whole text", {"abc"}, "abc", 1},
      {"at the end", {"bc"}, "abc", 1},
      {"twice counts once", {"ab"}, "abab", 1},
      {"suffixes of one another", {"he", "she", "his", "hers"}, "ushers", 3},
      {"a word within a word", {"abcd", "bc"}, "xbcx", 1},
      {"a word within a word, both", {"abcd", "bc", "c"}, "abcd", 3},
      {"overlap", {"aba", "bab"}, "abab", 2},
      {"failure to a shorter prefix", {"aab", "ab"}, "aaab", 2},
      {"words that fold alike are one", {"Gas", "ＧＡＳ", "gas"}, "GAS", 1},
      {"the text is folded", {"gas"}, "ＧＡＳ泄漏", 1},
      {"the keyword is folded", {"STRASSE"}, "große straße", 1},
      {"chinese", {"煤气", "气味", "闻到煤气"}, "居民闻到煤气味道", 3},
      {"no part of a character", {"\xe4\xb8\xad"}, "丮", 0},
      {"beyond the BMP", {"😀a"}, "x😀A", 1},
      {"composed and not", {"caf\xc3\xa9"}, "cafe\xcc\x81", 1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const KeywordSet set(c.words);
    CHECK(set.count_in(c.text) == c.count);
    CHECK(set.mentioned_in(c.text) == (c.count > 0));
  }
  CHECK(KeywordSet({"Gas", "ＧＡＳ", "煤气", ""}).size() == 2);
}

TEST_CASE("the automaton finds what a plain search finds") {
  std::mt19937 random(11);
  const std::vector<std::string> letters = {"a", "b", "中", "文"};
  const auto made = [&](unsigned most) {
    std::string out;
    for (unsigned size = 1 + random() % most; size > 0; --size) out += letters[random() % 4];
    return out;
  };
  for (int round = 0; round < 3000; ++round) {
    std::set<std::string> words;
    for (unsigned i = random() % 12; i > 0; --i) words.insert(made(4));
    const std::string text = made(24);
    int64_t wanted = 0;
    for (const std::string& word : words) wanted += text.find(word) != text.npos;
    const KeywordSet set({words.begin(), words.end()});
    REQUIRE(set.count_in(text) == wanted);
    REQUIRE(set.mentioned_in(text) == (wanted > 0));
    REQUIRE(set.size() == words.size());
  }
}

TEST_CASE("areas by table and by prefix") {
  const AreaTable by_prefix;
  CHECK(by_prefix.contains("6205", "620501"));
  CHECK(by_prefix.contains("6205", "6205"));
  CHECK_FALSE(by_prefix.contains("620501", "6205"));
  const AreaTable table({{"c", "b"}, {"b", "a"}, {"a", ""}, {"x", "y"}, {"y", "x"}});
  CHECK(table.contains("a", "c"));
  CHECK(table.contains("c", "c"));
  CHECK_FALSE(table.contains("c", "a"));
  CHECK_FALSE(table.contains("a", "x"));
  CHECK_FALSE(table.contains("", "a"));
}
