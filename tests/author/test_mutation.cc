// Mutants of rules: which there are, where they stand, and which of them tests notice.
#include <doctest/doctest.h>

#include "author/condition_mutants.h"
#include "author/mutation.h"
#include "pack_fixture.h"

namespace fengsui::author {
namespace {

// What an expression becomes, a line each.
std::vector<std::string> variants(const std::string& text, Place place = Place::Condition) {
  std::vector<std::string> out;
  for (const ConditionMutant& mutant : condition_mutants(text, place)) {
    std::string with = mutant.text;
    const size_t kept = with.find('$');
    if (kept != std::string::npos) {
      with.replace(kept, 1, text.substr(mutant.offset, mutant.end - mutant.offset));
    }
    std::string variant = text;
    out.push_back(variant.replace(mutant.offset, mutant.end - mutant.offset, with));
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST_CASE("mutants of a condition") {
  CHECK(variants("ok") == Lines{"(ok) == false"});
  CHECK(variants("n >= 3") == Lines{"(n >= 3) == false", "n > 3", "n >= 2", "n >= 4"});
  CHECK(variants("n < 3u") == Lines{"(n < 3u) == false", "n <= 3u", "n < 2u", "n < 4u"});
  CHECK(variants("n <= 0u") == Lines{"(n <= 0u) == false", "n < 0u", "n <= 1u"});
  CHECK(variants("n > 0") == Lines{"(n > 0) == false", "n >= 0", "n > -1", "n > 1"});
  CHECK(variants("n == -1") == Lines{"(n == -1) == false", "n == -2", "n == 0"});
  // The last digit that is written.
  CHECK(variants("x > 2.50") == Lines{"(x > 2.50) == false", "x >= 2.50", "x > 2.49", "x > 2.51"});
  CHECK(variants("x > 0.0") == Lines{"(x > 0.0) == false", "x >= 0.0", "x > -0.1", "x > 0.1"});
  CHECK(variants("x > 9.9") == Lines{"(x > 9.9) == false", "x >= 9.9", "x > 9.8", "x > 10.0"});
  CHECK(variants("x > 1e3") == Lines{"(x > 1e3) == false", "x >= 1e3"});
  // Through arithmetic, not into calls.
  CHECK(variants("x > 2 * (m + 1)") == Lines{"(x > 2 * (m + 1)) == false", "x >= 2 * (m + 1)",
                                             "x > 1 * (m + 1)", "x > 3 * (m + 1)",
                                             "x > 2 * (m + 0)", "x > 2 * (m + 2)"});
  CHECK(variants("size(s.substring(3)) > k") ==
        Lines{"(size(s.substring(3)) > k) == false", "size(s.substring(3)) >= k"});
  CHECK(variants("a && (b || c)") ==
        Lines{"true && (b || c)", "(a) == false && (b || c)", "a && true", "a && (false || c)",
              "a && ((b) == false || c)", "a && (b || false)", "a && (b || (c) == false)"});
  CHECK(variants("a ? b : c") ==
        Lines{"(a) == false ? b : c", "a ? (b) == false : c", "a ? b : (c) == false"});
  CHECK(variants("!has(x)") == Lines{"(!has(x)) == false"});
  CHECK(variants("l.exists(i, i > 1)") == Lines{"(l.exists(i, i > 1)) == false",
                                                "l.exists(i, i >= 1)", "l.exists(i, i > 0)",
                                                "l.exists(i, i > 2)"});
  CHECK(variants("true").empty());
  CHECK(variants("a &&").empty());
  CHECK(variants("x > 0x10") == Lines{"(x > 0x10) == false", "x >= 0x10"});
}

TEST_CASE("mutants of a let") {
  CHECK(variants("count()", Place::Let).empty());
  CHECK(variants("sum(weight)", Place::Let).empty());
  CHECK(variants("count(ok)", Place::Let) == Lines{"count((ok) == false)"});
  CHECK(variants("sum(weight, ok && deep)", Place::Let) ==
        Lines{"sum(weight, true && deep)", "sum(weight, (ok) == false && deep)",
              "sum(weight, ok && true)", "sum(weight, ok && (deep) == false)"});
  CHECK(variants("percentile(x, 95)", Place::Let).empty());
  CHECK(variants("a / b > 2", Place::Let) == Lines{"a / b >= 2", "a / b > 1", "a / b > 3"});
}

// "line:column change" of each mutant of a pack's rule.
std::string changes(const rules::Files& files) {
  std::string out;
  for (const Mutant& mutant : mutants_of(files)) {
    out += std::to_string(mutant.place.line) + ":" + std::to_string(mutant.place.column) + " " +
           mutant.change + "\n";
  }
  return out;
}

TEST_CASE("mutants of a rule, with their places") {
  CHECK(changes(rules::pack_with_rule(R"(    when: "item == \"a\" && ok"
    by: outlet
    window: { sliding: 1h }
    let: { n: 'count(item == ''b'')' }
    grade: { red: n >= 3, blue: ok }
    quiet: 90s
)")) == R"(4:12 `item == "a"` becomes `true`
4:12 `item == "a"` is negated
4:29 `ok` becomes `true`
4:29 `ok` is negated
6:24 `sliding: 1h` becomes `sliding: 30m`
6:24 `sliding: 1h` becomes `sliding: 2h`
7:22 `item == 'b'` is negated
8:19 grade `red` never holds
8:19 `n >= 3` is negated
8:21 `n >= 3` becomes `n > 3`
8:24 `n >= 3` becomes `n >= 2`
8:24 `n >= 3` becomes `n >= 4`
8:33 grade `blue` never holds
8:33 `ok` is negated
9:12 `quiet: 90s` becomes `quiet: 45s`
9:12 `quiet: 90s` becomes `quiet: 3m`
)");
  CHECK(changes(rules::pack_with_rule("    mode: disabled\n    when: ok\n")).empty());
}

TEST_CASE("a mutant changes its own bytes alone, and is a rule again") {
  // Quotes, escapes, folded and block scalars, characters of several bytes, a byte-order mark.
  rules::Files files = rules::pack_with_rule(R"(    when: "item == \"危\" && ok"
    by: outlet
    window: { tumbling: 1h }
    let:
      n: count()
      m: 'count(item == ''煤'')'
    grade:
      red: >-
        n >= 3 ||
        m > 1
      blue: |-
        n > 1 &&
        ok
    quiet: 90s
)");
  files["r.yaml"] = "\xef\xbb\xbf" + files["r.yaml"];
  const std::vector<Mutant> mutants = mutants_of(files);
  CHECK(mutants.size() > 20);
  for (const Mutant& mutant : mutants) {
    CAPTURE(mutant.change);
    CAPTURE(mutant.place.line);
    rules::Files changed = files;
    changed["r.yaml"] = mutated(mutant, files["r.yaml"]);
    const rules::LoadedPack loaded = rules::load(changed);
    CHECK_MESSAGE(loaded.rules, rules::as_text(loaded.issues));
    CHECK(changed["r.yaml"] != files["r.yaml"]);
  }
}

std::string test(const std::string& events, const std::string& expect) {
  return "  - name: " + std::to_string(events.size()) + "\n    events: [" + events +
         "]\n    expect: " + expect + "\n";
}

std::string report(rules::Files files) {
  const rules::LoadedPack loaded = rules::load(files);
  REQUIRE(loaded.rules);
  return as_text(run_mutants(files, loaded));
}

TEST_CASE("a weak test lets a mutant live, a good one kills it") {
  rules::Files files = rules::pack_with_rule(
      "    by: outlet\n    window: { sliding: 1h }\n"
      "    let: { n: count() }\n    grade: { red: n >= 2 }\n");
  const std::string first = "{ at: 0, type: t.parcel, data: { outlet: x } }, ";
  const auto second = [](const std::string& at) {
    return "{ at: " + at + ", type: t.parcel, data: { outlet: x } }";
  };
  const auto opens = [](const std::string& at) {
    return "[ { rule: r, kind: open, at: " + at + " } ]";
  };
  files["tests/a.yaml"] = "tests:\n" + test(first + second("1m"), opens("1m"));
  CHECK(report(files) == R"(r: 5 of 7 mutants killed by 1 test
  r.yaml:5:24: survives: `sliding: 1h` becomes `sliding: 30m`
  r.yaml:5:24: survives: `sliding: 1h` becomes `sliding: 2h`
7 mutants, 5 killed, 2 survived
)");
  files["tests/a.yaml"] += test(first + second("59m"), opens("59m")) +
                           "  - name: apart\n    events: [" + first + second("1h") +
                           "]\n    never: [ r ]\n";
  CHECK(report(files) == "r: 7 of 7 mutants killed by 3 tests\n7 mutants, 7 killed, 0 survived\n");
}

TEST_CASE("rules without a test, and mutants that are no rules") {
  rules::Files files = rules::pack_with_rule(
      "    by: outlet\n    window: { sliding: 16d }\n    quiet: 0\n    purpose: { id: fraud, use: "
      "u, "
      "basis: b, retain: 20d }\n");
  CHECK(report(files) ==
        "r: no test names it; 1 mutant not tried\n1 mutant, 0 killed, 1 survived (1 more are no "
        "valid rules)\n");
}

}  // namespace
}  // namespace fengsui::author
