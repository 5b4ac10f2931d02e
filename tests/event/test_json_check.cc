#include "event/json_check.h"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <nlohmann/json.hpp>
#include <random>

namespace fengsui::event {
namespace {

using namespace std::string_literals;

std::string nested(int depth, const char* open, const char* close, const char* inside) {
  std::string out;
  for (int i = 0; i < depth; ++i) out += open;
  out += inside;
  for (int i = 0; i < depth; ++i) out += close;
  return out;
}

TEST_CASE("JSON is taken") {
  const std::string cases[] = {
      "0",
      "-0",
      "-0.0e-0",
      "1E+400",
      "123456789012345678901234567890",
      "\"\"",
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uFFFF\"",
      "\"\\ud83d\\ude00\"",
      "\"eight bytes and more, 汉字, \x7f\"",
      "true",
      " \t\r\n null \t\r\n ",
      "[]",
      "{}",
      "[ ]",
      "{ }",
      "[1,[2,{}],\"\",{\"\":[]}]",
      "{\"a\":1,\"a\":2}",
      " { \"a\" : [ 1 , 2 ] , \"b\" : { \"c\" : null } } ",
      nested(512, "[", "]", ""),
      nested(256, "{\"a\":[", "]}", "1"),
  };
  for (const std::string& text : cases) {
    const std::optional<JsonFault> fault = check_json(text, 512);
    CHECK_MESSAGE(!fault, text, ": ", fault ? fault->what : "");
  }
}

struct Refused {
  std::string text;
  size_t offset;  // where it stops being JSON
};
const Refused kRefused[] = {
    {"", 0},
    {"  ", 2},
    {"\xEF\xBB\xBF{}", 0},  // byte order mark
    {"\0"s, 0},
    {"{}\0"s, 2},
    {"[1\0]"s, 2},
    {"\"a\0b\""s, 2},
    {"\"long enough for a word\x1f\"", 23},
    {"\"a\nb\"", 2},
    {"01", 1},
    {"{\"a\":01x}", 6},
    {"-", 1},
    {"--1", 1},
    {"+1", 0},
    {".5", 0},
    {"1.", 2},
    {"1.e3", 2},
    {"1e", 2},
    {"1e+", 3},
    {"1x", 1},
    {"0x10", 1},
    {"NaN", 0},
    {"-Infinity", 1},
    {"truu", 0},
    {"tru", 0},
    {"truex", 4},
    {"nul", 0},
    {"[1 2]", 3},
    {"[1,]", 3},
    {"[,1]", 1},
    {"[1}", 2},
    {"[", 1},
    {"[1", 2},
    {"[1,", 3},
    {"]", 0},
    {"{", 1},
    {"{\"a\"", 4},
    {"{\"a\":", 5},
    {"{\"a\":1", 6},
    {"{\"a\":1,", 7},
    {"{\"a\":1,}", 7},
    {"{\"a\" 1}", 5},
    {"{a:1}", 1},
    {"{'a':1}", 1},
    {"{1:1}", 1},
    {"{\"a\":1]", 6},
    {"{\"a\":1}}", 7},
    {"{} {}", 3},
    {"\"\\q\"", 1},
    {"\"\\", 1},
    {"\"\\\"", 3},
    {"\"\\u12\"", 1},
    {"\"\\u12g4\"", 1},
    {"\"\\ud800\"", 1},
    {"\"\\ud800\\u0041\"", 1},
    {"\"\\ud800\\ud800\"", 1},
    {"\"\\udc00\"", 1},
    {"\"\\ud83d\\", 1},
    {"\"open", 5},
    {"/*c*/1", 0},
    {"1//c", 1},
    {nested(513, "[", "]", ""), 512},
    {nested(100'000, "[", "", ""), 512},
    {nested(100'000, "{\"a\":", "", ""), 512 * 5},
};

TEST_CASE("what is not JSON is refused, where it stops being JSON") {
  for (const Refused& one : kRefused) {
    const std::optional<JsonFault> fault = check_json(one.text, 512);
    REQUIRE_MESSAGE(fault, one.text.substr(0, 40));
    CHECK_MESSAGE(fault->offset == one.offset, one.text.substr(0, 40), ": ", fault->what);
  }
}

TEST_CASE("every cut of a text is refused, every prefix checked without reading on") {
  const std::string whole =
      R"({"a":[1.5e+3,true,false,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":{}}})";
  REQUIRE(!check_json(whole, 512));
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);  // its own allocation: asan sees a read beyond
    CHECK(check_json(std::string_view(cut), 512));
  }
}

// nlohmann's reader is another reading of RFC 8259; it differs where numbers overflow alone.
TEST_CASE("agrees with another reader on texts with changed bytes") {
  const std::string seeds[] = {
      R"({"a":[1.5e+3,true,false,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":{}}})",
      R"([0,-1,2.25,1e5,"a\\b\"c\/",[[],{}],{"k":"v","k":"w"}])",
  };
  const std::string_view alphabet = "{}[]\",:\\u0123456789abdeEflnrst.+- \t\nx";
  std::mt19937 random(7);
  int valid = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string text = seeds[random() % 2];
    for (size_t changes = 1 + random() % 3; changes > 0; --changes) {
      const size_t at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      if (random() % 3 == 0) {
        text.erase(at, 1);
      } else if (random() % 2 == 0) {
        text.insert(at, 1, c);
      } else {
        text[at] = c;
      }
    }
    if (text.find("e5") != text.npos || text.find("E5") != text.npos) continue;
    const bool accepted = !check_json(text, 512);
    valid += accepted ? 1 : 0;
    const bool overflow =
        accepted && !nlohmann::json::accept(text) && text.find_first_of("eE") != text.npos;
    if (!overflow) CHECK_MESSAGE(accepted == nlohmann::json::accept(text), text);
  }
  CHECK(valid > 1000);
}

TEST_CASE("escapes are read") {
  const std::pair<const char*, std::string> cases[] = {
      {"", ""},
      {"plain 汉字", "plain 汉字"},
      {R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"},
      {R"(\u0000\u0041\u00e9\u6c49)", "\0A\u00e9\u6c49"s},
      {R"(a\ud83d\ude00b)", "a\U0001F600b"},
  };
  for (const auto& [escaped, text] : cases) {
    std::string out;
    append_unescaped(out, escaped);
    CHECK(out == text);
  }
}

TEST_CASE("simdjson's kernel is the processor's best, whatever the build's flags") {
  for (const simdjson::implementation* kernel : simdjson::get_available_implementations()) {
    if (!kernel->supported_by_runtime_system()) continue;
    CHECK(simdjson::get_active_implementation()->name() == kernel->name());
    break;  // they stand in order, the best first
  }
}

}  // namespace
}  // namespace fengsui::event
