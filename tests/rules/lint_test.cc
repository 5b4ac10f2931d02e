// What the linter says, and what it leaves alone.
#include <doctest/doctest.h>

#include "pack_fixture.h"

namespace fengsui::rules {
namespace {

const char* const kLetter = R"(event: post.letter
required: [outlet, kind, weight, pieces, ok, code]
properties:
  outlet: { type: string }
  kind: { type: string, enum: [plain, registered, express] }
  weight: { type: number, minimum: 0, maximum: 50 }
  pieces: { type: integer, minimum: 1, maximum: 9 }
  ok: { type: boolean }
  code: { type: string, pattern: "^[A-Z][0-9]$", maxLength: 2 }
  free: { type: string }
  speed: { type: number }
)";

struct Case {
  const char* name;
  std::string body;
  std::vector<std::string> expected;
};

void run(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    std::string rule = rule_file(c.body);
    rule.replace(rule.find("t.parcel"), 8, "post.letter");
    expect_issues(c.name, load({{"schemas/s.yaml", kLetter}, {"r.yaml", rule}}).issues, c.expected);
  }
}

const char* const kWindow = "    by: outlet\n    window: { sliding: 1h }\n";

std::string counted(const std::string& rest) {
  return kWindow +
         std::string(
             "    let: { n: count(), m: count(ok), kinds: distinct(kind), kg: "
             "sum(weight), top: max(pieces), mean: avg(weight) }\n") +
         rest;
}

TEST_CASE("conditions that can never be true") {
  run({
      {"two values of a field",
       "    when: kind == 'plain' && ok && kind == 'express'\n",
       {"r.yaml:4:36 warning FS602 no event counts: `kind == 'express'` contradicts what"}},
      {"one of two", "    when: kind == 'plain' || kind == 'express'\n", {}},
      {"bounds that leave nothing",
       "    when: weight > 5 && weight < 3\n",
       {"r.yaml:4:25 warning FS602"}},
      {"bounds that leave one value", "    when: weight >= 5 && weight <= 5\n", {}},
      {"whole numbers between",
       "    when: pieces > 3 && pieces < 4\n",
       {"r.yaml:4:25 warning FS602"}},
      {"others between", "    when: weight > 3 && weight < 4\n", {}},
      {"a list without a common value",
       "    when: kind in ['plain', 'express'] && kind in ['registered']\n",
       {"r.yaml:4:43 warning FS602"}},
      {"a field and its contrary", "    when: ok && !ok\n", {"r.yaml:4:17 warning FS602"}},
      {"by way of brackets",
       "    when: kind == 'plain' && (kind == 'express' || weight < 0.5 && weight > 1)\n",
       {
           "r.yaml:4:68 warning FS602",
       }},
      {"data. is the same field",
       "    when: kind == 'plain' && data.kind == 'express'\n",
       {"r.yaml:4:30 warning FS602"}},
      {"a part alone",
       "    when: ok || pieces == 3 && pieces == 4\n",
       {"r.yaml:4:32 warning FS602 `pieces == 4` contradicts what stands before it"}},
      {"what a macro's variable is called like",
       "    when: \"['a'].exists(kind, kind == 'a') && kind == 'plain'\"\n",
       {}},
      {"text, by code point",
       "    when: code > 'B' && code < 'A'\n",
       {"r.yaml:4:25 warning FS602"}},
      {"an aggregate's condition",
       std::string(kWindow) + "    let: { n: \"count(kind == 'plain' && kind == 'express')\" }\n",
       {"r.yaml:6:41 warning FS602 `kind == 'express'` contradicts"}},
      {"how it began",
       "    when: kind == 'plain' && kind != 'plain'\n",
       {"r.yaml:4:30 warning FS602"}},
  });
}

TEST_CASE("parts that decide nothing") {
  run({
      {"a constant",
       "    when: ok && true\n",
       {"r.yaml:4:17 warning FS603 `true` decides nothing"}},
      {"twice",
       "    when: ok && weight > 3 && ok\n",
       {"r.yaml:4:31 warning FS603 `ok` adds nothing"}},
      {"a weaker one",
       "    when: weight > 3 && weight >= 3\n",
       {"r.yaml:4:25 warning FS603 `weight >= 3` adds nothing"}},
      {"a stronger one of ||",
       "    when: weight > 3 || weight > 30\n",
       {"r.yaml:4:25 warning FS603 `weight > 30` adds nothing"}},
      {"a value twice in a list",
       "    when: outlet in ['a', 'b', 'a']\n",
       {"r.yaml:4:32 warning FS603 'a' stands twice"}},
      {"one of all", "    when: weight > 3 || weight <= 3\n", {"r.yaml:4:11 warning FS603"}},
      {"not of numbers that may be none",
       std::string(kWindow) +
           "    let: { v: weight / weight }\n    grade: { red: v > 3.0 || v <= 3.0 }\n",
       {}},
      {"has() and a comparison", "    when: has(free) && free == 'x'\n", {}},
      {"an interval", "    when: weight > 3 && weight < 5\n", {}},
      {"different fields", "    when: weight > 3 && pieces > 3\n", {}},
  });
}

