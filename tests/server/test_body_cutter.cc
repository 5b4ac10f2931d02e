#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "server/body_cutter.h"

namespace fengsui::server {
namespace {

using Texts = std::vector<std::string>;

Texts copied(const std::vector<std::string_view>& pieces) { return {pieces.begin(), pieces.end()}; }

TEST_CASE("an array is cut into its elements' bytes") {
  struct Case {
    const char* name;
    std::string body;
    Texts pieces;
  };
  const Case cases[] = {
      {"none", "[]", {}},
      {"none, with space", " [ \n ] \t", {}},
      {"one", "[{}]", {"{}"}},
      {"space around elements goes, inside stays",
       "[ {\"a\" : 1 } ,\r\n2\t]",
       {"{\"a\" : 1 }", "2"}},
      {"nested", "[[1,[2,3]],{\"a\":[{},{}]}]", {"[1,[2,3]]", "{\"a\":[{},{}]}"}},
      {"brackets and commas in strings",
       "[\"]\",\",\",\"{[\",1]",
       {"\"]\"", "\",\"", "\"{[\"", "1"}},
      {"escaped quotes", "[\"a\\\"],[b\",\"\\\\\"]", {"\"a\\\"],[b\"", "\"\\\\\""}},
      {"escaped backslash before the quote",
       "[{\"a\":\"\\\\\\\\\"},2]",
       {"{\"a\":\"\\\\\\\\\"}", "2"}},
      {"scalars", "[1,true,null,-0.5e3,\"x\"]", {"1", "true", "null", "-0.5e3", "\"x\""}},
      {"beyond ASCII", "[\"烽燧\",\"\xf0\x9f\x94\xa5\"]", {"\"烽燧\"", "\"\xf0\x9f\x94\xa5\""}},
      {"what is no JSON inside an element is the decoder's",
       "[01x,tru e,{\"a\" 1}]",
       {"01x", "tru e", "{\"a\" 1}"}},
      {"control bytes and bad UTF-8 too",
       std::string("[\"\x01\n\0\",\xff]", 9),
       {std::string("\"\x01\n\0\"", 5), "\xff"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const auto pieces = cut_array(c.body, 100);
    REQUIRE(pieces);
    CHECK(copied(*pieces) == c.pieces);
  }
}

TEST_CASE("what cannot be cut says where") {
  struct Case {
    const char* name;
    const char* body;
    size_t offset;
  };
  const Case cases[] = {
      {"empty", "", 0},
      {"space", "  ", 2},
      {"an object", " {}", 1},
      {"a byte order mark", "\xef\xbb\xbf[]", 0},
      {"not closed", "[1,2", 4},
      {"not closed at all", "[", 1},
      {"string not closed", "[\"a]", 1},
      {"string ends in a backslash", "[\"a\\", 1},
      {"object not closed", "[{\"a\":1]", 7},
      {"brackets crossed", "[[{]}]", 3},
      {"closed too often", "[1]]", 3},
      {"a stray brace", "[}]", 1},
      {"text behind", "[1] x", 4},
      {"two arrays", "[1][2]", 3},
      {"no element before a comma", "[,1]", 1},
      {"no element between commas", "[1, ,2]", 4},
      {"no element behind a comma", "[1,]", 3},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const auto pieces = cut_array(c.body, 100);
    REQUIRE_FALSE(pieces);
    CHECK(pieces.error().kind == CutError::Kind::NotAnArray);
    CHECK(pieces.error().offset == c.offset);
    CHECK(!pieces.error().message.empty());
  }
}

TEST_CASE("more pieces than allowed are not cut") {
  CHECK(cut_array("[1,2,3]", 3));
  CHECK(cut_array("[1,2,3,4]", 3).error().kind == CutError::Kind::TooMany);
  CHECK(cut_array("[1,2,3,4,5", 3).error().kind == CutError::Kind::TooMany);
  CHECK(cut_lines("1\n2\n3\n", 3));
  CHECK(cut_lines("1\n2\n3\n4", 3).error().kind == CutError::Kind::TooMany);
}

TEST_CASE("lines are cut at line feeds only, lines of spaces are none") {
  struct Case {
    std::string body;
    Texts pieces;
  };
  const Case cases[] = {
      {"", {}},
      {"\n\n  \n", {}},
      {"\r\n\t\n", {"\r", "\t"}},
      {"a", {"a"}},
      {"a\n", {"a"}},
      {"a\nb\n\nc", {"a", "b", "c"}},
      {"a\r\nb \n", {"a\r", "b "}},
      {std::string("a\0b\nc", 5), {std::string("a\0b", 3), "c"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.body);
    const auto pieces = cut_lines(c.body, 100);
    REQUIRE(pieces);
    CHECK(copied(*pieces) == c.pieces);
  }
}

// Random JSON text with random whitespace.
class Writer {
 public:
  explicit Writer(uint64_t seed) : random_(seed) {}

  std::string array(int depth) {
    std::string text = "[" + space();
    for (uint64_t i = 0, n = below(5); i < n; ++i) {
      if (i > 0) text += "," + space();
      text += value(depth) + space();
    }
    return text + "]";
  }

  uint64_t below(uint64_t end) { return random_() % end; }

 private:
  std::string value(int depth) {
    switch (below(depth > 0 ? 6 : 4)) {
      case 0:
        return std::to_string(static_cast<int64_t>(below(2000)) - 1000);
      case 1:
        return below(2) ? "true" : "null";
      case 2:
        return "0.5e-3";
      case 3:
        return string();
      case 4:
        return array(depth - 1);
      default:
        break;
    }
    std::string text = "{" + space();
    for (uint64_t i = 0, n = below(4); i < n; ++i) {
      if (i > 0) text += "," + space();
      text +=
          "\"" + std::to_string(i) + "\"" + space() + ":" + space() + value(depth - 1) + space();
    }
    return text + "}";
  }

  std::string string() {
    static constexpr const char* kParts[] = {"a", "\\\"", "\\\\", "[",  "]", "{",      "}",
                                             ",", ":",    "\\n",  "烽", " ", "\\u70fd"};
    std::string text = "\"";
    for (uint64_t i = 0, n = below(6); i < n; ++i) text += kParts[below(std::size(kParts))];
    return text + "\"";
  }

  std::string space() { return std::string(below(3) ? 0 : below(3), " \n\t"[below(3)]); }

  std::mt19937_64 random_;
};

// What cut_array must say about `text`, according to a parser that is not ours.
void check_against_parser(const std::string& text) {
  const auto pieces = cut_array(text, 1000);
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (!parsed.is_discarded() && parsed.is_array()) {
    REQUIRE(pieces);
    REQUIRE(pieces->size() == parsed.size());
    for (size_t i = 0; i < parsed.size(); ++i) {
      REQUIRE(nlohmann::json::parse((*pieces)[i], nullptr, false) == parsed[i]);
    }
  } else if (pieces) {
    bool all_good = true;
    for (const std::string_view piece : *pieces) all_good &= nlohmann::json::accept(piece);
    REQUIRE_FALSE(all_good);  // else the whole would have been good
  }
}

TEST_CASE("the pieces of random arrays are what another parser finds, whole or damaged") {
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    Writer writer(seed);
    const std::string text = writer.array(4);
    CAPTURE(text);
    check_against_parser(text);
    std::string damaged = text;
    const size_t at = writer.below(damaged.size());
    switch (writer.below(3)) {
      case 0:
        damaged.erase(at, 1);
        break;
      case 1:
        damaged[at] = "\"[]{},\\x1"[writer.below(9)];
        break;
      default:
        damaged.resize(at);
    }
    CAPTURE(damaged);
    check_against_parser(damaged);
  }
}

}  // namespace
}  // namespace fengsui::server
