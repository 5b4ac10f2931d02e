// Named conditions, and what of a rule's whole language its version covers.
#include <doctest/doctest.h>

#include "pack_fixture.h"

namespace fengsui::rules {
namespace {

Files with_defs(const std::string& defs, const std::string& body) {
  Files files = pack_with_rule(body);
  files["defs/d.yaml"] = "defs:\n" + defs;
  return files;
}

TEST_CASE("defs that are none, and where they cannot stand") {
  struct Row {
    const char* name;
    std::string defs;  // from line 2 on
    std::string body;
    std::vector<std::string> expected;
  };
  const std::vector<Row> rows = {
      {"used", "  heavy: weight > 10\n", "    when: heavy && ok\n", {}},
      {"in each other", "  heavy: weight > 10\n  bad: heavy || !ok\n", "    when: bad\n", {}},
      {"everywhere",
       "  heavy: weight > 10\n",
       "    by: { h: heavy }\n    let: { n: count(heavy), m: \"heavy ? 1 : 2\" }\n    grade: { "
       "red: heavy }\n    message: \"{heavy}\"\n    except: [{ name: e, when: heavy, owner: o, "
       "reason: r, until: 2027-01-01 }]\n",
       {}},
      {"not used",
       "  heavy: weight > 10\n",
       "",
       {"defs/d.yaml:2:3 warning FS433 no rule uses the def `heavy`"}},
      {"used by one that is not",
       "  heavy: weight > 10\n  bad: heavy\n",
       "",
       {"defs/d.yaml:2:3 warning FS433", "defs/d.yaml:3:3 warning FS433"}},
      {"a circle",
       "  a: b || ok\n  b: ok && c\n  c: a\n",
       "    when: a\n",
       {"defs/d.yaml:2:3 error FS432 the def `a` is made of itself", "defs/d.yaml:3:3 error FS432",
        "defs/d.yaml:4:3 error FS432"}},
      {"of itself", "  a: a\n", "", {"defs/d.yaml:2:3 error FS432"}},
      {"a macro's variable is no def",
       "  t: tags.exists(t, t == 'x')\n",
       "    when: has(tags) && t\n",
       {}},
      {"a field of its name, by data", "  ok: data.ok\n", "    when: ok\n", {}},
      {"a name that is none",
       "  a-b: ok\n  event: ok\n  math: ok\n",
       "",
       {"defs/d.yaml:2:3 error FS431", "defs/d.yaml:3:3 error FS431",
        "defs/d.yaml:4:3 error FS431"}},
      {"no text", "  a: [ok]\n", "", {"defs/d.yaml:2:6 error FS108"}},
      {"not CEL", "  a: ok &&\n", "", {"defs/d.yaml:2:11 error FS501"}},
      {"an unknown name in it",
       "  heavy: wight > 10\n",
       "    when: ok && heavy\n",
       {"r.yaml:4:17 error FS502 unknown name `wight`"}},
      {"a mistyped def",
       "  heavy: weight > 10\n",
       "    when: heavi\n",
       {"defs/d.yaml:2:3 warning FS433", "r.yaml:4:11 error FS502 unknown name `heavi`"}},
      {"no bool", "  heavy: weight\n", "    when: heavy\n", {"r.yaml:4:11 error FS503"}},
      {"an aggregate", "  n: count()\n", "    let: { m: n }\n", {"r.yaml:4:15 error FS505"}},
      {"an optional field",
       "  noted: note == 'x'\n",
       "    when: noted\n",
       {"r.yaml:4:11 warning FS507"}},
      {"guarded in it",
       "  noted: has(note) && note == 'x'\n",
       "    when: noted\n    message: \"{note}\"\n",
       {}},
      {"guarded before it", "  noted: note == 'x'\n", "    when: has(note) && noted\n", {}},
      {"in place of a field",
       "  heavy: weight > 10\n",
       "    by: heavy\n",
       {"defs/d.yaml:2:3 warning FS433", "r.yaml:4:9 error FS406 `heavy` is no field"}},
      {"has of one",
       "  heavy: weight > 10\n",
       "    when: has(heavy)\n",
       {"r.yaml:4:15 error FS501"}},
  };
  for (const Row& row : rows) {
    expect_issues(row.name, load(with_defs(row.defs, row.body)).issues, row.expected);
  }
  Files files = with_defs("  a: ok\n", "    when: a\n");
  files["defs/e.yaml"] = "defs: { a: ok }\n";
  expect_issues("of two files", load(files).issues,
                {"defs/e.yaml:1:9 error FS431 the def `a` stands twice"});
  const std::vector<Issue> issues = load(with_defs("  a: nope\n", "    when: a\n")).issues;
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].hint.find("it stands in the def `a` at defs/d.yaml:2:3") != std::string::npos);
}