TEST_CASE("values that the schema does not have") {
  run({
      {"not in the enum",
       "    when: kind == 'expres'\n",
       {"r.yaml:4:19 warning FS604 no event counts: `kind` is never 'expres'"}},
      {"not in the enum, of others",
       "    when: ok || kind == 'expres'\n",
       {"r.yaml:4:25 warning FS604 `kind` is never 'expres': its schema's `enum` does not have "
        "it"}},
      {"one of a list", "    when: kind in ['plain', 'Express']\n", {"r.yaml:4:29 warning FS604"}},
      {"not equal to it", "    when: kind != 'expres'\n", {"r.yaml:4:19 warning FS604"}},
      {"in the enum", "    when: kind in ['plain', 'express'] && 'plain' != kind\n", {}},
      {"beyond the maximum", "    when: ok || weight > 50\n", {"r.yaml:4:17 warning FS605"}},
      {"up to the maximum", "    when: weight >= 50\n", {}},
      {"always",
       "    when: pieces >= 1\n",
       {"r.yaml:4:11 warning FS605 `pieces >= 1` is always true"}},
      {"a value beyond the limits", "    when: pieces != 10\n", {"r.yaml:4:21 warning FS605"}},
      {"against the pattern", "    when: ok || code == 'AB'\n", {"r.yaml:4:25 warning FS605"}},
      {"by the pattern", "    when: code == 'A1'\n", {}},
      {"a size", "    when: size(outlet) >= 0 && ok\n", {"r.yaml:4:11 warning FS605"}},
  });
}

TEST_CASE("grades that are never given") {
  run({
      {"hidden",
       counted("    grade: { red: n >= 9, orange: n >= 3, yellow: n >= 5 }\n"),
       {"r.yaml:7:43 warning FS601 the grade `yellow` is never given"}},
      {"in order", counted("    grade: { red: n >= 9, orange: n >= 5, yellow: n >= 3 }\n"), {}},
      {"hidden by two of them",
       counted("    grade: { red: n >= 9, orange: kg > 3.0, yellow: n > 9 || kg > 4.0 }\n"),
       {"r.yaml:7:45 warning FS601"}},
      {"not hidden: another let",
       counted("    grade: { red: n >= 3 && m > 1, yellow: n >= 5 }\n"),
       {}},
      {"hidden by a part",
       counted("    grade: { red: n >= 3 || m > 1, yellow: n >= 5 && kg > 3.0 }\n"),
       {"r.yaml:7:36 warning FS601"}},
      {"a count below 0",
       counted("    grade: { red: n < 0, blue: n > 1 }\n"),
       {"r.yaml:7:19 warning FS411 the grade `red` can never hold"}},
      {"contradicting",
       counted("    grade: { red: n > 5 && n < 3, blue: n > 1 }\n"),
       {"r.yaml:7:28 warning FS411"}},
      {"between whole numbers",
       counted("    grade: { red: n > 3 && n < 4, blue: n > 1 }\n"),
       {"r.yaml:7:28 warning FS411"}},
      {"more than the largest",
       counted("    grade: { red: top > 9, blue: mean > 50.0 }\n"),
       {"r.yaml:7:19 warning FS411", "r.yaml:7:34 warning FS411"}},
      {"within the limits", counted("    grade: { red: top >= 9, blue: mean >= 50.0 }\n"), {}},
      {"against `when`",
       "    when: kind in ['plain', 'express']\n    grade: { red: kind == 'registered', blue: ok "
       "}\n",
       {"r.yaml:5:19 warning FS411"}},
      {"a let is no field",
       "    when: kind in ['plain', 'express']\n    let: { kind: \"'registered'\" }\n"
       "    grade: { red: kind == 'registered', blue: ok }\n",
       {}},
      {"a let as a condition",
       "    let: { heavy: weight > 30 }\n    grade: { red: heavy && weight < 3, blue: ok }\n",
       {"r.yaml:5:28 warning FS411"}},
      {"one event at a time",
       "    let: { n: count() }\n    grade: { red: n >= 3, blue: ok }\n",
       {"r.yaml:5:19 warning FS411"}},
  });
}

