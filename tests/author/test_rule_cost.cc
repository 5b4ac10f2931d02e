// What rules cost: counted exactly, timed by a clock that moves only when told to.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "author/playback.h"
#include "author/rule_cost.h"
#include "pack_fixture.h"
#include "played.h"

namespace fengsui::author {
namespace {

// A microsecond later each time it is looked at.
class StepClock final : public Clock {
 public:
  EventTime wall() const override { return EventTime{}; }
  MonotonicTime monotonic() const override {
    return MonotonicTime{std::chrono::microseconds{++looks_}};
  }

 private:
  mutable int64_t looks_ = 0;
};

std::shared_ptr<const rules::RuleSet> pack() {
  return rules::load({{"schemas/s.yaml", rules::kSchema}, {"r.yaml", R"(rules:
  - id: cheap
    from: t.parcel
    when: pieces > 5
    grade: red
    purpose: { id: fraud, use: u, basis: b, retain: 30d }
  - id: off
    from: t.parcel
    mode: disabled
    grade: red
    purpose: { id: fraud, use: u, basis: b, retain: 30d }
  - id: window
    from: t.parcel
    by: outlet
    window: { sliding: 1h }
    let: { n: count(), kinds: distinct(item) }
    grade: { red: n >= 2 }
    purpose: { id: fraud, use: u, basis: b, retain: 30d }
)"}}).rules;
}

TEST_CASE("time, state, groups, matches and hits of each rule") {
  const auto rules = pack();
  REQUIRE(rules);
  const StepClock clock;
  CostMeter meter(*rules, clock);
  pipeline::Replay engine(rules, nullptr, {});
  engine.observe(&meter, &meter);
  play(engine,
       lines_of({{0, "a", R"("outlet":"x","ok":true)"},
                 {1, "b", R"("outlet":"x","ok":true)"},
                 {2, "c", R"("outlet":"y","ok":true)"}}),
       /*flush=*/false, /*step_each=*/false, {});
  const std::vector<RuleCost> costs = meter.result(engine.shards());
  REQUIRE(costs.size() == 2);
  CHECK(costs[0].rule == "window");
  CHECK(costs[0].matching == std::chrono::microseconds{3});
  CHECK(costs[0].window == std::chrono::microseconds{3});
  CHECK(costs[0].asked == 3);
  CHECK(costs[0].matches == 3);
  CHECK(costs[0].evaluations == 3);
  CHECK(costs[0].hits == 1);
  CHECK(costs[0].records == 1);
  CHECK(costs[0].groups == 2);
  CHECK(costs[0].groups_most == 2);
  CHECK(costs[0].state_bytes > 100);
  CHECK(costs[1].rule == "cheap");
  CHECK(costs[1].asked == 3);
  CHECK(costs[1].matches == 0);
  CHECK(costs[1].window == std::chrono::nanoseconds{0});
  CHECK(costs[1].state_bytes == 0);

  const auto json = nlohmann::json::parse(as_json(costs, 3));
  CHECK(json["events"] == 3);
  CHECK(json["rules"][0]["rule"] == "window");
  CHECK(json["rules"][0]["ns_per_event"] == 2000.0);
  std::vector<RuleCost> fixed = costs;
  fixed[0].state_bytes = 512;
  CHECK(as_text(fixed, 3) ==
        R"(rule    ns/event  match ms  window ms  matches  hits  groups  most  state KiB
window      2000       0.0        0.0        3     1       2     2        0.5
cheap       1000       0.0        0.0        0     0       0     0        0.0

3 events, 3000 ns an event for 2 rules, 0.5 KiB of state
)");
}

TEST_CASE("an engine that nobody listens to does the same") {
  const auto rules = pack();
  REQUIRE(rules);
  const std::string events =
      lines_of({{0, "a", R"("outlet":"x","ok":true)"}, {1, "b", R"("outlet":"x","ok":true)"}});
  const StepClock clock;
  CostMeter meter(*rules, clock);
  pipeline::Replay heard(rules, nullptr, {}), alone(rules, nullptr, {});
  heard.observe(&meter, &meter);
  play(heard, events, false, false, {});
  play(alone, events, false, false, {});
  CHECK(heard.shards().digest() == alone.shards().digest());
}

TEST_CASE("what can be said without events") {
  const std::vector<RuleEstimate> estimates = estimate(*pack());
  REQUIRE(estimates.size() == 2);
  CHECK(estimates[0].rule == "cheap");
  CHECK(estimates[0].keeps == "nothing");
  CHECK(estimates[0].bytes_a_group == 0);
  CHECK(estimates[1].keeps == "sliding 1h");
  CHECK(estimates[1].span == std::chrono::hours(1));
  CHECK(estimates[1].bytes_an_event > 0);
  CHECK(estimates[1].bytes_a_group > 0);
  CHECK(estimates[1].grows_with == std::vector<std::string>{"let kinds: its distinct values"});
  CHECK(nlohmann::json::parse(as_json(estimates))["rules"][1]["span"] == "1h");
  CHECK(as_text(estimates).find("window  sliding 1h") != std::string::npos);
}

}  // namespace
}  // namespace fengsui::author
