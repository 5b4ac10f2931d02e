// Explanations: for each reason why an event did or did not count, and why a record came or did
// not.
#include <doctest/doctest.h>

#include "author/explanation.h"
#include "author/playback.h"
#include "pack_fixture.h"
#include "played.h"

namespace fengsui::author {
namespace {

struct Asked {
  std::string rule;
  std::vector<Played> events;
  ExplanationFilter filter = {};
  bool flush = false;
  pipeline::FrontOptions front = {};
};

std::string explained(const Asked& asked, rules::Files files = {}) {
  for (const auto& [path, bytes] : rules::pack_with_rule(asked.rule)) files.emplace(path, bytes);
  const rules::LoadedPack pack = rules::load(files);
  REQUIRE_MESSAGE(pack.rules, rules::as_text(pack.issues));
  std::string out;
  Explainer explainer(*pack.rules, *pack.rules->rules.at(0), asked.filter,
                      [&](const Explainer::Fact& fact) { out += as_text(fact); });
  pipeline::Replay engine(pack.rules, nullptr, asked.front);
  engine.observe(&explainer, &explainer);
  uint64_t late = 0;
  play(engine, lines_of(asked.events), asked.flush, /*step_each=*/true,
       {.record =
            [&](std::string_view bytes, size_t line, const source::RecordResult& result) {
              explainer.record(bytes, line, result, engine.counters().late_admitted > late);
              late = engine.counters().late_admitted;
            },
        .alerts = nullptr,
        .progress = nullptr});
  explainer.finish();
  return out;
}

const char* const kBurst = R"(    by: outlet
    when: ok && pieces < 5
    window: { sliding: 1h }
    let: { n: count(), heavy: max(weight) }
    grade: { red: n >= 3 && heavy > 5.0, blue: n >= 2 }
    quiet: 30m
    message: "{n}"
)";

TEST_CASE("an event that counts, is evaluated, opens an alert, adds to it, and the clear") {
  const std::string text = explained({.rule = kBurst,
                                      .events = {{0, "a", R"("outlet":"x","ok":true)"},
                                                 {10, "b", R"("outlet":"x","ok":true)"},
                                                 {20, "c", R"("outlet":"x","ok":true)"}},
                                      .flush = true});
  const auto has = [&](const std::string& part) {
    CHECK_MESSAGE(text.find(part) != std::string::npos, "no\n" << part << "in\n" << text);
  };
  has(R"(2026-03-01T00:00:00.000Z s#a (t.parcel) counts, group {"outlet":"x"}
    ok  = true
    pieces < 5  = true
    ok && pieces < 5  = true
2026-03-01T00:00:00.000Z evaluated, group {"outlet":"x"}: no grade
    held: 1 event, 2026-03-01T00:00:00.000Z to 2026-03-01T00:00:00.000Z
      2026-03-01T00:00:00.000Z s#a
    n = 1
    heavy = 1.0
    red does not hold
      n >= 3  = false
      heavy > 5.0  = not evaluated: others decided
      n >= 3 && heavy > 5.0  = false
    blue does not hold
      n >= 2  = false
    no record: no grade holds
)");
  has(R"(    blue holds
      n >= 2  = true
    record: open blue )");
  has(R"( is open since 2026-03-01T00:10:00.000Z at blue; this is its hit 2, and only a higher grade is told
)");
  has("2026-03-01T00:50:00.000Z the alert ");
  has(" clears after 2 hits, the last at 2026-03-01T00:20:00.000Z\n");
  has("r: 3 events asked about, 3 counted, 3 evaluations, 2 hits, 2 records, 0 alerts open at the "
      "end\n");
}

TEST_CASE("why an event does not count") {
  struct Case {
    const char* name;
    std::string rule;
    Played event;
    const char* expected;
  };
  const Case cases[] = {
      {"when is false",
       kBurst,
       {0, "a", R"("outlet":"x","ok":false)"},
       R"(s#a (t.parcel) does not count: `when` is false, group {"outlet":"x"}
    ok  = false
    pieces < 5  = not evaluated: others decided
    ok && pieces < 5  = false
)"},
      {"when errs",
       "    when: note == 'x'\n",
       {0, "a", R"("outlet":"x","ok":true)"},
       R"(s#a (t.parcel) does not count: `when` errs, which counts as false
    note == 'x'  = error: no such field)"},
      {"a group value is missing",
       "    by: note\n",
       {0, "a", R"("outlet":"x","ok":true)"},
       "s#a (t.parcel) does not count: a group value is missing, errs, or is no string, int or "
       "bool, "
       R"(group {"note":{"error":)"},
      {"an exception",
       "    except:\n      - { name: drill, when: ok, owner: o, reason: r, until: 2099-01-01 }\n",
       {0, "a", R"("outlet":"x","ok":true)"},
       R"(s#a (t.parcel) does not count: the exception `drill` holds
    except `drill`
      ok  = true
)"},
      {"an exception that ran out",
       "    except:\n      - { name: drill, when: ok, owner: o, reason: r, until: 2025-01-01 }\n",
       {0, "a", R"("outlet":"x","ok":true)"},
       R"(s#a (t.parcel) counts
    except `drill` ran out at 2025-01-01T16:00:00.000Z
)"},
      {"form",
       kBurst,
       {0, "a", R"("outlet":"x","ok":1)"},
       "line 1 s#a (t.parcel) is a dead letter: data.ok is not a boolean\n"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const std::string text = explained({.rule = c.rule, .events = {c.event}});
    CHECK_MESSAGE(text.find(c.expected) != std::string::npos, text);
  }
}

TEST_CASE("late events and duplicates") {
  const std::string ok = R"("outlet":"x","ok":true)";
  const std::vector<Played> events = {{10, "a", ok}, {10, "a", ok}, {5, "b", ok}};
  const std::string dropped = explained({.rule = kBurst, .events = events});
  CHECK(dropped.find("line 2 s#a (t.parcel) dropped: its source and id have been seen\n") !=
        std::string::npos);
  CHECK(dropped.find("line 3 s#b (t.parcel) late: time is behind the watermark") !=
        std::string::npos);
  const std::string admitted = explained(
      {.rule = kBurst, .events = events, .front = {.allowed_lateness = std::chrono::hours(1)}});
  CHECK(admitted.find("s#b (t.parcel) counts, late but admitted") != std::string::npos);
}

TEST_CASE("rules in shadow, and without an alert to wait for") {
  const std::string ok = R"("outlet":"x","ok":true)";
  const std::string shadow =
      explained({.rule = "    mode: shadow\n    by: outlet\n", .events = {{0, "a", ok}}});
  CHECK(shadow.find("the rule is in shadow: its records go nowhere\n") != std::string::npos);
  const std::string moments = explained({.rule = "", .events = {{0, "a", ok}, {1, "b", ok}}});
  CHECK(moments.find("no record") == std::string::npos);
  CHECK(moments.find("2 hits, 2 records, 0 alerts open at the end\n") != std::string::npos);
}

TEST_CASE("one event, or one group at a time") {
  const auto ok = [](const std::string& outlet) {
    return R"("ok":true,"outlet":")" + outlet + "\"";
  };
  const std::vector<Played> events = {{0, "a", ok("x")},
                                      {10, "b", ok("y")},
                                      {20, "c", ok("x")},
                                      {40, "d", ok("x")},
                                      {95, "e", ok("x")}};
  const auto facts = [&](const ExplanationFilter& filter) {
    std::string out;
    for (const std::string& fact : [&] {
           std::vector<std::string> lines;
           const std::string text = explained({.rule = kBurst, .events = events, .filter = filter});
           for (size_t at = 0; at < text.size();) {
             const size_t end = text.find('\n', at);
             if (text[at] == '2') lines.push_back(text.substr(at + 11, end - at - 11));
             at = end + 1;
           }
           return lines;
         }()) {
      const bool is_event = fact.find("(t.parcel)") != std::string::npos;
      const bool is_clear = fact.find(" clears ") != std::string::npos;
      out += fact.substr(0, 5) + (is_event ? " event; " : is_clear ? " clear; " : " evaluation; ");
    }
    return out;
  };
  // The evaluations that saw it: its own, and those of the hour after it.
  CHECK(facts({.event = "s#c"}) == "00:20 event; 00:20 evaluation; 00:40 evaluation; ");
  CHECK(facts({.event = "s#z"}).empty());
  CHECK(facts({.group = {{"outlet", "y"}}}) == "00:10 event; 00:10 evaluation; ");
  const EventTime at = to_event_time(*parse_rfc3339("2026-03-01T00:59:00Z"));
  CHECK(facts({.group = {{"outlet", "x"}}, .at = at}) ==
        "00:00 event; 00:00 evaluation; 00:20 event; 00:20 evaluation; 00:40 event; "
        "00:40 evaluation; ");
  CHECK(facts({.group = {{"outlet", "x"}}, .at = at + std::chrono::minutes(40)}) ==
        "00:40 event; 00:40 evaluation; 01:35 event; 01:10 clear; 01:35 evaluation; ");
}

TEST_CASE("keywords with their place in the text") {
  rules::Files files;
  files["keywords/fire.txt"] = "着火\n冒烟\n";
  const std::string text =
      explained({.rule = "    when: note.mentions(keywords.fire)\n",
                 .events = {{0, "a", R"("outlet":"x","ok":true,"note":"楼道冒烟了")"}}},
                files);
  CHECK_MESSAGE(
      text.find("    `冒烟` stands in note at character 3: \"冒烟\"\n") != std::string::npos, text);
}

TEST_CASE("a window of many events names the newest") {
  std::vector<Played> events;
  for (int i = 0; i < 25; ++i) {
    events.push_back({i, "e" + std::to_string(i), R"("outlet":"x","ok":true)"});
  }
  const std::string text = explained({.rule = kBurst, .events = events});
  CHECK(text.find("    held: 25 events, 2026-03-01T00:00:00.000Z to 2026-03-01T00:24:00.000Z\n"
                  "      … the newest:\n      2026-03-01T00:05:00.000Z s#e5\n") !=
        std::string::npos);
}

// Tells `say` the facts of a rule that is a sequence of these steps.
void explain_sequence(const std::string& steps, const std::vector<Played>& events,
                      const std::function<void(const Explainer::Fact&)>& say) {
  rules::Files files;
  files["schemas/s.yaml"] = rules::kSchema;
  files["r.yaml"] = "rules:\n  - id: r\n    sequence:\n      within: 30m\n      steps:\n" + steps +
                    "    grade: red\n"
                    "    purpose: { id: fraud, use: u, basis: b, retain: 1d }\n";
  const rules::LoadedPack pack = rules::load(files);
  REQUIRE_MESSAGE(pack.rules, rules::as_text(pack.issues));
  Explainer explainer(*pack.rules, *pack.rules->rules.at(0), {}, say);
  pipeline::Replay engine(pack.rules, nullptr, {});
  engine.observe(&explainer, &explainer);
  play(engine, lines_of(events), /*flush=*/false, /*step_each=*/true, {});
  explainer.finish();
}

TEST_CASE("what the matches of a sequence did") {
  std::string out;
  explain_sequence(
      "        - { as: first, from: t.parcel, by: outlet, when: '!has(note) && ok' }\n"
      "        - { absent: true, from: t.parcel, by: outlet, when: '!ok' }\n"
      "        - { as: last, from: t.parcel, by: outlet, when: has(note) }\n",
      {{0, "a", R"("outlet":"x","ok":true)"},
       {1, "b", R"("outlet":"x","ok":false)"},
       {2, "c", R"("outlet":"x","ok":true)"},
       {3, "d", R"("outlet":"x","ok":true,"note":"n")"}},
      [&](const Explainer::Fact& fact) {
        if (fact["fact"] != "step" && fact["fact"] != "evaluation") return;
        const std::string text = as_text(fact);
        out += text.substr(11, text.find(',') - 11) + "\n";
      });
  CHECK(out == R"(00:00:00.000Z step first starts a match
00:01:00.000Z step 2 ends a match: what must not happen did
00:02:00.000Z step first starts a match
00:03:00.000Z step last completes a match
00:03:00.000Z evaluated
)");
}

TEST_CASE("a step that reads an earlier one is tried for each match, with the values it met") {
  std::string out;
  explain_sequence(
      "        - { as: first, from: t.parcel, by: outlet, when: has(note) && ok }\n"
      "        - { as: last, from: t.parcel, by: outlet, when: '!ok && note != first.note' }\n",
      {{0, "a", R"("outlet":"x","ok":true,"note":"n")"},
       {1, "b", R"("outlet":"x","ok":false,"note":"n")"},
       {2, "c", R"("outlet":"x","ok":false,"note":"m")"}},
      [&](const Explainer::Fact& fact) {
        if (fact["fact"] == "tried") out += as_text(fact);
      });
  CHECK(out == R"(2026-03-01T00:01:00.000Z s#b is tried as step last of the match that began at )"
               R"(2026-03-01T00:00:00.000Z
    note != first.note  = false
2026-03-01T00:02:00.000Z s#c is tried as step last of the match that began at )"
               R"(2026-03-01T00:00:00.000Z
    note != first.note  = true
)");
}

}  // namespace
}  // namespace fengsui::author
