// Unit tests of rules: what passes, what fails, and how a failure reads.
#include <doctest/doctest.h>

#include "author/test_junit.h"
#include "author/test_report.h"
#include "author/test_run.h"
#include "pack_fixture.h"

namespace fengsui::author {
namespace {

const char* const kBurst = R"(    by: outlet
    when: ok
    window: { sliding: 1h }
    let: { n: count(), sum: sum(weight), people: distinct(sender), mean: sum / 3.0 }
    grade: { red: n >= 4, yellow: n >= 2 }
    message: "{n} in {outlet}"
    labels: { department: post }
)";

struct Ran {
  rules::LoadedPack pack;
  std::unique_ptr<TestBench> bench;
  std::vector<TestResult> results;
};

// `tests`: list items of tests/a.yaml.
Ran run(const std::string& tests, const std::string& rule = kBurst) {
  rules::Files files = rules::pack_with_rule(rule);
  files["tests/a.yaml"] = "tests:\n" + tests;
  Ran ran{.pack = rules::load(files), .bench = nullptr, .results = {}};
  for (const rules::Issue& issue : ran.pack.issues) {
    CHECK_MESSAGE(issue.severity == rules::Severity::Warning, issue.message);
  }
  REQUIRE(ran.pack.rules);
  ran.bench = std::make_unique<TestBench>(*ran.pack.rules);
  for (const rules::TestSpec& test : ran.pack.tests) ran.results.push_back(ran.bench->run(test));
  return ran;
}

std::string event(const std::string& at, const std::string& data, const std::string& more = "") {
  return "      - { at: " + at + ", type: t.parcel" + more + ", data: { outlet: x, ok: true" +
         data + " } }\n";
}

std::string test(const std::string& events, const std::string& rest) {
  return "  - name: t\n    events:\n" + events + rest;
}

struct Case {
  const char* name;
  std::string events, rest;
  bool passes;
};

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Ran ran = run(test(c.events, c.rest));
    REQUIRE(ran.results.size() == 1);
    CHECK_MESSAGE(ran.results[0].passed == c.passes,
                  failure_text(ran.results[0], ran.bench->rules()));
  }
}

TEST_CASE("what a test says, and what fails it") {
  const std::string two = event("0", ", weight: 1") + event("59m59s999ms", ", weight: 2");
  const std::string open = "    expect:\n      - { rule: r, kind: open, at: 59m59s999ms";
  check({
      {"fields that are given count", two, open + ", grade: yellow, values: { n: 2 } }\n", true},
      {"another grade", two, open + ", grade: red }\n", false},
      {"another kind", two, "    expect:\n      - { rule: r, kind: raise }\n", false},
      {"another time", two, "    expect:\n      - { rule: r, at: 1h }\n", false},
      {"a value", two, open + ", values: { n: 3 } }\n", false},
      {"int and double by value", two, open + ", values: { sum: 3 } }\n", true},
      {"to the ninth digit", two, open + ", values: { mean: 1.0000000001 } }\n", true},
      {"not to the eighth", two, open + ", values: { mean: 1.00000001 } }\n", false},
      {"group", two, open + ", group: { outlet: x } }\n", true},
      {"another group", two, open + ", group: { outlet: y } }\n", false},
      {"evidence in order", two, open + ", evidence: [ test#e1, test#e2 ] }\n", true},
      {"evidence in another order", two, open + ", evidence: [ test#e2, test#e1 ] }\n", false},
      {"message", two, open + ", message: 2 in x }\n", true},
      {"another message", two, open + ", message: 2 in y }\n", false},
      {"labels", two, open + ", labels: { department: post } }\n", true},
      {"area where there is none", two, open + ", area: null }\n", true},
      {"area", two, open + ", area: '1' }\n", false},
      {"a value that is left out", event("0", "") + event("1m", ""),
       "    expect:\n      - { rule: r, values: { people: 0 } }\n", true},
      {"a window apart", event("0", "") + event("1h", ""), "    never: [ r ]\n", true},
      {"just inside it", event("0", "") + event("59m59s999ms", ""), "    never: [ r ]\n", false},
      {"all records are listed", two, "    expect:\n      - { rule: r }\n    flush: true\n", false},
      {"without flush time stands still", two, "    expect:\n      - { rule: r }\n", true},
      {"with it the alert clears", two,
       open +
           " }\n      - { rule: r, kind: clear, at: 1h59m59s999ms, hits: 1, opened: 59m59s999ms, "
           "last: 59m59s999ms }\n    flush: true\n",
       true},
      {"a record too many", two, open + " }\n      - { rule: r, kind: raise }\n", false},
      {"rules that are not named are not looked at", two, "    expect: []\n", true},
  });
}

