#include <doctest/doctest.h>

#include "dispatch/label_text.h"
#include "dispatch/matcher.h"

namespace fengsui::dispatch {
namespace {

std::string shown(const Expected<Matchers>& read) {
  if (!read) return "error: " + read.error().message;
  std::string out;
  for (const Matcher& matcher : *read) out += (out.empty() ? "" : ",") + matcher.text();
  return out;
}

TEST_CASE("matchers are read") {
  const struct {
    const char* text;
    const char* wanted;
  } cases[] = {
      {"", ""},
      {"{}", ""},
      {"{ }", ""},
      {"grade=red", "grade=\"red\""},
      {"grade = red", "grade=\"red\""},
      {"{grade=\"red\"}", "grade=\"red\""},
      {"{grade!=\"red\",}", "grade!=\"red\""},
      {"a=x,b!=y,c=~z.*,d!~w", "a=\"x\",b!=\"y\",c=~\"z.*\",d!~\"w\""},
      {"{片区=\"城关区\"}", "片区=\"城关区\""},
      {"\"名 称\"=值", "\"名 称\"=\"值\""},
      {"a=\"x,y\",b=z", "a=\"x,y\",b=\"z\""},
      {"a=\"say \\\"hi\\\"\"", "a=\"say \\\"hi\\\"\""},
      {"a=\"line\\nfeed\"", "a=\"line\\nfeed\""},
      {"a=~\"(red|orange)\"", "a=~\"(red|orange)\""},
      {"a=\"\"", "a=\"\""},
      // The classic grammar takes these, the other one does not.
      {"a=", "a=\"\""},
      {"a==x", "a=\"=x\""},
      {"a=x y", "a=\"x y\""},
      {"{a=x", "a=\"x\""},
      {"a=x}", "a=\"x\""},
      {"a=\\d", "a=\"\\\\d\""},
      {"{", ""},
      {"}", ""},
      // Both take it, and the classic one is right: \d is no escape to it.
      {"a=\"\\\\d\"", "a=\"\\\\d\""},
      {"a=~\"\\d+\"", "a=~\"\\\\d+\""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(shown(parse_matchers(c.text)) == c.wanted);
  }
}

TEST_CASE("the two grammars, each by itself") {
  CHECK(shown(parse_utf8_matchers("a=\"\\u706b\\U0001F525\\x41\\101\"")) == "a=\"火🔥AA\"");
  CHECK(shown(parse_classic_matchers("a=\"\\u706b\"")) == "a=\"\\\\u706b\"");
  CHECK(shown(parse_utf8_matchers("{")).starts_with("error: column 2: the end of the text"));
  CHECK(shown(parse_utf8_matchers("}")).starts_with("error: column 1: `}` stands where"));
  CHECK(shown(parse_utf8_matchers("{a=x}b")).starts_with("error: column 6: `b` stands where"));
  CHECK(shown(parse_utf8_matchers("a=\"\\q\"")).starts_with("error: column 3: "));
  CHECK(shown(parse_classic_matchers("片区=x")).starts_with("error: "));
}

TEST_CASE("what is no matcher is said with its column") {
  const struct {
    const char* text;
    const char* begins;
  } cases[] = {
      {"a", "error: column 2: the end of the text stands where there must be one of = != =~ !~"},
      {"{}}", "error: column 3: `}`"},
      {"{,}", "error: column 2: `,` stands where there must be a label's name"},
      {"片区!名", "error: column 3: `!` must be followed by"},
      {"=x", "error: column 1: `=` stands where there must be a label's name"},
      {"a=\"x", "error: column 3: the quote has no end"},
      {"片区=~\"[\"", "error: column 1: `[` is no pattern"},
      {"{a=x,,b=y}", "error: column 6: `,`"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const std::string said = shown(parse_matchers(c.text));
    CAPTURE(said);
    CHECK(said.starts_with(c.begins));
  }
}

TEST_CASE("what a matcher wants") {
  const Labels labels = {{"grade", "red"}, {"note", "two\nlines"}};
  const struct {
    const char* matchers;
    bool wanted;
  } cases[] = {
      {"", true},
      {"grade=red", true},
      {"grade=re", false},
      {"grade!=red", false},
      {"grade=~re", false},  // anchored
      {"grade=~re.", true},
      {"grade=~\"blue|red\"", true},
      {"grade!~blue", true},
      {"grade!~\"r.*\"", false},
      {"area=\"\"", true},  // not there is empty
      {"area!=x", true},
      {"area=~\".*\"", true},
      {"area=~\".+\"", false},
      {"note=~\"two.lines\"", false},  // no line feed
      {"note=~\"(?s)two.lines\"", true},
      {"grade=red,area=x", false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.matchers);
    const Expected<Matchers> matchers = parse_matchers(c.matchers);
    REQUIRE(matchers);
    CHECK(all_match(*matchers, labels) == c.wanted);
  }
}

TEST_CASE("what a matcher says of itself is read as itself") {
  for (const char* name : {"a", "片区", "a b", "a\"b", "a=b", "\\", "{"}) {
    for (const char* value : {"", "x", "a,b", "\"", "\\n", "\n", "火", "}"}) {
      const Expected<Matcher> made = Matcher::make(Matcher::Op::NotEqual, name, value);
      REQUIRE(made);
      const Expected<Matchers> read = parse_matchers(made->text());
      CAPTURE(made->text());
      REQUIRE_MESSAGE(read, read.error().message);
      REQUIRE(read->size() == 1);
      CHECK(read->front().name() == name);
      CHECK(read->front().value() == value);
    }
  }
}

TEST_CASE("UTF-8 is told from other bytes") {
  for (const char* good : {"", "a", "é", "火", "🔥", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(good);
    CHECK(is_utf8(good));
  }
  for (const char* bad : {"\x80", "\xC0\x80", "\xC3", "\xED\xA0\x80", "\xE0\x80\x80",
                          "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF", "a\xE7\x81"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}

}  // namespace
}  // namespace fengsui::dispatch
