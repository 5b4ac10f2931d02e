// Sequences: what is refused, and what the rest compiles to.
#include <doctest/doctest.h>

#include "pack_fixture.h"

namespace fengsui::rules {
namespace {

using Strings = std::vector<std::string>;

const char* const kTypes =
    "event: a\nrequired: [id, grid, n]\nproperties: { id: { type: string }, grid: { type: string, "
    "x-area: true }, n: { type: integer }, note: { type: string }, caller: { type: string, "
    "x-identity: { purposes: [fraud] } }, faith: { type: string, x-protected: true }, box: { type: "
    "object, properties: { size: { type: number } } } }\n---\n"
    "event: b\nrequired: [id, state]\nproperties: { id: { type: string }, state: { type: string }, "
    "n: { type: string }, cell: { type: string, x-area: true }, caller: { type: string, "
    "x-identity: true } }\n";

// Steps from line 6 on, one a line; `rest` behind them.
Files pack(const Strings& steps, const std::string& rest = "", const std::string& purpose = "") {
  std::string text = "rules:\n  - id: r\n    sequence:\n      within: 30m\n      steps:\n";
  for (const std::string& step : steps) text += "        - { " + step + " }\n";
  text += rest;
  if (rest.find("    grade:") == std::string::npos) text += "    grade: red\n";
  text += "    purpose: { " + purpose + "use: u, basis: b, retain: 1d }\n";
  return {{"schemas/s.yaml", kTypes}, {"r.yaml", text}};
}

TEST_CASE("steps that are none") {
  struct Row {
    const char* name;
    Strings steps;
    std::string rest;
    Strings expected;
  };
  const std::string a = "from: a, by: id", b = "from: b, by: id";
  const std::vector<Row> rows = {
      {"one", {a}, "", {}},
      {"several",
       {"as: x, " + a, "absent: true, " + b, "times: 3, as: y, " + b, "absent: true, " + a},
       "",
       {}},
      {"the first is absent",
       {"absent: true, " + a, b},
       "",
       {"r.yaml:6:11 error FS428 the first step is absent"}},
      {"two absent ones",
       {a, "absent: true, " + a, "absent: true, " + b},
       "",
       {"r.yaml:8:11 error FS428 two absent steps"}},
      {"absent many times",
       {a, "absent: true, times: 2, " + b},
       "",
       {"r.yaml:7:34 error FS428 an absent step has no `times`"}},
      {"absent by name",
       {a, "absent: true, as: x, " + b},
       "",
       {"r.yaml:7:31 error FS428 an absent step has no name"}},
      {"absent or not", {a, "absent: maybe, " + b}, "", {"r.yaml:7:21 error FS108"}},
      {"never", {"times: 0, " + a}, "", {"r.yaml:6:20 error FS428 `times` is no whole number"}},
      {"no group", {"from: a"}, "", {"r.yaml:6:11 error FS110 a step needs `by`"}},
      {"no type", {"by: id", a}, "", {"r.yaml:6:11 error FS110 a step needs `from`"}},
      {"an unknown type", {"from: c, by: id", a}, "", {"r.yaml:6:19 error FS403"}},
      {"an unknown key", {"form: a, " + a}, "", {"r.yaml:6:13 error FS109"}},
      {"keys of a window",
       {a},
       "    when: n > 1\n    window: { sliding: 1h }\n    emit: close\n",
       {"r.yaml:7:5 error FS427 a rule with `sequence` has no `when`", "r.yaml:8:5 error FS427",
        "r.yaml:9:5 error FS427"}},
      {"other numbers of groups",
       {a, "from: b, by: [id, state]"},
       "",
       {"r.yaml:7:26 error FS405 step 2 has 2 group values, step 1 has 1"}},
      {"order", {a}, "    order: arrival\n", {"r.yaml:7:12 warning FS425"}},
      {"order, as it is", {a}, "    order: time\n", {}},
      {"two of a name",
       {"as: x, " + a, "as: x, " + b},
       "",
       {"r.yaml:7:17 error FS429 two steps are named `x`"}},
      {"a name that is none",
       {"as: event, " + a},
       "",
       {"r.yaml:6:17 error FS429 `event` cannot name a step"}},
      {"a let of the name",
       {"as: x, " + a},
       "    let: { x: x.n }\n",
       {"r.yaml:7:12 error FS429 `x` is the name of a step, too"}},
      {"a field of the name",
       {"as: state, " + a, b},
       "",
       {"r.yaml:6:17 warning FS430 the step `state` hides a field"}},
      {"a field of an earlier step", {a, "as: note, " + b}, "", {}},
      {"retain", {a}, "    quiet: 1m\n", {}},
  };
  for (const Row& row : rows) {
    expect_issues(row.name, load(pack(row.steps, row.rest)).issues, row.expected);
  }
  const Strings many(33, a);
  expect_issues("too many", load(pack(many)).issues,
                {"r.yaml:6:9 error FS428 a sequence of 33 steps"});
  expect_issues("enough", load(pack(Strings(32, a))).issues, {});
  Files files = pack({a});
  files["r.yaml"].replace(files["r.yaml"].find("30m"), 3, "25h");
  expect_issues("beyond retain", load(files).issues,
                {"r.yaml:8:42 error FS409 `retain` (1d) does not cover the sequence (1d1h)"});
}

TEST_CASE("what steps, lets, grades and messages may read") {
  struct Row {
    const char* name;
    Strings steps;
    std::string rest;
    Strings expected;
  };
  const std::string a = "as: x, from: a, by: id";
  const auto b = [](const std::string& when) {
    return "as: y, from: b, by: id, when: \"" + when + "\"";
  };
  const std::vector<Row> rows = {
      {"earlier steps", {a, b("state == x.grid && x.n > 1 && has(x.note)")}, "", {}},
      {"an unknown step", {a, b("state == z.grid")}, "", {"r.yaml:7:53 error FS502"}},
      {"a step not yet named",
       {"from: a, by: id, when: y.state == grid", b("true")},
       "",
       {"r.yaml:6:36 error FS502"}},
      {"itself", {a, b("y.state == 'x'")}, "", {"r.yaml:7:44 error FS502"}},
      {"an unknown field",
       {a, b("state == x.gird")},
       "",
       {"r.yaml:7:53 error FS502 unknown name `x.gird`"}},
      {"types", {a, b("state == x.n")}, "", {"r.yaml:7:50 error FS503"}},
      {"the event's own type", {a, b("grid == 'x'")}, "", {"r.yaml:7:44 error FS502"}},
      {"without has()",
       {a, b("state == x.note")},
       "",
       {"r.yaml:7:53 warning FS507 `x.note` may be missing"}},
      {"guarded", {a, b("has(x.note) && state == x.note")}, "", {}},
      {"guarded by the step itself",
       {a + ", when: has(note)", b("state == x.note")},
       "    let: { l: x.note }\n",
       {}},
      {"protected", {a, b("state == x.faith")}, "", {"r.yaml:7:53 error FS506"}},
      {"protected, of its own", {a + ", when: faith == 'x'"}, "", {"r.yaml:6:43 error FS506"}},
      {"lets",
       {a, b("true")},
       "    let: { m: x.n + 1, k: m * 2, l: \"y.state + x.box.size\" }\n",
       {"r.yaml:8:46 error FS503", "r.yaml:8:48 warning FS507"}},
      {"a let over the event",
       {a, b("true")},
       "    let: { m: state }\n",
       {"r.yaml:8:15 error FS502"}},
      {"a let over the envelope",
       {a, b("true")},
       "    let: { m: event.id }\n",
       {"r.yaml:8:15 error FS502 a sequence's `let`"}},
      {"a let over data",
       {a, b("true")},
       "    let: { m: data.state }\n",
       {"r.yaml:8:15 error FS502"}},
      {"an aggregate",
       {a, b("true")},
       "    let: { m: count() }\n",
       {"r.yaml:8:15 error FS510 a sequence has no aggregates"}},
      {"grades over the newest event",
       {a, b("true")},
       "    grade: { red: state == x.grid && event.time > timestamp('2026-01-01T00:00:00Z') }\n    "
       "message: \"{data.state} {x.n}\"\n",
       {}},
      {"the newest event is the last present one",
       {a, b("true"), "absent: true, from: a, by: id"},
       "    grade: { red: grid == 'x' }\n",
       {"r.yaml:9:19 error FS502"}},
      {"the step as a whole", {a}, "    message: \"{x}\"\n", {"r.yaml:7:16 error FS502"}},
      {"person",
       {a, b("true")},
       "    let: { c: x.caller }\n",
       {"r.yaml:8:15 error FS415 `x.caller` names a person", "r.yaml:8:15 warning FS507"}},
      {"an exception",
       {a, b("true")},
       "    except: [{ name: e, when: \"has(grid) && grid == 'x'\", owner: o, reason: r, until: "
       "2027-01-01 }]\n",
       {}},
      {"an exception over neither",
       {a, b("true")},
       "    except: [{ name: e, when: z == 'x', owner: o, reason: r, until: 2027-01-01 }]\n",
       {"r.yaml:8:31 error FS502"}},
  };
  for (const Row& row : rows) {
    expect_issues(row.name, load(pack(row.steps, row.rest)).issues, row.expected);
  }
}

TEST_CASE("a sequence compiled: two parts of `when`, and the row of a match") {
  const auto rule = only_rule(
      pack({"as: x, from: a, by: id, when: n > 1",
            "from: b, by: id, times: 2, when: \"state != 'q' && (state == x.grid && has(cell))\"",
            "absent: true, from: a, by: { i: id }, when: n > x.n"},
           "    let: { g: x.grid }\n    grade: { red: state == g, blue: x.n > 3 }\n    message: "
           "\"{event.id}\"\n"));
  REQUIRE(rule->sequence);
  const Sequence& sequence = *rule->sequence;
  CHECK(sequence.within == std::chrono::minutes(30));
  CHECK(rule->quiet == std::chrono::minutes(30));
  CHECK(rule->order == Order::Time);
  CHECK(rule->group_names == Strings{"id"});
  REQUIRE(sequence.steps.size() == 3);
  CHECK(sequence.steps[0].name == "x");
  CHECK(sequence.steps[1].times == 2);
  CHECK(sequence.steps[2].absent);
  CHECK(!sequence.steps[0].condition);
  REQUIRE(rule->sources.size() == 3);
  CHECK(rule->sources[0].when->text() == "n > 1");
  CHECK(!rule->sources[2].when);

  // x.grid, x.n; of the newest event event.id, state; its area.
  CHECK(rule->captures == 5);
  CHECK(rule->capture_keys.size() == 5);
  CHECK(rule->area_capture == 4);
  CHECK(sequence.row_size == 6);
  CHECK(texts(rule->sources[0].captures) == Strings{"grid", "n"});
  CHECK(rule->sources[0].capture_slots == std::vector<int>{0, 1});
  CHECK(texts(rule->sources[1].captures) == Strings{"event.id", "state", "area", "state"});
  CHECK(rule->sources[1].capture_slots == std::vector<int>{2, 3, 4, 5});
  CHECK(texts(rule->sources[2].captures) == Strings{"n"});
  CHECK(rule->sources[2].capture_slots == std::vector<int>{5});

  std::vector<cel::Value> row(sequence.row_size);
  row[0] = cel::Value::string("here");
  row[1] = cel::Value::integer(7);
  row[5] = cel::Value::string("here");
  CHECK(sequence.steps[1].condition->evaluate({}, row).is_true());
  row[5] = cel::Value::string("there");
  CHECK(!sequence.steps[1].condition->evaluate({}, row).is_true());
  row[5] = cel::Value::integer(8);
  CHECK(sequence.steps[2].condition->evaluate({}, row).is_true());
  row.resize(rule->row_size());
  row[3] = cel::Value::string("s");
  row[rule->first_let()] = cel::Value::string("s");
  CHECK(rule->grades[0].second->evaluate({}, row).is_true());
  CHECK(rule->grades[1].second->evaluate({}, row).is_true());

  // What of `when` reads the event alone decides before the log.
  std::vector<cel::Value> slots(32, cel::Value::missing());
  const event::EventType& b = *rule->sources[1].type;
  const auto decide = [&](const char* state, bool has_cell) {
    slots[static_cast<size_t>(b.find("state")->slot)] = cel::Value::string(state);
    slots[static_cast<size_t>(b.find("cell")->slot)] =
        has_cell ? cel::Value::string("c") : cel::Value::missing();
    return rule->sources[1].when->evaluate({}, slots).is_true();
  };
  CHECK(decide("p", true));
  CHECK(!decide("p", false));
  CHECK(!decide("q", true));
}

TEST_CASE("each step has the token of the rule's own purpose") {
  const auto rule = only_rule(pack({"as: x, from: a, by: caller, when: has(caller)",
                                    "from: b, by: caller, when: has(caller) && caller == x.caller"},
                                   "", "id: fraud, "));
  CHECK(rule->group_names_person == std::vector<bool>{true});
  CHECK(rule->capture_keys[0].ends_with(" fraud"));
  std::vector<cel::Value> slots(32, cel::Value::missing());
  const event::EventType& b = *rule->sources[1].type;
  slots[static_cast<size_t>(b.find("caller")->slot)] =
      cel::Value::map({{cel::Value::string("fraud"), cel::Value::string("p1.f")}});
  CHECK(rule->sources[1].by[0].evaluate({}, slots).as_string() == "p1.f");
  expect_issues("another purpose",
                load(pack({"as: x, from: a, by: caller"}, "", "id: theft, ")).issues,
                {"r.yaml:6:33 error FS416"});
}

TEST_CASE("a sequence's version") {
  const std::string first = "as: x, from: a, by: id",
                    second = "from: b, by: id, when: state == x.grid";
  const auto version = [](const Strings& steps, const std::string& rest = "") {
    return only_rule(pack(steps, rest))->version;
  };
  const std::string base = version({first, second});
  CHECK(version({first, second},
                "    let: { l: x.n }\n    grade: blue\n    message: \"{x.n}\"\n    quiet: 2m\n    "
                "order: time\n") == base);
  CHECK(version({first, "from: b, by: id, when: ((state) == x.grid)"}) == base);
  CHECK(version({first, "from: b, by: id, when: state != x.grid"}) != base);
  CHECK(version({"as: y, from: a, by: id", "from: b, by: id, when: state == y.grid"}) != base);
  CHECK(version({first + ", times: 2", second}) != base);
  CHECK(version({first, "absent: true, " + second}) != base);
  CHECK(version({first, "from: b, by: state, when: state == x.grid"}) != base);
  Files files = pack({first, second});
  files["r.yaml"].replace(files["r.yaml"].find("30m"), 3, "31m");
  CHECK(only_rule(files)->version != base);
}

}  // namespace
}  // namespace fengsui::rules
