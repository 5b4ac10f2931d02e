// Another pack while the engine runs: what stays, what ends, what begins, and that a crash before
// or after changes nothing of it.
#include <doctest/doctest.h>

#include <random>

#include "archive/reader.h"
#include "pipeline/swap_bench.h"

namespace fengsui::test {
namespace {

using Alerts = std::vector<Alert>;

const std::string kCount3 =
    "    window: { sliding: 10m }\n    let: { n: count() }\n    grade: { yellow: n >= 3 }\n";

std::string time_at(int seconds) {
  return format_event_time(EventTime{Duration{1'772'323'200'000 + seconds * 1000}});
}

Alert open_at(int seconds, const std::string& rule, const rules::RuleSet& pack, int64_t n,
              const std::string& grade = "yellow") {
  return {"open", rule, grade, time_at(seconds), pack.hash, n};
}
Alert clear_at(int seconds, const std::string& rule, const rules::RuleSet& pack,
               const std::string& grade = "yellow") {
  return {"clear", rule, grade, time_at(seconds), pack.hash, -1};
}

TEST_CASE("a rule whose grades, message and quiet change goes on counting") {
  const auto before = make_pack({"rules:\n" + rule_text("count", kCount3)});
  const auto after =
      make_pack({"rules:\n" + rule_text("count",
                                        "    window: { sliding: 10m }\n    let: { n: count() }\n"
                                        "    grade: { orange: n >= 4 }\n    quiet: 30s\n"
                                        "    message: \"{n} {kind} at {gate}\"\n")});
  REQUIRE(before->rules[0]->version == after->rules[0]->version);
  SwapBench bench;
  bench.open(before);
  for (const int second : {0, 1, 2}) bench.pass(second);
  const pipeline::SwapOutcome outcome = bench.swap(after);
  CHECK(outcome.old_hash == before->hash);
  CHECK(outcome.new_hash == after->hash);
  CHECK(outcome.kept == std::vector<std::string>{"count"});
  CHECK(outcome.fresh.empty());
  CHECK(outcome.removed.empty());
  bench.pass(3);   // the fourth: raises what was opened under the other pack
  bench.pass(60);  // past the new quiet, within the old
  const Alerts want = {open_at(2, "count", *before, 3),
                       {"raise", "count", "orange", time_at(3), after->hash, 4},
                       clear_at(33, "count", *after, "orange"),
                       open_at(60, "count", *after, 5, "orange")};
  CHECK(bench.alerts() == want);
}

TEST_CASE("a rule that is another starts afresh, and its open episode ends with a clear") {
  const auto before = make_pack({"rules:\n" + rule_text("count", kCount3)});
  const auto after =
      make_pack({"rules:\n" + rule_text("count", "    when: kind != 'bus'\n" + kCount3)});
  SwapBench bench;
  bench.open(before);
  for (const int second : {0, 1, 2}) bench.pass(second);
  bench.pass(5, "G2");
  const pipeline::SwapOutcome outcome = bench.swap(after);
  CHECK(outcome.fresh == std::vector<std::string>{"count"});
  for (const int second : {6, 7, 8}) bench.pass(second);
  const Alerts want = {open_at(2, "count", *before, 3), clear_at(5, "count", *before),
                       open_at(8, "count", *after, 3)};
  CHECK(bench.alerts() == want);
}

TEST_CASE("rules that go, or are disabled, end their episodes; others among them stay") {
  const auto before = make_pack({"rules:\n" + rule_text("a-goes", kCount3) +
                                 rule_text("b-stays", kCount3) + rule_text("c-disabled", kCount3)});
  const auto after =
      make_pack({"rules:\n" + rule_text("a-new", kCount3) + rule_text("b-stays", kCount3) +
                 rule_text("c-disabled", "    mode: disabled\n" + kCount3)});
  SwapBench bench;
  bench.open(before);
  for (const int second : {0, 1, 2}) bench.pass(second);
  const pipeline::SwapOutcome outcome = bench.swap(after);
  CHECK(outcome.kept == std::vector<std::string>{"b-stays", "c-disabled"});
  CHECK(outcome.fresh == std::vector<std::string>{"a-new"});
  CHECK(outcome.removed == std::vector<std::string>{"a-goes"});
  for (const int second : {700, 701, 702}) bench.pass(second);
  const Alerts want = {open_at(2, "a-goes", *before, 3),     open_at(2, "b-stays", *before, 3),
                       open_at(2, "c-disabled", *before, 3), clear_at(2, "a-goes", *before),
                       clear_at(2, "c-disabled", *before),   clear_at(602, "b-stays", *after),
                       open_at(702, "a-new", *after, 3),     open_at(702, "b-stays", *after, 3)};
  CHECK(bench.alerts() == want);
  CHECK(bench.engine().status().groups == 2);
}

TEST_CASE("a list changes for the next event on, without touching the rule") {
  const std::string rule = rule_text("heavy", "    when: kind in lists.heavy\n" + kCount3);
  const auto before = make_pack({"rules:\n" + rule, "kind\nlorry\n"});
  const auto after = make_pack({"rules:\n" + rule, "kind\ntractor\n"});
  SwapBench bench;
  bench.open(before);
  bench.pass(0, "G1", "lorry");
  bench.pass(1, "G1", "lorry");
  bench.pass(2, "G1", "tractor");
  CHECK(bench.swap(after).kept == std::vector<std::string>{"heavy"});
  bench.pass(3, "G1", "lorry");
  CHECK(bench.alerts().empty());
  bench.pass(4, "G1", "tractor");
  CHECK(bench.alerts() == Alerts{open_at(4, "heavy", *after, 3)});
}

TEST_CASE("from shadow to live the window stays and the next hit opens; back, it clears") {
  const auto live = make_pack({"rules:\n" + rule_text("count", kCount3)});
  const auto shadow = make_pack({"rules:\n" + rule_text("count", "    mode: shadow\n" + kCount3)});
  SwapBench bench;
  bench.open(shadow);
  for (const int second : {0, 1, 2}) bench.pass(second);
  CHECK(bench.alerts().empty());
  CHECK(bench.swap(live).kept == std::vector<std::string>{"count"});
  CHECK(bench.alerts().empty());
  bench.pass(3);
  bench.swap(shadow);
  bench.pass(4);
  bench.swap(live);
  bench.pass(5);
  const Alerts want = {open_at(3, "count", *live, 4), clear_at(3, "count", *live),
                       open_at(5, "count", *live, 6)};
  CHECK(bench.alerts() == want);
}

TEST_CASE("warm: a fresh rule knows the kept history, and its next hit opens") {
  const auto before = make_pack({"rules:\n" + rule_text("other", kCount3)});
  const auto after =
      make_pack({"rules:\n" + rule_text("fresh", "    when: kind != 'bus'\n" + kCount3) +
                 rule_text("other", kCount3)});
  for (const bool warm : {false, true}) {
    for (const bool crash : {false, true}) {
      CAPTURE(warm);
      CAPTURE(crash);
      SwapBench bench;
      bench.open(before);
      for (const int second : {0, 1, 2}) bench.pass(second);
      const pipeline::SwapOutcome outcome = bench.swap(after, warm);
      CHECK(outcome.events_warmed == (warm ? 3 : 0));
      if (crash) {
        // Nothing goes twice: what is delivered has its mark before the lights go out.
        (void)bench.alerts();
        bench.crash();
        bench.open(after);
      }
      bench.pass(3);
      Alerts want = {open_at(2, "other", *before, 3)};
      if (warm) want.push_back(open_at(3, "fresh", *after, 4));
      CHECK(bench.alerts() == want);
    }
  }
}

TEST_CASE("without an archive nothing can be warmed, and the pack in force goes on") {
  const auto pack = make_pack({"rules:\n" + rule_text("count", kCount3)});
  const auto other = make_pack({"rules:\n" + rule_text("another", kCount3)});
  SwapBench bench(false);
  bench.open(pack);
  const auto prepared = bench.engine().prepare_warm(other);
  REQUIRE_FALSE(prepared);
  CHECK(bench.engine().rules()->hash == pack->hash);
}

TEST_CASE("a start with another pack is a swap; where it may not be, it is refused") {
  const auto before = make_pack({"rules:\n" + rule_text("count", kCount3)});
  const auto after =
      make_pack({"rules:\n" + rule_text("another", kCount3) + rule_text("count", kCount3)});
  SwapBench bench;
  bench.open(before);
  bench.pass(0);
  bench.pass(1);
  bench.stop();
  pipeline::EngineOptions options = SwapBench::options();
  options.pack_may_change = false;
  const auto refused = bench.try_open(after, options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == Error::Kind::Usage);
  bench.open(after);
  bench.pass(2);
  CHECK(bench.alerts() == Alerts{open_at(2, "count", *after, 3)});
  CHECK(bench.engine().rules()->hash == after->hash);
}

TEST_CASE("the archive holds what was admitted, across crashes, and only what rules read") {
  const auto pack = make_pack({"rules:\n" + rule_text("count", kCount3)});
  SwapBench bench;
  bench.open(pack);
  for (int i = 0; i < 5; ++i) bench.pass(i);
  bench.crash();
  bench.open(pack);
  for (int i = 5; i < 9; ++i) bench.pass(i);
  bench.stop();
  bench.open(pack);
  bench.pass(9);
  bench.crash();
  bench.open(pack);
  bench.stop();
  std::vector<uint64_t> arrivals;
  const auto read = archive::Reader(bench.segments()).events({}, [&](const auto& event) {
    arrivals.push_back(value_of(event.arrival));
    CHECK(event.id == "e" + std::to_string(arrivals.size()));
    return true;
  });
  REQUIRE(read);
  CHECK(arrivals == std::vector<uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
}

// Steps of a run: an event, or a pack to go over to.
struct Step {
  int seconds = 0;
  std::string gate;
  int pack = -1;
  bool warm = false;
};

std::vector<Step> make_steps(uint64_t seed, size_t packs) {
  std::mt19937_64 random(seed);
  std::vector<Step> steps;
  int now = 0;
  for (int i = 0; i < 80; ++i) {
    if (random() % 9 == 0) {
      steps.push_back({.pack = static_cast<int>(random() % packs), .warm = random() % 2 == 0});
      continue;
    }
    now += static_cast<int>(random() % 40);
    if (random() % 12 == 0) now += 700;
    steps.push_back({.seconds = now, .gate = "G" + std::to_string(random() % 3)});
  }
  return steps;
}

Alerts run_steps(const std::vector<Step>& steps,
                 const std::vector<std::shared_ptr<const rules::RuleSet>>& packs,
                 uint64_t crash_seed) {
  std::mt19937_64 random(crash_seed);
  SwapBench bench;
  int in_force = 0;
  bench.open(packs[0]);
  for (const Step& step : steps) {
    if (step.pack < 0) {
      bench.pass(step.seconds, step.gate);
    } else if (packs[static_cast<size_t>(step.pack)]->hash != bench.engine().rules()->hash) {
      bench.swap(packs[static_cast<size_t>(step.pack)], step.warm);
      in_force = step.pack;
    }
    if (crash_seed == 0 || random() % 4 != 0) continue;
    // Nothing goes twice: what is delivered has its mark before the lights go out.
    (void)bench.alerts();
    random() % 3 == 0 ? bench.stop() : bench.crash();
    bench.open(packs[static_cast<size_t>(in_force)]);
  }
  return bench.alerts();
}

// A rule of each kind of window, one over alerts, and a sequence; `extra` goes into each: what may
// change without touching their state.
std::string all_kinds(const std::string& extra) {
  std::string text = "rules:\n";
  const auto windowed = [&](const std::string& id, const std::string& window,
                            const std::string& more) {
    text += rule_text(id, "    window: " + window + "\n    let: { n: count() }\n" + more + extra);
  };
  windowed("baseline", "{ tumbling: 2m }",
           "    baseline: { of: n, every: 2m, keep: 2 }\n    grade: { blue: n > baseline.mean }\n");
  windowed("counted", "{ count: 3, within: 5m }", "    grade: { yellow: n >= 3 }\n");
  windowed("hopping", "{ hopping: 2m, every: 1m }",
           "    emit: close\n    grade: { yellow: n >= 3 }\n");
  windowed("session", "{ session: 1m }", "    emit: close\n    grade: { orange: n >= 3 }\n");
  windowed("session-now", "{ session: 1m }", "    grade: { orange: n >= 3 }\n");
  text +=
      "  - id: absent\n    sequence:\n      within: 1m\n      steps:\n"
      "        - { as: first, from: gate.pass, by: gate, when: \"gate != 'G0'\" }\n"
      "        - { absent: true, from: gate.pass, by: gate }\n    grade: red\n" +
      extra + "    purpose: { use: test, basis: test, retain: 1d }\n";
  text +=
      "  - id: twice\n    sequence:\n      within: 3m\n      steps:\n"
      "        - { as: first, from: gate.pass, by: gate }\n"
      "        - { as: second, from: gate.pass, by: gate, times: 2 }\n    grade: red\n" +
      extra + "    purpose: { use: test, basis: test, retain: 1d }\n";
  text +=
      "  - id: over\n    from: alert\n    by: rule\n    window: { sliding: 10m }\n"
      "    let: { n: count() }\n    grade: { blue: n >= 2 }\n"
      "    purpose: { use: test, basis: test, retain: 1d }\n";
  return text;
}

// Without the packs' hashes.
Alerts bare(Alerts alerts) {
  for (Alert& alert : alerts) alert.pack.clear();
  return alerts;
}

TEST_CASE("every kind of window and sequence goes on through a swap as if there were none") {
  const auto plain = make_pack({all_kinds("")});
  const auto titled = make_pack({all_kinds("    title: another\n")});
  const auto told = make_pack({all_kinds("    message: \"{1 + 1}\"\n    labels: { a: b }\n")});
  for (size_t i = 0; i < plain->rules.size(); ++i) {
    CHECK(plain->rules[i]->version == titled->rules[i]->version);
    CHECK(plain->rules[i]->version == told->rules[i]->version);
  }
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    std::vector<Step> steps = make_steps(seed, 3);
    std::vector<Step> without = steps;
    std::erase_if(without, [](const Step& step) { return step.pack >= 0; });
    const Alerts want = run_steps(without, {plain}, 0);
    REQUIRE(want.size() > 30);
    CHECK(bare(run_steps(steps, {plain, titled, told}, 0)) == bare(want));
    CHECK(bare(run_steps(steps, {plain, titled, told}, seed)) == bare(want));
  }
}

TEST_CASE("however often it crashes, swaps, warm ones too, give the same alerts") {
  const std::vector<std::shared_ptr<const rules::RuleSet>> packs = {
      make_pack({"rules:\n" + rule_text("a", kCount3) + rule_text("b", kCount3)}),
      make_pack({"rules:\n" +
                 rule_text("b", "    quiet: 20s\n    message: \"{kind}\"\n" + kCount3) +
                 rule_text("c", "    when: gate != 'G0'\n" + kCount3)}),
      make_pack({"rules:\n" + rule_text("a", "    mode: shadow\n" + kCount3) +
                 rule_text("b", "    when: gate != 'G1'\n" + kCount3) +
                 rule_text("c", "    when: gate != 'G0'\n    order: time\n" + kCount3)}),
      make_pack({all_kinds("")}),
      make_pack({all_kinds("    message: \"{1 + 1}\"\n") + rule_text("zz", kCount3)}),
  };
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    const std::vector<Step> steps = make_steps(seed, packs.size());
    const Alerts want = run_steps(steps, packs, 0);
    REQUIRE(want.size() > 10);
    CHECK(run_steps(steps, packs, seed) == want);
  }
}

}  // namespace
}  // namespace fengsui::test