TEST_CASE("windows and messages") {
  run({
      {"a window without by",
       "    window: { sliding: 1h }\n",
       {"r.yaml:4:5 warning FS616 a window without `by` holds one event"}},
      {"with by", kWindow, {}},
      {"a let that may be missing",
       std::string(kWindow) + "    let: { m: \"max(weight, ok)\" }\n    message: \"{m} kg\"\n",
       {}},
      {"in a message that some grades print without it",
       std::string(kWindow) + "    let: { m: \"max(weight, ok)\" }\n    message: \"{m} kg\"\n"
                              "    grade: { red: m > 5.0, blue: ok }\n",
       {"r.yaml:7:16 warning FS614"}},
      {"seen to",
       std::string(kWindow) + "    let: { n: count(ok), m: \"max(weight, ok)\" }\n"
                              "    message: \"{n > 0 ? string(m) : '-'} kg\"\n"
                              "    grade: { red: m > 5.0, blue: ok }\n",
       {}},
  });
}

TEST_CASE("what nobody reads") {
  const Files files = {
      {"schemas/s.yaml", kSchema},
      {"schemas/t.yaml", "event: t.other\nproperties: { x: { type: string } }\n"},
      {"lists/a.csv", "k\nx\n"},
      {"lists/b.csv", "k\nx\n"},
      {"keywords/a.txt", "x\n"},
      {"keywords/b.txt", "x\n"},
      {"r.yaml", rule_file("    when: outlet in lists.a\n    message: \"{item.mentionCount("
                           "keywords.a)}\"\n")}};
  expect_issues("one of two", load(files).issues,
                {"keywords/b.txt:1:1 warning FS607 no rule reads `keywords.b`",
                 "lists/b.csv:1:1 warning FS606 no rule reads `lists.b`",
                 "schemas/t.yaml:1:8 warning FS609 no rule reads events of `t.other`"});
  Files wrong = files;
  wrong["r.yaml"] += "    wen: ok\n";
  expect_issues("not where a rule is wrong: it may be what was to read them", load(wrong).issues,
                {"r.yaml:8:5 error FS109"});
}

TEST_CASE("keywords") {
  const auto with = [](const std::string& words, const std::string& function) {
    return load({{"schemas/s.yaml", kSchema},
                 {"keywords/a.txt", words},
                 {"r.yaml", rule_file("    when: item." + function + "\n")}})
        .issues;
  };
  expect_issues("holds another", with("煤气\n# x\n  煤气泄漏\n漏\n", "mentions(keywords.a)"),
                {"keywords/a.txt:3:3 warning FS610 `煤气泄漏` holds the keyword `煤气`"});
  expect_issues("counted, each is of use", with("煤气\n煤气泄漏\n", "mentionCount(keywords.a) > 1"),
                {});
  expect_issues(
      "fold alike", with("LPG\nＬｐｇ\ngas\n", "mentions(keywords.a)"),
      {"keywords/a.txt:2:1 warning FS611 `Ｌｐｇ` is the same keyword as `LPG` in line 1"});
  std::string many = "a\n";
  for (int i = 0; i < 10'000; ++i) many += "a" + std::to_string(i) + "x\n";
  const std::vector<Issue> issues = with(many, "mentions(keywords.a)");
  REQUIRE(issues.size() == 21);
  CHECK(issues[0].message == "9980 more keywords hold another word of the set");
}

TEST_CASE("keys of lists") {
  const auto with = [](const std::string& rule) {
    std::string text = rule_file(rule);
    text.replace(text.find("t.parcel"), 8, "post.letter");
    return load({{"schemas/s.yaml", kLetter},
                 {"lists/a.csv", "k,v\nplain,1\nExpress,2\n"},
                 {"r.yaml", text}})
        .issues;
  };
  expect_issues("no such value", with("    when: kind in lists.a\n"),
                {"lists/a.csv:3:1 warning FS612 no event can have the key `Express`"});
  expect_issues("indexed", with("    let: { v: \"lists.a[kind].v\" }\n"),
                {"lists/a.csv:3:1 warning FS612"});
  expect_issues("any text", with("    when: outlet in lists.a || kind in lists.a\n"), {});
}

}  // namespace
}  // namespace fengsui::rules
