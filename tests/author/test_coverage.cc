// Coverage: what of a rule the unit tests reached.
#include <doctest/doctest.h>

#include "author/coverage.h"
#include "author/test_run.h"
#include "pack_fixture.h"

namespace fengsui::author {
namespace {

const char* const kRule = R"(    by: outlet
    when: ok && (item == 'a' || pieces > 2)
    window: { sliding: 1h }
    let: { n: count(), heavy: max(weight) }
    grade: { red: heavy > 5.0 || n >= 3, blue: n >= 2 }
    message: "{n} of {outlet}, {note}"
)";

std::string covered(const std::string& rule, const std::vector<std::string>& events,
                    std::vector<std::pair<std::string, std::string>>* properties = nullptr) {
  rules::Files files = rules::pack_with_rule(rule);
  std::string test = "tests:\n  - name: t\n    never: [ r ]\n    events:\n";
  for (size_t i = 0; i < events.size(); ++i) {
    test += "      - { at: " + std::to_string(i) + "m, type: t.parcel, data: { outlet: x" +
            (events[i].empty() ? "" : ", ") + events[i] + " } }\n";
  }
  files["tests/a.yaml"] = test;
  const rules::LoadedPack pack = rules::load(files);
  REQUIRE(pack.rules);
  const TestBench bench(*pack.rules);
  Coverage coverage(bench.rules());
  bench.run(pack.tests.at(0), {&coverage, &coverage});
  if (properties != nullptr) *properties = as_properties(coverage.result());
  return as_text(coverage.result());
}

TEST_CASE("what no test reached is named") {
  CHECK(covered(kRule, {""}) == R"(r: 0 of 22 reached
  from t.parcel: no event of it counted
  when: `ok` erred and was never true
  when: `ok` erred and was never false
  when: `item == 'a'` erred and was never true
  when: `item == 'a'` erred and was never false
  when: `pieces > 2` erred and was never true
  when: `pieces > 2` erred and was never false
  when: `ok && (item == 'a' || pieces > 2)` erred and was never true
  when: `ok && (item == 'a' || pieces > 2)` erred and was never false
  let n: never had a value
  let heavy: never had a value
  grade red: never reached
  grade red: `heavy > 5.0` was never true
  grade red: `heavy > 5.0` was never false
  grade red: `n >= 3` was never true
  grade red: `n >= 3` was never false
  grade red: `heavy > 5.0 || n >= 3` was never false
  grade blue: never reached
  grade blue: `n >= 2` was never false
  message: `{n}` was never printed with a value
  message: `{outlet}` was never printed with a value
  message: `{note}` was never printed with a value
coverage: 0 of 22 reached (0 %)
)");
}

TEST_CASE("what is reached is not") {
  const std::string a = "ok: true, item: a, weight: 1, pieces: 1";
  std::vector<std::pair<std::string, std::string>> properties;
  CHECK(covered(kRule, {"ok: false", a, a, "ok: true, item: b, pieces: 3, weight: 1"},
                &properties) == R"(r: 19 of 22 reached
  when: `pieces > 2` was never false
  grade red: `heavy > 5.0` was never true
  message: `{note}` was never printed with a value
coverage: 19 of 22 reached (86 %)
)");
  CHECK(
      properties ==
      std::vector<std::pair<std::string, std::string>>{
          {"coverage.r", "19 of 22"},
          {"coverage.r.never",
           "when: `pieces > 2` was never false; grade red: `heavy > 5.0` was never true; message: "
           "`{note}` was never printed with a value"}});
  CHECK(covered(kRule, {"ok: false", "ok: true, item: b, pieces: 2", a, a + ", note: x", a,
                        "ok: true, item: b, pieces: 3, weight: 6"}) ==
        "r: 22 of 22 reached\ncoverage: 22 of 22 reached (100 %)\n");
}

TEST_CASE("rules without conditions, disabled ones, ones in shadow") {
  CHECK(covered("", {""}) == "r: 2 of 2 reached\ncoverage: 2 of 2 reached (100 %)\n");
  CHECK(covered("    mode: disabled\n", {""}) == "coverage: 0 of 0 reached (100 %)\n");
  CHECK(covered("    mode: shadow\n    message: '{outlet}'\n", {""}) ==
        "r: 3 of 3 reached\ncoverage: 3 of 3 reached (100 %)\n");
}

}  // namespace
}  // namespace fengsui::author