TEST_CASE("events of a test: what is checked of them, and what becomes of them") {
  const std::string silent = "    never: [ r ]\n";
  check({
      {"required fields may be left out", event("0", ""), silent, true},
      {"types are checked", event("0", ", weight: heavy"), silent, false},
      {"limits are checked", event("0", ", weight: -1"), silent, false},
      {"an int is a number", event("0", ", weight: 1"), silent, true},
      {"a number is no text", event("0", ", note: 1"), silent, false},
      {"unless it is quoted", event("0", ", note: '1'"), silent, true},
      {"a dead letter that is meant", event("0", ", weight: -1", ", outcome: dead_letter"), silent,
       true},
      {"a dead letter that does not come", event("0", "", ", outcome: dead_letter"), silent, false},
      {"the same id is a duplicate", event("0", "", ", id: a") + event("1m", "", ", id: a"), silent,
       true},
      {"of another source it is not",
       event("0", "", ", id: a") + event("1m", "", ", id: a, source: b"), silent, false},
      {"a duplicate that is not meant",
       event("0", "", ", id: a") + event("1m", "", ", id: a, outcome: processed"), silent, false},
      {"late without out_of_orderness", event("1m", "") + event("0", ""), silent, true},
      {"out_of_orderness", event("1m", "") + event("0", ""), silent + "    out_of_orderness: 1m\n",
       false},
      {"late events are left out", event("1m", "") + event("0", "") + event("2m", ""),
       "    expect:\n      - { rule: r, at: 2m, values: { n: 2 } }\n", true},
      {"allowed_lateness", event("1m", "") + event("0", "") + event("2m", ""),
       "    expect:\n      - { rule: r, at: 2m, values: { n: 3 } }\n    allowed_lateness: 1m\n",
       true},
      {"a plain string is a person", event("0", ", sender: A") + event("1m", ", sender: A"),
       "    expect:\n      - { rule: r, values: { people: 1 } }\n", true},
      {"another string is another", event("0", ", sender: A") + event("1m", ", sender: B"),
       "    expect:\n      - { rule: r, values: { people: 2 } }\n", true},
      {"tokens by purpose",
       event("0", ", sender: { fraud: A, theft: B }") + event("1m", ", sender: A"),
       "    expect:\n      - { rule: r, values: { people: 1 } }\n", true},
      {"a token of another purpose alone",
       event("0", ", sender: { theft: B }") + event("1m", ", sender: A"),
       "    expect:\n      - { rule: r, values: { people: 1 } }\n", true},
      {"a number names nobody", event("0", ", sender: 5"), silent, false},
  });
}

TEST_CASE("a plain string in an identity field meets the schema's words") {
  for (const auto& [text, outcome] :
       std::vector<std::pair<std::string, std::string>>{{"abcd", "processed"},
                                                        {"abcde", "dead_letter"},
                                                        {"烽燧烽燧", "processed"},
                                                        {"abc1", "dead_letter"}}) {
    CAPTURE(text);
    rules::Files files;
    files["schemas/s.yaml"] =
        "event: t\nproperties:\n  who: { type: string, x-identity: true, maxLength: 4, pattern: "
        "'^[^0-9]*$' }\n";
    files["r.yaml"] =
        "rules:\n  - { id: r, from: t, by: who, grade: blue, purpose: { id: p, use: u, basis: b, "
        "retain: 1d } }\n";
    files["tests/a.yaml"] =
        "tests:\n  - name: t\n    events: [ { at: 0, type: t, data: { who: " + text +
        " }, outcome: " + outcome + " } ]\n    expect:" +
        (outcome == "processed" ? " [ { rule: r, group: { who: " + text + " } } ]" : " []") + "\n";
    const rules::LoadedPack pack = rules::load(files);
    REQUIRE(pack.rules);
    const TestBench bench(*pack.rules);
    const TestResult result = bench.run(pack.tests.at(0));
    CHECK_MESSAGE(result.passed, failure_text(result, bench.rules()));
  }
}

