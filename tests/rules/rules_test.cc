// Findings about rules and their expressions. Lines count from `rules:`; a case's body begins in
// line 4, column 5.
#include <doctest/doctest.h>

#include "pack_fixture.h"

namespace fengsui::rules {
namespace {

// `grade` and `purpose` are given here where a case is about them.
const char* const kPurpose = "    purpose: { use: u, basis: b, retain: 30d }\n";

TEST_CASE("the shape of a rule") {
  expect_findings({
      {"defaults", "", {}},
      {"explicit defaults", "    emit: event\n    order: arrival\n    mode: live\n", {}},
      {"a mistyped key", "    wen: ok\n", {"r.yaml:4:5 error FS109 a rule has no `wen`"}},
      {"a choice", "    mode: shadwo\n", {"r.yaml:4:11 error FS412 `mode` cannot be `shadwo`"}},
      {"emit and order",
       "    emit: never\n    order: any\n",
       {"r.yaml:4:11 error FS412", "r.yaml:5:12 error FS412"}},
      {"a window without length", "    window: { sliding: 0 }\n", {"r.yaml:4:24 error FS408"}},
      {"another kind of window",
       "    window: { slidng: 1h }\n",
       {"r.yaml:4:15 error FS408 a window has no `slidng`"}},
      {"two kinds of window",
       "    window: { sliding: 1h, tumbling: 1h }\n",
       {"r.yaml:4:13 error FS408"}},
      {"a window of text", "    window: 1h\n", {"r.yaml:4:13 error FS108"}},
      {"a duration",
       "    window: { sliding: 1 h }\n    quiet: 5x\n",
       {"r.yaml:4:24 error FS407 a window's length is no duration: `1 h`",
        "r.yaml:5:12 error FS407"}},
      {"retain covers the window",
       "    window: { sliding: 2d }\n    grade: red\n"
       "    purpose: { use: u, basis: b, retain: 1d }\n",
       {"r.yaml:6:42 error FS409 `retain` (1d) does not cover the window (2d)"}},
      {"a purpose lacks its parts",
       "    grade: red\n    purpose: { basis: b, bsis: c }\n",
       {"r.yaml:5:14 error FS110 `purpose` needs `use`",
        "r.yaml:5:14 error FS110 `purpose` needs `retain`",
        "r.yaml:5:26 error FS109 `purpose` has no `bsis`"}},
      {"a grade", "    grade: purple\n", {"r.yaml:4:12 error FS410 `purple` is no grade"}},
      {"a map of grades", "    grade: { read: ok, blue: \"true\" }\n", {"r.yaml:4:14 error FS410"}},
      {"no grade in the map", "    grade: {}\n", {"r.yaml:4:12 error FS410"}},
      {"labels are strings",
       "    labels: { a: 1, b: true, c: [x], d: yes, e: '1' }\n",
       {"r.yaml:4:18 error FS413", "r.yaml:4:24 error FS413", "r.yaml:4:33 error FS413"}},
      {"labels of the engine", "    labels: { area: x }\n", {"r.yaml:4:15 warning FS413"}},
      {"names of lets",
       "    let: { in: count(), data: count(), a-b: count(), from: count() }\n",
       {"r.yaml:4:12 error FS414", "r.yaml:4:25 error FS414", "r.yaml:4:40 error FS414"}},
      {"a condition is text", "    when: [a, b]\n", {"r.yaml:4:11 error FS108"}},
      {"a condition of nothing", "    when:\n", {"r.yaml:4:5 error FS108 `when` is nothing"}},
      {"a let of a list", "    let: { n: [1] }\n", {"r.yaml:4:15 error FS108"}},
  });
}

TEST_CASE("rules of a pack") {
  const std::string tail = "    grade: red\n" + std::string(kPurpose);
  expect_issues(
      "all required keys",
      load({{"schemas/s.yaml", kSchema}, {"r.yaml", "rules:\n  - title: x\n"}}).issues,
      {"r.yaml:2:5 error FS110 a rule needs `id`", "r.yaml:2:5 error FS110 a rule needs `from`",
       "r.yaml:2:5 error FS110 a rule needs `grade`",
       "r.yaml:2:5 error FS110 a rule needs `purpose`"});
  expect_issues("rule ids",
                load({{"schemas/s.yaml", kSchema},
                      {"r.yaml", "rules:\n  - id: R_1\n    from: t.parcel\n" + tail}})
                    .issues,
                {"r.yaml:2:9 error FS401"});
  const LoadedPack twice = load({{"schemas/s.yaml", kSchema},
                                 {"a/r.yaml", "rules:\n  - id: r\n    from: t.parcel\n" + tail},
                                 {"b/r.yaml", "rules:\n  - id: r\n    from: t.parcel\n" + tail}});
  expect_issues("a rule twice", twice.issues, {"b/r.yaml:2:9 error FS402 the rule id `r`"});
  CHECK(twice.issues[0].hint == "the other is at a/r.yaml:2:9");
  const LoadedPack unknown = load(
      {{"schemas/s.yaml", kSchema}, {"r.yaml", "rules:\n  - id: r\n    from: t.parcl\n" + tail}});
  expect_issues("an unknown event type", unknown.issues, {"r.yaml:3:11 error FS403"});
  CHECK(unknown.issues[0].hint == "did you mean `t.parcel`?");
  expect_issues("every fault of every file is told",
                load({{"schemas/s.yaml", kSchema},
                      {"schemas/t.yaml", "event: t.other\nproperties: { x: { type: text } }\n"},
                      {"r.yaml", rule_file("    when: okk\n    let: { n: sun(weight) }\n"
                                           "    message: \"{lists.a[item].x}\"\n")},
                      {"lists/a.csv", "k\na\na\n"}})
                    .issues,
                {"lists/a.csv:3:1 error FS203", "r.yaml:4:11 error FS502",
                 "r.yaml:5:15 error FS504", "schemas/t.yaml:2:26 error FS302"});
}

const char* const kTwoTypes = R"(event: a
required: [x, n, s]
properties: { x: { type: string }, n: { type: integer }, s: { type: string } }
---
event: b
required: [y, n, s]
properties: { y: { type: string }, n: { type: string }, s: { type: string } }
)";

TEST_CASE("rules of several types") {
  struct Row {
    const char* name;
    std::string rule;  // from line 3 on
    std::vector<std::string> expected;
  };
  const std::vector<Row> rows = {
      {"a list", "    from: [a, b]\n    by: s\n", {}},
      {"a map", "    from: { a: { by: x }, b: { by: y, when: \"y == 'z'\" } }\n", {}},
      {"a map with nothing of its own", "    from: { a: {}, b: }\n    by: s\n", {}},
      {"a type twice", "    from: [a, b, a]\n", {"r.yaml:3:18 error FS404"}},
      {"no type", "    from: []\n", {"r.yaml:3:11 error FS108 `from` names no event type"}},
      {"other keys of a type", "    from: { a: { window: 1h } }\n", {"r.yaml:3:18 error FS109"}},
      {"a type that is text", "    from: { a: x }\n", {"r.yaml:3:16 error FS108"}},
      {"other numbers of groups",
       "    from: { a: { by: [x, s] }, b: { by: y } }\n",
       {"r.yaml:3:41 error FS405 `b` has 1 group values, `a` has 2"}},
      {"no group in one of them", "    from: { a: { by: x }, b: }\n", {"r.yaml:3:27 error FS405"}},
      {"declared differently",
       "    from: [a, b]\n    when: n == 1 && s == 'q'\n",
       {"r.yaml:4:11 error FS503 `n` is declared differently: int and, by b, string"}},
      {"declared differently, not read", "    from: [a, b]\n    when: s == 'q'\n", {}},
      {"in one of them alone",
       "    from: [a, b]\n    when: x == 'q'\n",
       {"r.yaml:4:11 warning FS507"}},
      {"in one of them alone, guarded", "    from: [a, b]\n    when: has(x) && x == 'q'\n", {}},
      {"told once", "    from: [a, b]\n    when: z == 'q'\n", {"r.yaml:4:11 error FS502"}},
      {"one type is unknown",
       "    from: [a, c]\n    when: y == 'q'\n",
       {"r.yaml:3:15 error FS403", "r.yaml:4:11 error FS502"}},
  };
  for (const Row& row : rows) {
    expect_issues(
        row.name,
        load({{"schemas/s.yaml", kTwoTypes},
              {"r.yaml", "rules:\n  - id: r\n" + row.rule + "    grade: red\n" + kPurpose}})
            .issues,
        row.expected);
  }
}

TEST_CASE("groups") {
  expect_findings({
      {"fields", "    by: [outlet, pieces, ok, place.cell, sender]\n", {}},
      {"the map form",
       "    by: { cell: \"geohash(place.lat, place.lon, 6)\", kg: int(weight) }\n",
       {}},
      {"the envelope", "    by: event.source\n", {}},
      {"an unknown field", "    by: outlett\n", {"r.yaml:4:9 error FS502"}},
      {"an unknown nested field", "    by: [outlet, place.cel]\n", {"r.yaml:4:18 error FS502"}},
      {"a double", "    by: weight\n", {"r.yaml:4:9 error FS406 `weight` is of type double"}},
      {"a list", "    by: [tags]\n", {"r.yaml:4:10 error FS406"}},
      {"an object", "    by: place\n", {"r.yaml:4:9 error FS406"}},
      {"a timestamp", "    by: { t: event.time }\n", {"r.yaml:4:14 error FS406"}},
      {"CEL where a field stands", "    by: lowerAscii(outlet)\n", {"r.yaml:4:9 error FS406"}},
      {"a field twice", "    by: [outlet, outlet]\n", {"r.yaml:4:18 error FS406"}},
      {"no field", "    by: []\n", {"r.yaml:4:9 error FS108 `by` names no field"}},
      {"a protected field", "    by: religion\n", {"r.yaml:4:9 error FS506"}},
  });
}

TEST_CASE("expressions and their places") {
  expect_findings({
      {"plain", "    when: ok && nope\n", {"r.yaml:4:17 error FS502"}},
      {"behind wide characters",
       "    when: outlet == '网点' && nope\n",
       {"r.yaml:4:29 error FS502"}},
      {"single quotes", "    when: 'outlet == ''x'' && nope'\n", {"r.yaml:4:31 error FS502"}},
      {"double quotes",
       "    when: \"outlet == '\\u7f51\\t' && nope\"\n",
       {"r.yaml:4:36 error FS502"}},
      {"a literal block", "    when: |\n      ok &&\n        nope\n", {"r.yaml:6:9 error FS502"}},
      {"a folded block",
       "    when: >-\n      ok\n      && ok\n\n      && nope\n",
       {"r.yaml:8:10 error FS502"}},
      {"a plain text of two lines", "    when: ok &&\n      nope\n", {"r.yaml:5:7 error FS502"}},
      {"quotes over two lines", "    when: \"ok &&\n\n      nope\"\n", {"r.yaml:6:7 error FS502"}},
      {"flow style", "    let: { a: count(), b: nope }\n", {"r.yaml:4:27 error FS502"}},
      {"in a message", "    message: \"网点 {outlet}: {nope}\"\n", {"r.yaml:4:29 error FS502"}},
      {"not CEL", "    when: ok &&\n", {"r.yaml:4:16 error FS501"}},
      {"no bool", "    when: weight\n", {"r.yaml:4:11 error FS503"}},
      {"types", "    when: outlet < 1\n", {"r.yaml:4:18 error FS503"}},
      {"an unknown function", "    when: startWith(outlet, 'x')\n", {"r.yaml:4:11 error FS504"}},
      {"an unknown list", "    when: outlet in lists.nope\n", {"r.yaml:4:27 error FS502"}},
      {"an unknown keyword set",
       "    when: item.mentions(keywords.nope)\n",
       {"r.yaml:4:34 error FS502"}},
      {"an aggregate in a condition", "    when: count() > 3\n", {"r.yaml:4:11 error FS505"}},
      {"an aggregate that is not alone",
       "    let: { n: \"sum(weight) / 2.0\" }\n",
       {"r.yaml:4:16 error FS505"}},
      {"a protected field", "    when: religion == 'x'\n", {"r.yaml:4:11 error FS506"}},
      {"a protected field in a message",
       "    message: \"{religion}\"\n",
       {"r.yaml:4:16 error FS506"}},
      {"a protected field in an aggregate",
       "    let: { n: distinct(religion) }\n",
       {"r.yaml:4:24 error FS506"}},
      {"data as a whole", "    when: data == 'x'\n", {"r.yaml:4:11 error FS502 `data` as a whole"}},
      {"the long form", "    when: data.ok && data.place.lat > 1.0\n", {}},
      {"a constant pattern", "    when: outlet.matches('(')\n", {"r.yaml:4:26 error FS508"}},
  });
}

TEST_CASE("optional fields") {
  expect_findings({
      {"without has()", "    when: note == 'x'\n", {"r.yaml:4:11 warning FS507"}},
      {"guarded", "    when: has(note) && note == 'x'\n", {}},
      {"guarded by `when` for what follows",
       "    when: has(place.cell) && ok\n    let: { n: distinct(place.cell) }\n"
       "    message: \"{place.cell}\"\n",
       {}},
      {"not guarded by an or",
       "    when: has(note) || ok\n    message: \"{note}\"\n",
       {"r.yaml:5:16 warning FS507"}},
      {"there if the event counts", "    by: note\n    message: \"{note}\"\n", {}},
      {"guarded by the aggregate's own condition",
       "    let: { n: \"distinct(note, has(note))\", m: distinct(note) }\n",
       {"r.yaml:4:56 warning FS507"}},
      {"as a part of one", "    when: place.cell == 'x'\n", {"r.yaml:4:11 warning FS507"}},
  });
}

TEST_CASE("lets, grades and messages") {
  expect_findings({
      {"all aggregates",
       "    by: outlet\n    window: { sliding: 1h }\n    let:\n      a: count()\n      b: "
       "count(ok)\n"
       "      c: distinct(outlet, ok)\n      d: sum(weight)\n      e: avg(pieces)\n      f: "
       "min(item)\n"
       "      g: max(event.time)\n      h: first(ok)\n      i: last(place)\n"
       "      j: a + b + size(f)\n      k: d / double(a)\n"
       "    grade: { red: j > 3 && h, orange: k >= 2.0 && d > 1, blue: has(i.lat) }\n"
       "    message: \"{a} {{b}} {c}}} {size({'x': 1})} {g}\"\n",
       {}},
      {"a let sees those above it alone",
       "    let: { a: b + 1, b: count() }\n",
       {"r.yaml:4:15 error FS502"}},
      {"a let hides a field",
       "    let: { outlet: sum(pieces) }\n    grade: { red: outlet > 3 }\n",
       {}},
      {"an aggregate's argument sees the field",
       "    let: { outlet: count(), n: \"count(outlet == 'x')\" }\n",
       {}},
      {"a let's type",
       "    let: { n: sum(weight) }\n    grade: { red: n > 'x' }\n",
       {"r.yaml:5:21 error FS503"}},
      {"an int literal does not adapt to a let",
       "    let: { n: sum(weight), m: n * 2 }\n",
       {"r.yaml:4:33 error FS503"}},
      {"an int literal adapts to a field", "    let: { m: weight * 2 }\n", {}},
      {"sum of text",
       "    let: { n: sum(outlet) }\n",
       {"r.yaml:4:19 error FS503 `sum` does not take string"}},
      {"the largest list",
       "    let: { n: max(tags) }\n",
       {"r.yaml:4:19 error FS503", "r.yaml:4:19 warning FS507"}},
      {"too many arguments",
       "    let: { n: \"count(ok, ok)\", m: sum() }\n",
       {"r.yaml:4:16 error FS509", "r.yaml:4:35 error FS509"}},
      {"a condition that is none", "    let: { n: count(weight) }\n", {"r.yaml:4:21 error FS503"}},
      {"a grade is a bool", "    grade: { red: weight }\n", {"r.yaml:4:19 error FS503"}},
      {"a grade that is false",
       "    grade: { red: 1 > 2, blue: ok }\n",
       {"r.yaml:4:19 warning FS411"}},
      {"a grade below one that always holds",
       "    grade: { blue: ok, red: \"true\" }\n",
       {"r.yaml:4:14 warning FS411"}},
      {"a brace without end", "    message: \"a {outlet\"\n", {"r.yaml:4:17 error FS417"}},
      {"a brace that closes nothing",
       "    message: \"a} {outlet}\"\n",
       {"r.yaml:4:16 error FS417"}},
      {"an empty part", "    message: \"{}\"\n", {"r.yaml:4:16 error FS501"}},
      {"what has no text",
       "    message: \"{place}\"\n",
       {"r.yaml:4:16 warning FS503 a message cannot print"}},
  });
}

TEST_CASE("identity fields and purposes") {
  const auto purpose = [](const std::string& id) {
    return "    purpose: { " + (id.empty() ? "" : "id: " + id + ", ") +
           "use: u, basis: b, retain: 1d }\n";
  };
  expect_findings({
      {"the rule's own purpose", "    when: has(sender)\n    by: sender\n" + purpose("theft"), {}},
      {"no purpose", "    by: sender\n" + purpose(""), {"r.yaml:4:9 error FS415"}},
      {"no purpose, in a condition",
       "    when: ok && sender == 'x'\n" + purpose(""),
       {"r.yaml:4:17 error FS415", "r.yaml:4:17 warning FS507"}},
      {"no purpose, in an aggregate",
       "    let: { n: \"distinct(sender, has(sender))\" }\n" + purpose(""),
       {"r.yaml:4:25 error FS415", "r.yaml:4:37 error FS415"}},
      {"no purpose, in a message",
       "    message: \"{outlet}{has(place.keeper)}\"\n" + purpose(""),
       {"r.yaml:4:28 error FS415"}},
      {"not read: none needed", "    when: ok\n" + purpose(""), {}},
      {"another purpose",
       "    by: sender\n" + purpose("marketing"),
       {"r.yaml:4:9 error FS416 `sender` is not given for the purpose `marketing`"}},
      {"another purpose, behind the log",
       "    let: { n: size(sender) }\n" + purpose("marketing"),
       {"r.yaml:4:20 error FS416", "r.yaml:4:20 warning FS507"}},
      {"any purpose of the rules that use it", "    by: place.keeper\n" + purpose("marketing"), {}},
  });
}

}  // namespace
}  // namespace fengsui::rules
