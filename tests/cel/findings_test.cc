// Where a finding stands, and that none hides another.
#include <doctest/doctest.h>

#include "expression_case.h"

using namespace fengsui::cel;
using namespace fengsui::cel::test;
using K = Type::Kind;

namespace {

std::string repeated(const std::string& part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

}  // namespace

TEST_CASE("findings stand at their place, all of them") {
  const World world;
  struct Case {
    std::string name;
    std::string text;
    std::string wanted;
  };
  const Case cases[] = {
      {"none", "weight_kg > 2.0", ""},
      {"bytes are counted", "'中' == urgensy",
       "9 UnknownName: unknown name `urgensy`; did you mean `urgency`?"},
      {"both sides", "urgensy > 1 && wieght_kg > 1",
       "0 UnknownName: unknown name `urgensy`; did you mean `urgency`?\n"
       "15 UnknownName: unknown name `wieght_kg`; did you mean `weight_kg`?"},
      {"a type error and what stands in it", "(urgency + 'a') * nowhere",
       "9 TypeMismatch: `+` has no form for int and string\n"
       "18 UnknownName: unknown name `nowhere`"},
      {"optional", "note == 'x'",
       "0 warning OptionalField: `note` may be missing; ask has(note) first"},
      {"optional, once", "note == 'x' || note == 'y'",
       "0 warning OptionalField: `note` may be missing; ask has(note) first"},
      {"optional, asked for", "has(note) && note == 'x'", ""},
      {"optional, asked for by its other name", "has(data.note) && note == 'x'", ""},
      {"optional, asked for later", "note == 'x' && has(note)", ""},
      {"optional below an object", "shop.code == 'x'",
       "0 warning OptionalField: `shop.code` may be missing; ask has(shop.code) first"},
      {"warnings and errors in order", "nowhere == 1 || note == 'x'",
       "0 UnknownName: unknown name `nowhere`\n"
       "16 warning OptionalField: `note` may be missing; ask has(note) first"},
      {"null", "note != null && has(note)",
       "5 TypeMismatch: `!=` has no form for string and null_type; no field is null; has(x) asks "
       "whether one is there"},
      {"a bad pattern", "text.matches('a(b')", "13 BadPattern: no RE2 pattern: missing ): a(b"},
      {"a bad pattern of the other form", "matches(text, '[')",
       "14 BadPattern: no RE2 pattern: missing ]: ["},
      {"a bad time", "event.time > timestamp('2026-13-01T00:00:00Z')",
       "23 BadPattern: no timestamp that CEL can read; write \"2026-03-01T08:00:00+08:00\""},
      {"a call that is no macro", "tags.all(t)",
       "5 Syntax: `all` is written list.all(x, condition)"},
      {"a macro's condition", "tags.all(t, t + 'x')",
       "12 TypeMismatch: the condition of `all` is a bool, this is of type string"},
      {"in a macro", "tags.all(t, u == t)", "12 UnknownName: unknown name `u`"},
      {"a macro's variable ends with it", "tags.all(t, t == 'a') && t == 'a'",
       "25 UnknownName: unknown name `t`"},
      {"branches", "verified ? 1 : 'a'",
       "9 TypeMismatch: the branches of `?:` are of types int and string; make them alike, or "
       "write dyn(…) round one"},
      {"nothing", "", "0 Syntax: expected a value, the expression ends"},
      {"not UTF-8", "'\xff'", "0 Syntax: the expression is not UTF-8"},
      {"too long", std::string(kExpressionBytesMax + 1, ' '),
       "0 Syntax: the expression is longer than 65536 bytes"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(findings_of(world, c.text) == c.wanted);
  }
}

TEST_CASE("the place says which type it needs") {
  const World world;
  const Type boolean = Type::of(K::Bool);
  CHECK(findings_of(world, "urgency > 1", boolean) == "");
  CHECK(findings_of(world, "anything", boolean) == "");
  CHECK(findings_of(world, "  urgency + 1", boolean) ==
        "2 TypeMismatch: this is of type int, bool is needed");
  CHECK(findings_of(world, "tags", Type::list_of(Type::of(K::Int))) ==
        "0 TypeMismatch: this is of type list(string), list(int) is needed");
}

TEST_CASE("depth is bounded") {
  const World world;
  struct Case {
    std::string name;
    std::string inside;   // as deep as may be, or nearly
    std::string outside;  // far beyond
  };
  const auto nested = [](const std::string& open, const std::string& close, int times) {
    return repeated(open, times) + "true" + repeated(close, times);
  };
  const Case cases[] = {
      {"brackets", nested("(", ")", 120), nested("(", ")", 20000)},
      {"not", nested("!", "", 120), nested("!", "", 20000)},
      {"minus", repeated("- ", 120) + "urgency", repeated("- ", 20000) + "urgency"},
      {"lists", nested("[", "]", 120), nested("[", "]", 20000)},
      {"additions", "1" + repeated(" + 1", 120), "1" + repeated(" + 1", 10000)},
      {"branches", repeated("true ? 1 : ", 120) + "1", repeated("true ? 1 : ", 5000) + "1"},
      {"selections", "anything" + repeated(".a", 120), "anything" + repeated(".a", 20000)},
      {"indexes", "anything" + repeated("[0]", 120), "anything" + repeated("[0]", 20000)},
      {"calls", repeated("dyn(", 120) + "1" + repeated(")", 120),
       repeated("dyn(", 10000) + "1" + repeated(")", 10000)},
      {"methods", "'a'" + repeated(".trim()", 120), "'a'" + repeated(".trim()", 8000)},
      {"macros", repeated("[1].map(x, ", 40) + "1" + repeated(")", 40),
       repeated("[1].map(x, ", 3000) + "1" + repeated(")", 3000)},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(findings_of(world, c.inside) == "");
    CHECK(findings_of(world, c.outside).ends_with("the expression nests deeper than 128"));
  }
  // A chain of one logical operator is no nesting.
  CHECK(findings_of(world, "verified" + repeated(" || verified", 4000)) == "");
  CHECK(findings_of(world, "verified" + repeated(" && verified", 4000)) == "");
}

TEST_CASE("the nearest name") {
  const std::vector<std::string> known = {"outlet", "outlet.code", "urgency", "weight_kg"};
  CHECK(nearest_name("urgencyy", known) == "urgency");
  CHECK(nearest_name("utgensy", known) == "urgency");
  CHECK(nearest_name("outlet.cod", known) == "outlet.code");
  CHECK(nearest_name("OUTLET", known) == std::nullopt);
  CHECK(nearest_name("x", known) == std::nullopt);
  CHECK(nearest_name("", known) == std::nullopt);
  CHECK(nearest_name(std::string(100000, 'u'), known) == std::nullopt);
}