TEST_CASE("a failure: expected and got side by side") {
  const Ran ran =
      run("  - name: 一小时内三件\n    flush: true\n    events:\n" + event("0", ", weight: 1") +
          event("30m", ", weight: 2") + event("20m", "") + event("40m", ", weight: -1") +
          event("50m", "") + event("51m", "") +
          "    expect:\n"
          "      - { at: 30m, rule: r, kind: open, grade: yellow, values: { n: 2, sum: 4 } }\n"
          "      - { at: 40m, rule: r, kind: raise, grade: red }\n"
          "      - { at: 51m, rule: r, kind: raise, grade: red, values: { n: 4 } }\n");
  CHECK(failure_text(ran.results.at(0), ran.bench->rules()) ==
        R"(FAIL tests/a.yaml:2:5 一小时内三件
     expected           got
  ~  30m r open yellow  30m r open yellow
       values.n: 2        values.n: 2
  ~    values.sum: 4      values.sum: 3.0
  -  40m r raise red    (nothing)
  =  51m r raise red    51m r raise red
  +  (nothing)          1h51m r clear red
                          group.outlet: "x"
                          hits: 3
    event 3 (line 7) ended as late: time is behind the watermark by more than 0
  ~ event 4 (line 8) ended as dead_letter: data.weight is below its minimum
)");
  CHECK(tests_summary(ran.results) == "1 test, 0 passed, 1 failed");
}

TEST_CASE("JUnit: a suite a file, escaped") {
  const Ran ran = run("  - name: 'a <b> & \"c\"'\n    events:\n" + event("0", "") +
                      "    never: [ r ]\n  - name: fails\n    events:\n" + event("0", "") +
                      event("1m", "") + "    never: [ r ]\n");
  CHECK(
      as_junit(ran.results, ran.bench->rules(),
               {std::chrono::microseconds{1500}, std::chrono::seconds{2}},
               {{"coverage.r", "1 < 2"}}) ==
      R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="fengsui rules test" tests="2" failures="1" errors="0" time="2.001500">
  <testsuite name="coverage" tests="0" failures="0" errors="0" time="0.000000">
    <properties>
      <property name="coverage.r" value="1 &lt; 2"/>
    </properties>
  </testsuite>
  <testsuite name="tests/a.yaml" tests="2" failures="1" errors="0" time="2.001500">
)"
      R"(    <testcase classname="tests/a.yaml" name="a &lt;b&gt; &amp; &quot;c&quot;")"
      R"( file="tests/a.yaml" line="2" time="0.001500"/>
)"
      R"(    <testcase classname="tests/a.yaml" name="fails" file="tests/a.yaml" line="6")"
      R"( time="2.000000">
)"
      R"(      <failure message="a record that was not expected">FAIL tests/a.yaml:6:5 fails&#10;)"
      "     expected   got&#10;  +  (nothing)  1m r open yellow&#10;"
      "                  group.outlet: &quot;x&quot;&#10;"
      "                  values.n: 2&#10;                  values.sum: 0.0&#10;"
      "                  values.people: 0&#10;                  values.mean: 0.0&#10;"
      R"(                  evidence: [&quot;test#e1&quot;,&quot;test#e2&quot;]&#10;</failure>
    </testcase>
  </testsuite>
</testsuites>
)");
}

}  // namespace
}  // namespace fengsui::author