TEST_CASE("defs that grow too fast") {
  std::string defs = "  d0: ok\n";
  for (int i = 1; i < 20; ++i) {
    const std::string before = "d" + std::to_string(i - 1);
    defs += "  d" + std::to_string(i) + ": " + before + " && " + before + "\n";
  }
  expect_issues("by doubling", load(with_defs(defs, "    when: d19\n")).issues,
                {"defs/d.yaml:18:3 error FS434 the def `d16` is too large"});
  std::string uses = "d12";
  for (int i = 0; i < 20; ++i) uses += " && d12";
  const std::vector<Issue> issues =
      load(with_defs(defs.substr(0, defs.find("  d13")), "    when: " + uses + "\n")).issues;
  expect_issues("in a rule", issues, {"r.yaml:4:11 error FS434 the expression is too large"});
}

TEST_CASE("what a name stands for") {
  const auto when = [](const std::string& defs, const std::string& body) {
    return only_rule(with_defs(defs, body));
  };
  std::vector<cel::Value> row(8);
  // A let hides a def behind it, not in aggregates and not before it.
  const auto rule = when("  x: weight > 10\n",
                         "    let: { a: \"x ? 1 : 2\", x: pieces, n: count(x) }\n"
                         "    grade: { red: x == 7 }\n");
  row.resize(rule->row_size());
  row[rule->first_let() + 1] = cel::Value::integer(7);
  CHECK(rule->grades[0].second->evaluate({}, row).is_true());
  CHECK(std::get<cel::Program>(rule->lets[0].value).type().is(cel::Type::Kind::Int));
  // A def hides a field.
  const auto hidden = when("  item: weight > 10\n", "    when: item\n");
  const event::EventType& type = *hidden->sources[0].type;
  CHECK(hidden->sources[0].when->slots_read() == std::vector<int>{type.find("weight")->slot});
  // A macro's variable hides a def, but for one with a dot before it.
  const auto macro =
      when("  t: ok\n", "    when: \"has(tags) && tags.exists(t, t == 'x' && .t)\"\n");
  CHECK(macro->sources[0].when->slots_read().size() == 2);
}

TEST_CASE("a rule that says a def's name and one that has its text are the same rule") {
  const std::string text = only_rule("    when: ok && (weight > 1 && item == 'x')\n")->version;
  const std::string defs = "  heavy: weight > 1\n  bad: heavy && item == 'x'\n";
  CHECK(only_rule(with_defs(defs, "    when: ok && bad\n"))->version == text);
  CHECK(only_rule(with_defs("  bad: weight > 2 && item == 'x'\n", "    when: ok && bad\n"))
            ->version != text);
}

TEST_CASE("a rule's version: keys beyond the first seven") {
  const std::string base =
      "    by: { o: outlet }\n    window: { tumbling: 1h }\n    seen_by: { o: \"['x']\" }\n"
      "    except: [{ name: e, when: ok, owner: o, reason: r, until: 2027-01-01 }]\n"
      "    let: { n: count(), p: \"percentile(weight, 90)\", m: baseline.mean }\n"
      "    baseline: { of: n, every: 1d, keep: 3 }\n    grade: { red: n > 2 }\n"
      "    purpose: { id: fraud, use: u, basis: b, retain: 30d }\n";
  const std::string version = only_rule(base)->version;
  struct Row {
    const char* from;
    const char* to;
    bool same;
  };
  const Row rows[] = {
      {"reason: r", "reason: s", true},
      {"owner: o", "owner: p", true},
      {"m: baseline.mean", "m: baseline.stddev", true},
      {"id: fraud", "id: theft", true},
      {"retain: 30d", "retain: 40d", true},
      {"2027-01-01", "2027-01-02", false},
      {"name: e", "name: f", false},
      {"when: ok", "when: \"!ok\"", false},
      {"['x']", "['y']", false},
      {"90", "95", false},
      {"every: 1d", "every: 2d", false},
      {"keep: 3", "keep: 4", false},
      {"of: n", "of: p", false},
      {"    grade:", "    emit: close\n    grade:", false},
      {"    grade:", "    order: time\n    grade:", false},
      {"outlet", "sender", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.to);
    std::string body = base;
    body.replace(body.find(row.from), std::string(row.from).size(), row.to);
    CHECK((only_rule(body)->version == version) == row.same);
  }
}

TEST_CASE("a purpose is part of the version where its tokens decide") {
  const auto rule = [](const std::string& body, const std::string& id) {
    return only_rule(body + "    purpose: { id: " + id + ", use: u, basis: b, retain: 30d }\n");
  };
  const auto differs = [&](const std::string& body) {
    return rule(body, "fraud")->version != rule(body, "theft")->version;
  };
  CHECK(differs("    by: sender\n"));
  CHECK(differs("    when: has(sender)\n"));
  CHECK(differs("    let: { n: distinct(sender) }\n"));
  CHECK(!differs("    message: \"{sender}\"\n"));
  CHECK(!differs("    when: ok\n"));
  // But what is kept for the message is another thing then.
  const auto keys = [&](const char* id) {
    return rule("    message: \"{sender} {item}\"\n", id)->capture_keys;
  };
  const auto fraud = keys("fraud"), theft = keys("theft");
  REQUIRE(fraud.size() == 3);
  CHECK(fraud[0] == theft[0]);
  CHECK(fraud[1] != theft[1]);
  CHECK(fraud[2] == theft[2]);
}

}  // namespace
}  // namespace fengsui::rules
