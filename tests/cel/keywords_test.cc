#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

#include "cel/tables.h"
#include "cel/text_fold.h"
#include "cel/utf8.h"

using namespace fengsui::cel;

namespace {

// One set alone.
class KeywordSet {
 public:
  explicit KeywordSet(const std::vector<std::string>& words) : sets_({words}) {}
  int64_t count_in(std::string_view text) const {
    KeywordHits hits;
    sets_.find(text, hits);
    return hits.words_of(0);
  }
  bool mentioned_in(std::string_view text) const { return count_in(text) > 0; }
  size_t size() const { return sets_.words_of(0); }
  std::vector<KeywordMatch> find_all(std::string_view text) const {
    return sets_.find_all(0, text);
  }

 private:
  KeywordSets sets_;
};

}  // namespace

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
                                {0x3000, 0x3020}, {0x2010, 0x2020}, {0x300, 0x310},
                                {0xC0, 0x17F}};
  for (int round = 0; round < 20000; ++round) {
    std::u32string text;
    // Mostly of what the quick way takes; at times with what it does not.
    const int kinds = round % 4 == 0 ? 7 : 5;
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

namespace {

// "word@offset+size" of each match, with the text that it covers.
std::string shown(const std::vector<KeywordMatch>& matches, const std::string& text) {
  std::string out;
  for (const KeywordMatch& at : matches) {
    if (!out.empty()) out += " ";
    out += at.word + "=" + text.substr(at.offset, at.size) + "@" + std::to_string(at.first) + "+" +
           std::to_string(at.code_points);
  }
  return out;
}

}  // namespace

TEST_CASE("a match is told where it stands in the text as written") {
  struct Case {
    std::string name;
    std::vector<std::string> words;
    std::string text;
    std::string wanted;  // word=covered@first+code_points
  };
  const Case cases[] = {
      {"none", {"gas"}, "煤气", ""},
      {"nothing", {"gas"}, "", ""},
      {"plain", {"煤气"}, "闻到煤气味", "煤气=煤气@2+2"},
      {"twice", {"ab"}, "abcab", "ab=ab@0+2 ab=ab@3+2"},
      {"overlap", {"aba"}, "ababa", "aba=aba@0+3 aba=aba@2+3"},
      {"overlap of several",
       {"闻到煤气", "煤气", "煤气味道", "气味"},
       "闻到煤气味道",
       "闻到煤气=闻到煤气@0+4 煤气味道=煤气味道@2+4 煤气=煤气@2+2 气味=气味@3+2"},
      {"suffixes", {"he", "she", "hers"}, "ushers", "she=she@1+3 hers=hers@2+4 he=he@2+2"},
      {"full width", {"gas"}, "有ＧＡＳ味", "gas=ＧＡＳ@1+3"},
      {"the word as written", {"ＧａＳ", "gas"}, "gas", "ＧａＳ=gas@0+3"},
      {"a ligature, whole", {"fire"}, "a ﬁre", "fire=ﬁre@2+3"},
      {"a ligature, its first half", {"f"}, "ﬁx", "f=ﬁ@0+1"},
      {"a ligature, its second half", {"ix"}, "ﬁx", "ix=ﬁx@0+2"},
      {"twice in one character", {"f"}, "ﬀ", "f=ﬀ@0+1"},
      {"across ligatures", {"ff"}, "ﬁﬀ ﬂ", "ff=ﬀ@1+1"},
      {"sharp s", {"strasse"}, "Große STRAßE!", "strasse=STRAßE@6+6"},
      {"half of a sharp s", {"as"}, "aß", "as=aß@0+2"},
      {"a sharp s in the word", {"straße"}, "strasse", "straße=strasse@0+7"},
      {"a mark joins its letter", {"caf\xc3\xa9"}, "un cafe\xcc\x81!", "café=cafe\xcc\x81@3+5"},
      {"a letter alone is not in one with a mark", {"e"}, "e\xcc\x81", ""},
      {"a mark that joins nothing", {"q"}, "q\xcc\x81", "q=q@0+1"},
      // a, dot below, acute: the acute joins the a over the dot, which stays.
      {"a mark between", {"\xc3\xa1"}, "a\xcc\xa1\xcc\x81x", "á=a\xcc\xa1\xcc\x81@0+3"},
      {"marks in another order", {"\xe1\xba\xad"}, "a\xcc\x82\xcc\xa3", "ậ=a\xcc\x82\xcc\xa3@0+3"},
      {"Hangul in pieces",
       {"가스"},
       "\xe1\x84\x80\xe1\x85\xa1\xe1\x84\x89\xe1\x85\xb3 x",
       "가스=\xe1\x84\x80\xe1\x85\xa1\xe1\x84\x89\xe1\x85\xb3@0+4"},
      {"no part of a syllable", {"가"}, "각", ""},
      {"half-width katakana", {"ガス"}, "都市ｶﾞｽ漏れ", "ガス=ｶﾞｽ@2+3"},
      {"half-width without its mark", {"カ"}, "ｶﾞ", ""},
      {"a unit of two letters", {"kg"}, "5㎏", "kg=㎏@1+1"},
      {"beyond the BMP", {"a"}, "😀𝐀", "a=𝐀@1+1"},
      {"a dotted capital", {"i"}, "İ", "i=İ@0+1"},
      {"a space of another width", {"a b"}, "A　B", "a b=A　B@0+3"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const KeywordSet set(c.words);
    const std::vector<KeywordMatch> matches = set.find_all(c.text);
    CHECK(shown(matches, c.text) == c.wanted);
    CHECK(set.mentioned_in(c.text) == !matches.empty());
  }
}

TEST_CASE("matches are bounded") {
  const std::string text(3 * kKeywordMatchesMax, 'a');
  CHECK(KeywordSet({"a", "aa"}).find_all(text).size() == kKeywordMatchesMax);
}

namespace {

// Characters that folding joins, parts, reorders, widens, or leaves alone.
std::string odd_text(std::mt19937& random, unsigned most) {
  static const std::u32string letters =
      U"aeiſsßﬁﬀkｋＫ㎏中文가\u1100\u1161\u11A8カガｶﾞﾟ゙\u0301\u0323\u0302\u0327\u0345ΣςİIÅáḉ①豈"
      U"\uFDFAǆ";
  std::u32string out;
  for (unsigned size = random() % (most + 1); size > 0; --size) {
    out.push_back(letters[random() % letters.size()]);
  }
  return from_code_points(out);
}

// A search that knows nothing of automata or origins: each stretch of the text's folded characters
// that is a folded word. The stretch of the text is the shortest one round the origins.
std::vector<KeywordMatch> searched(const std::vector<std::string>& words, const std::string& text) {
  const std::u32string characters = to_code_points(text);
  const std::vector<FoldedCharacter> folded = fold_with_origins(characters);
  std::set<std::u32string> done;
  std::vector<KeywordMatch> out;
  for (const std::string& word : words) {
    std::u32string wanted;
    fold_characters(word, wanted);
    if (wanted.empty() || !done.insert(wanted).second) continue;
    for (size_t at = 0; at + wanted.size() <= folded.size(); ++at) {
      bool alike = true;
      uint32_t first = UINT32_MAX;
      uint32_t last = 0;
      for (size_t i = 0; i < wanted.size(); ++i) {
        alike = alike && folded[at + i].c == wanted[i];
        first = std::min(first, folded[at + i].first);
        last = std::max(last, folded[at + i].last);
      }
      if (!alike) continue;
      const auto bytes = [&](size_t from, size_t to) {
        return from_code_points(characters.substr(from, to - from)).size();
      };
      const KeywordMatch match{word, bytes(0, first), bytes(first, last + 1), first,
                               last + 1 - first};
      if (std::find(out.begin(), out.end(), match) == out.end()) out.push_back(match);
    }
  }
  std::sort(out.begin(), out.end(), [](const KeywordMatch& a, const KeywordMatch& b) {
    if (a.offset != b.offset) return a.offset < b.offset;
    return a.size != b.size ? a.size > b.size : a.word < b.word;
  });
  return out;
}

}  // namespace

TEST_CASE("folding with origins gives the characters that folding gives") {
  std::mt19937 random(3);
  for (int round = 0; round < 20000; ++round) {
    const std::string text = odd_text(random, 8);
    std::u32string exact;
    fold_characters_by_icu(text, exact);
    std::u32string got;
    uint32_t least = 0;
    const std::u32string characters = to_code_points(text);
    for (const FoldedCharacter& at : fold_with_origins(characters)) {
      got.push_back(at.c);
      REQUIRE(at.first <= at.last);
      REQUIRE(at.last < characters.size());
      least = std::max(least, at.last);
    }
    CAPTURE(text);
    REQUIRE(got == exact);
    // Nothing of the text is lost.
    if (!characters.empty()) REQUIRE(least + 1 == characters.size());
  }
  // Every character alone, of the planes that have any to speak of.
  for (char32_t c = 1; c < 0x30000; ++c) {
    if (!is_scalar(c)) continue;
    std::u32string exact, got;
    fold_characters_by_icu(from_code_points(std::u32string(1, c)), exact);
    for (const FoldedCharacter& at : fold_with_origins(std::u32string(1, c))) got.push_back(at.c);
    if (got != exact) FAIL("U+" << std::hex << static_cast<uint32_t>(c));
  }
}

TEST_CASE("all matches are those of a plain search over folded text") {
  std::mt19937 random(19);
  size_t found = 0;
  for (int round = 0; round < 8000; ++round) {
    std::vector<std::string> words;
    for (unsigned i = random() % 8; i > 0; --i) words.push_back(odd_text(random, 3));
    const std::string text = odd_text(random, 20);
    const KeywordSet set(words);
    const std::vector<KeywordMatch> matches = set.find_all(text);
    CAPTURE(text);
    REQUIRE(shown(matches, text) == shown(searched(words, text), text));
    std::set<std::string> distinct;
    for (const KeywordMatch& at : matches) distinct.insert(at.word);
    REQUIRE(set.count_in(text) == static_cast<int64_t>(distinct.size()));
    REQUIRE(set.mentioned_in(text) == !matches.empty());
    found += matches.size();
  }
  CHECK(found > 2000);
}

TEST_CASE("keywords that fold alike or hold another are known") {
  struct Case {
    std::string name;
    std::vector<std::string> words;
    std::string wanted;  // "word~other" alike, "word>other" holds it
  };
  const Case cases[] = {
      {"none", {"煤气", "漏水", "gas"}, ""},
      {"no words", {}, ""},
      {"alike", {"Gas", "煤气", "ＧＡＳ", "gas"}, "2~0 3~0"},
      {"holds one below it", {"煤气泄漏", "煤气"}, "0>1"},
      {"holds one above it", {"煤气", "闻到煤气味"}, "1>0"},
      {"holds several: the first in the list", {"abcd", "cd", "ab"}, "0>1"},
      {"alike, and holds one", {"abc", "ABC", "b"}, "0>2 1~0"},
      {"holds one that folds alike with a later one", {"Straße", "SS", "ß"}, "0>1 2~1"},
      {"an empty word", {"", "a", ""}, ""},
      {"no overlap at ends", {"ab", "bc"}, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    std::string got;
    for (const KeywordOverlap& at : overlapping_keywords(c.words)) {
      got += (got.empty() ? "" : " ") + std::to_string(at.word) + (at.alike ? "~" : ">") +
             std::to_string(at.other);
    }
    CHECK(got == c.wanted);
  }
}

namespace {

// What KeywordSets::find is to say of a text, from its folded characters alone.
std::string naive_hits(const std::vector<std::vector<std::string>>& sets, const std::string& text) {
  std::u32string folded;
  fold_characters_by_icu(text, folded);
  std::string out;
  for (size_t set = 0; set < sets.size(); ++set) {
    std::set<std::u32string> found;
    for (const std::string& word : sets[set]) {
      std::u32string wanted;
      fold_characters_by_icu(word, wanted);
      if (!wanted.empty() && folded.find(wanted) != folded.npos) found.insert(wanted);
    }
    if (found.empty()) continue;
    out += std::to_string(set) + ":" + std::to_string(found.size()) + " ";
  }
  return out;
}

std::string text_of(const KeywordHits& hits) {
  std::string out;
  for (const KeywordHits::Hit& hit : hits.all()) {
    out += std::to_string(hit.set) + ":" + std::to_string(hit.words) + " ";
  }
  return out;
}

// Pieces of all kinds, most of them common, so that words overlap.
std::string mixed_text(std::mt19937& random, unsigned most, bool broken) {
  static const std::vector<std::string> pieces = {
      "燃", "气", "瓶", "a", "b", "A",  "ｂ", "煤气", "ＡＢ", "，", "“", "　",   " ",     "ß",
      "é",  "e",  "ﬁ",  "f", "i", "가", "ｶﾞ", "😀",   "𝐀",    "İ",  "①", "ａｂ", "\u0301"};
  static const std::vector<std::string> malformed = {"\xff", "\xe4\xb8", "\xc1\x81", "\xe0\x81\x81",
                                                     "\xed\xa0\x80"};
  std::string out;
  for (unsigned size = random() % (most + 1); size > 0; --size) {
    const unsigned kinds = random() % 3 == 0 ? static_cast<unsigned>(pieces.size()) : 13;
    out += pieces[random() % kinds];
    if (broken && random() % 8 == 0) out += malformed[random() % malformed.size()];
  }
  return out;
}

}  // namespace

TEST_CASE("all sets of a text are those of a plain search, set by set") {
  std::mt19937 random(23);
  size_t mentioned = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::vector<std::string>> sets(random() % 30);
    for (auto& set : sets) {
      for (unsigned words = random() % 5; words > 0; --words) {
        set.push_back(mixed_text(random, 4, false));
      }
    }
    const KeywordSets all(sets);
    REQUIRE(all.size() == sets.size());
    KeywordHits hits;
    for (int texts = 0; texts < 8; ++texts) {
      const std::string text = mixed_text(random, 20, texts == 7);
      all.find(text, hits);
      CAPTURE(text);
      REQUIRE(text_of(hits) == naive_hits(sets, text));
      for (size_t set = 0; set < sets.size(); ++set) {
        REQUIRE((hits.words_of(set) > 0) == !all.find_all(set, text).empty());
      }
      REQUIRE(text_of(all.find_again(text)) == text_of(hits));
      mentioned += hits.all().size();
    }
  }
  CHECK(mentioned > 20'000);
}

TEST_CASE("many words: states of many children, more characters than a page") {
  std::mt19937 random(29);
  const auto han = [&](unsigned of) {
    return from_code_points(std::u32string(1, static_cast<char32_t>(0x4E00 + random() % of)));
  };
  for (const unsigned characters : {40u, 3000u, 20'000u}) {
    std::vector<std::vector<std::string>> sets(1500);
    for (auto& set : sets) {
      for (unsigned words = 1 + random() % 4; words > 0; --words) {
        std::string& word = set.emplace_back();
        for (unsigned size = 1 + random() % 4; size > 0; --size) word += han(characters);
      }
    }
    const KeywordSets all(sets);
    KeywordHits hits;
    for (int texts = 0; texts < 40; ++texts) {
      std::string text;
      for (int size = 0; size < 5; ++size) text += han(characters);
      const auto& set = sets[random() % sets.size()];
      text += set[random() % set.size()];
      all.find(text, hits);
      REQUIRE(text_of(hits) == naive_hits(sets, text));
      REQUIRE_FALSE(hits.all().empty());
    }
  }
}

TEST_CASE("a thread's last texts are kept apart by their sets") {
  const KeywordSets one({{"a"}, {"b"}});
  const KeywordSets other({{"b"}, {"a"}, {"ab"}});
  const KeywordSets none;
  for (int round = 0; round < 2; ++round) {
    for (const std::string text : {"a", "b", "ab", "", "c", "xb"}) {
      CAPTURE(text);
      CHECK(text_of(one.find_again(text)) == naive_hits({{"a"}, {"b"}}, text));
      CHECK(text_of(other.find_again(text)) == naive_hits({{"b"}, {"a"}, {"ab"}}, text));
      CHECK(none.find_again(text).all().empty());
    }
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
