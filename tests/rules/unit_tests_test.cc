// tests/*.yaml as a pack's load reads them: findings, and what is made of a good one.
#include <doctest/doctest.h>

#include "pack_fixture.h"

namespace fengsui::rules {
namespace {

// `test`: the keys of the one test in tests/a.yaml, indented by four, from line 3 on.
Files pack_with_test(const std::string& test) {
  Files files = pack_with_rule(
      "    by: outlet\n    window: { sliding: 1h }\n    let: { n: count() }\n"
      "    labels: { department: post }\n");
  files["tests/a.yaml"] = "tests:\n  - name: one\n" + test;
  return files;
}

const std::string kEvent = "    events: [ { at: 1m, type: t.parcel } ]\n";

struct Case {
  const char* name;
  std::string test;
  std::vector<std::string> expected;
};

void run(const std::vector<Case>& cases) {
  for (const Case& c : cases)
    expect_issues(c.name, load(pack_with_test(c.test)).issues, c.expected);
}

TEST_CASE("findings about tests: names") {
  run({
      {"all is well",
       "    events: [ { at: 0, type: t.parcel, id: a, source: s, outcome: processed, data: { "
       "outlet: "
       "x, place: { lat: 1 } } } ]\n"
       "    expect: [ { at: 1h, rule: r, kind: open, grade: blue, group: { outlet: x }, values: { "
       "n: "
       "1 }, labels: { department: post }, area: null, evidence: [ s#a ], hits: 1, opened: 0, "
       "last: "
       "5m, message: m, alert: x } ]\n    flush: true\n    out_of_orderness: 5s\n"
       "    allowed_lateness: 0\n",
       {}},
      {"a rule that is not there",
       kEvent + "    expect: [ { rule: rr } ]\n    never: [ r, q ]\n",
       {"tests/a.yaml:4:23 error FS701 no rule has the id `rr`",
        "tests/a.yaml:5:17 error FS701 no rule has the id `q`"}},
      {"a type that is not there",
       "    events: [ { at: 1m, type: t.parcl } ]\n    never: [ r ]\n",
       {"tests/a.yaml:3:31 error FS702"}},
      {"the engine's own type",
       "    events: [ { at: 1m, type: alert } ]\n    never: [ r ]\n",
       {"tests/a.yaml:3:31 error FS702"}},
      {"fields that the schema does not have",
       "    events: [ { at: 1m, type: t.parcel, data: { outlt: x, place: { lat: 1, long: 2 }, "
       "sender: "
       "{ fraud: a } } } ]\n    never: [ r ]\n",
       {"tests/a.yaml:3:49 warning FS703 `t.parcel` has no field `outlt`",
        "tests/a.yaml:3:76 warning FS703 `t.parcel` has no field `long`"}},
      {"names that no record has",
       kEvent + "    expect: [ { rule: r, values: { m: 1 }, group: { outlt: x }, labels: { dept: x "
                "} } ]\n",
       {"tests/a.yaml:4:36 error FS706 `values` of `r` has no `m`",
        "tests/a.yaml:4:53 error FS706 `group` of `r` has no `outlt`",
        "tests/a.yaml:4:75 error FS706 `labels` of `r` has no `dept`"}},
      {"expected and forbidden",
       kEvent + "    expect: [ { rule: r } ]\n    never: [ r ]\n",
       {"tests/a.yaml:5:14 error FS707"}},
  });
  Files disabled = pack_with_test(kEvent + "    never: [ r ]\n");
  disabled["r.yaml"] = rule_file("    mode: disabled\n");
  expect_issues("disabled", load(disabled).issues, {"tests/a.yaml:4:14 warning FS708"});
  disabled["r.yaml"] = rule_file("    mode: shadow\n");
  expect_issues("shadow", load(disabled).issues, {});
}

TEST_CASE("findings about tests: form") {
  run({
      {"unknown keys",
       "    event: []\n    events: [ { at: 1m, type: t.parcel, date: {} } ]\n    never: [ r ]\n"
       "    expect: [ { rule: r, grad: blue } ]\n",
       {"tests/a.yaml:3:5 error FS109 a test has no `event`",
        "tests/a.yaml:4:41 error FS109 an event of a test has no `date`",
        "tests/a.yaml:5:14 error FS707",
        "tests/a.yaml:6:26 error FS109 an expected record has no `grad`"}},
      {"keys that are not there",
       "    events: [ {} ]\n    expect: [ {} ]\n",
       {"tests/a.yaml:3:15 error FS110 an event of a test needs `at`",
        "tests/a.yaml:3:15 error FS110 an event of a test needs `type`",
        "tests/a.yaml:4:15 error FS110 an expected record needs `rule`"}},
      {"no events at all", "    never: [ r ]\n", {"tests/a.yaml:2:5 error FS110"}},
      {"other kinds than it takes",
       "    events: [ { at: [], type: t.parcel, data: [] } ]\n    never: r\n    flush: yes\n"
       "    expect: [ { rule: r, values: 3, evidence: x, hits: 1.5 } ]\n",
       {"tests/a.yaml:3:21 error FS108", "tests/a.yaml:3:47 error FS108",
        "tests/a.yaml:4:12 error FS108", "tests/a.yaml:5:12 error FS108",
        "tests/a.yaml:6:34 error FS108", "tests/a.yaml:6:47 error FS108",
        "tests/a.yaml:6:56 error FS108"}},
      {"times",
       "    events: [ { at: 1 minute, type: t.parcel }, { at: 70000d, type: t.parcel } ]\n"
       "    never: [ r ]\n    allowed_lateness: soon\n",
       {"tests/a.yaml:3:21 error FS407", "tests/a.yaml:3:55 error FS704",
        "tests/a.yaml:5:23 error FS407"}},
      {"the last instant of 2199",
       "    events: [ { at: 63552d7h59m59s999ms, type: t.parcel } ]\n    never: [ r ]\n",
       {}},
      {"events again and again",
       "    events:\n      - { at: 0, type: t.parcel, times: 0, every: 1m }\n"
       "      - { at: 0, type: t.parcel, times: 100001, every: 1m }\n"
       "      - { at: 0, type: t.parcel, times: many, every: 1m }\n"
       "      - { at: 0, type: t.parcel, times: 2 }\n"
       "      - { at: 0, type: t.parcel, times: 2, every: now }\n"
       "      - { at: 0, type: t.parcel, every: 1m }\n"
       "      - { at: 63552d, type: t.parcel, times: 2, every: 1d }\n    never: [ r ]\n",
       {"tests/a.yaml:4:41 error FS108 `times` is a whole number from 1 to 100000",
        "tests/a.yaml:5:41 error FS108", "tests/a.yaml:6:41 error FS108",
        "tests/a.yaml:7:9 error FS110 an event with `times` needs `every`",
        "tests/a.yaml:8:51 error FS407", "tests/a.yaml:9:41 error FS109",
        "tests/a.yaml:10:56 error FS704"}},
      {"words",
       "    events: [ { at: 1m, type: t.parcel, outcome: lost } ]\n"
       "    expect: [ { rule: r, kind: opn, grade: none } ]\n",
       {"tests/a.yaml:3:50 error FS705 `outcome` is none of",
        "tests/a.yaml:4:32 error FS705 `kind`", "tests/a.yaml:4:44 error FS705 `grade`"}},
      {"tests that cannot fail",
       "    events: []\n",
       {"tests/a.yaml:2:5 warning FS709 a test that expects nothing",
        "tests/a.yaml:3:13 warning FS709 a test without events"}},
      {"an outcome alone can fail",
       "    events: [ { at: 0, type: t.parcel, outcome: processed } ]\n",
       {}},
      {"a name twice",
       kEvent + "    never: [ r ]\n  - name: one\n    events: [ { at: 1m, type: t.parcel } ]\n"
                "    never: [ r ]\n  - name: two\n    events: [ { at: 1m, type: t.parcel } ]\n    "
                "never: [ r ]\n",
       {"tests/a.yaml:5:11 error FS710 the test `one` stands twice"}},
  });
}

TEST_CASE("what a test is read as") {
  Files files = pack_with_test(
      "    events:\n"
      "      - { at: 90s, type: t.parcel, data: { outlet: x, weight: 1.0, pieces: 3, ok: true, "
      "note: "
      "'1', tags: [a, null], more: 1e30 } }\n"
      "      - { at: 0, type: t.parcel, id: e3 }\n"
      "      - { at: 0, type: t.parcel }\n"
      "    expect:\n      - { at: 1h, rule: r, opened: 90s }\n    never: []\n");
  files["pack.yaml"] = "timezone: America/New_York\n";
  const LoadedPack loaded = load(files);
  REQUIRE(loaded.tests.size() == 1);
  const TestSpec& test = loaded.tests[0];
  CHECK(test.name == "one");
  CHECK(test.place.file == "tests/a.yaml");
  CHECK(test.place.line == 2);
  CHECK(format_event_time(test.start) == "2026-01-01T05:00:00.000Z");
  REQUIRE(test.events.size() == 3);
  CHECK(format_event_time(test.events[0].time) == "2026-01-01T05:01:30.000Z");
  CHECK(test.events[0].id == "e1");
  CHECK(test.events[1].id == "e3");
  CHECK(test.events[2].id == "e3_");  // not that of another event
  std::string data;
  cel::append_json(data, test.events[0].data);
  CHECK(data == R"({"outlet":"x","weight":1.0,"pieces":3,"ok":true,"note":"1",)"
                R"("tags":["a",null],"more":1e+30})");
  REQUIRE(test.expected.size() == 1);
  REQUIRE(test.expected[0].fields.size() == 2);
  CHECK(test.expected[0].fields[0].first == "time");
  CHECK(test.expected[0].fields[0].second.as_string() == "2026-01-01T06:00:00.000Z");
  CHECK(test.expected[0].fields[1].second.as_string() == "2026-01-01T05:01:30.000Z");
  CHECK(test.rules() == std::vector<std::string>{"r"});
}

TEST_CASE("an event with times stands for as many") {
  const LoadedPack loaded = load(pack_with_test(
      "    events:\n"
      "      - { at: 1m, times: 3, every: 30s, type: t.parcel, data: { outlet: 'x{n}-{n}', tags: "
      "['{n}'], pieces: 3 } }\n"
      "      - { at: 3m, type: t.parcel, data: { outlet: '{n}' } }\n    never: [ r ]\n"));
  REQUIRE_MESSAGE(loaded.tests.size() == 1, as_text(loaded.issues));
  const TestSpec& test = loaded.tests[0];
  std::vector<std::string> read;
  for (const TestEvent& event : test.events) {
    std::string& text = read.emplace_back(event.id + " " + format_event_time(event.time) + " ");
    cel::append_json(text, event.data);
  }
  CHECK(read == std::vector<std::string>{
                    R"(e1 2025-12-31T16:01:00.000Z {"outlet":"x1-1","tags":["1"],"pieces":3})",
                    R"(e2 2025-12-31T16:01:30.000Z {"outlet":"x2-2","tags":["2"],"pieces":3})",
                    R"(e3 2025-12-31T16:02:00.000Z {"outlet":"x3-3","tags":["3"],"pieces":3})",
                    R"(e4 2025-12-31T16:03:00.000Z {"outlet":"{n}"})"});
}

}  // namespace
}  // namespace fengsui::rules
