// Watermark, reorder buffer, timers: sentences of rules.md, "Time".
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "window/reorder_buffer.h"
#include "window/sliding_window.h"
#include "window/timers.h"
#include "window/tumbling_window.h"
#include "window/watermark.h"

namespace fengsui::window {
namespace {

constexpr int64_t kHour = 3'600'000;

EventTime at(int64_t ms) { return EventTime{Duration{ms}}; }

TEST_CASE("the engine's watermark") {
  constexpr int64_t kNone = -1;  // before all time
  struct Step {
    uint32_t partition;
    int64_t time;
    bool active;
    int64_t reached;
  };
  struct Case {
    const char* what;
    std::vector<Step> steps;
  };
  const Case cases[] = {
      {"one partition's own", {{0, 10, true, 10}, {0, 20, true, 20}}},
      {"a mark never goes back", {{0, 20, true, 20}, {0, 10, true, 20}}},
      {"the lowest of the active ones",
       {{0, kNone, true, kNone}, {1, 30, true, kNone}, {0, 20, true, 20}, {0, 40, true, 30}}},
      {"one that is not active holds nothing back",
       {{0, 10, true, 10}, {1, 30, true, 10}, {0, 10, false, 30}}},
      {"active again does not take it back",
       {{0, 10, true, 10},
        {1, 30, true, 10},
        {0, 10, false, 30},
        {0, 15, true, 30},
        {1, 90, true, 30},
        {0, 60, true, 60}}},
      {"with none active it stays", {{0, 10, true, 10}, {0, 10, false, 10}, {0, 10, true, 10}}},
      {"heard of late holds, but not behind what was reached",
       {{0, 50, true, 50}, {1, kNone, true, 50}, {0, 80, true, 50}}},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    Watermark watermark;
    for (const Step& step : c.steps) {
      const EventTime time = step.time == kNone ? kBeforeAllTime : at(step.time);
      watermark.mark(PartitionId{step.partition}, time, step.active);
      CHECK(watermark.target() >= watermark.reached());
      watermark.reach(watermark.target());
      CHECK(watermark.reached() == (step.reached == kNone ? kBeforeAllTime : at(step.reached)));
    }
  }
}

TEST_CASE("time passes event by event on the way to the target") {
  Watermark watermark;
  watermark.mark(PartitionId{0}, at(50), true);
  CHECK(watermark.target() == at(50));
  CHECK(watermark.reached() == kBeforeAllTime);
  watermark.reach(at(20));
  CHECK(watermark.reached() == at(20));
  watermark.reach(at(10));
  CHECK(watermark.reached() == at(20));
  watermark.reach(at(90));
  CHECK(watermark.reached() == at(50));
}

match::Match match_of(uint32_t partition, int64_t time, uint64_t arrival, uint32_t rule = 0) {
  match::Match match;
  match.partition = PartitionId{partition};
  match.time = at(time);
  match.arrival = Arrival{arrival};
  match.rule = RuleIndex{rule};
  return match;
}

TEST_CASE("matches leave by (time, then arrival, then rule), each with its own partition's mark") {
  ReorderBuffer buffer;
  Watermark watermark;
  for (const match::Match& match :
       {match_of(0, 30, 1), match_of(1, 20, 2), match_of(0, 20, 3, 1), match_of(0, 20, 3, 0),
        match_of(1, 40, 4), match_of(0, 31, 5)}) {
    buffer.hold(match);
  }
  watermark.mark(PartitionId{0}, at(30), true);
  watermark.mark(PartitionId{1}, at(25), true);
  std::string order;
  std::vector<match::Match> released;
  buffer.release(watermark, released);
  for (const match::Match& match : released) {
    order += std::to_string(value_of(match.arrival)) + "/" + std::to_string(value_of(match.rule));
    order += " ";
  }
  CHECK(order == "2/0 3/0 3/1 1/0 ");
  CHECK(buffer.size() == 2);
  CHECK(buffer.earliest() == at(31));
  CHECK(buffer.held().front()->arrival == Arrival{4});
  released.clear();
  buffer.release(watermark, released);
  CHECK(released.empty());
}

TEST_CASE("timers fire by (T, rule, group, ends before clears, setting)") {
  using V = cel::Value;
  struct Set {
    int64_t due;
    uint32_t rule;
    std::vector<V> group;
    TimerKind kind;
    uint64_t set;
  };
  const auto text = [](const char* s) { return V::string(s); };
  // In the order in which they must fire.
  const std::vector<Set> wanted = {
      {10, 9, {text("z")}, TimerKind::Clear, 9},
      {20, 1, {text("z")}, TimerKind::Clear, 8},
      {20, 2, {V::integer(-3)}, TimerKind::Clear, 7},
      {20, 2, {V::integer(10)}, TimerKind::Clear, 7},  // as text: "10" before "9"
      {20, 2, {V::integer(9)}, TimerKind::Clear, 6},
      {20, 2, {text("a")}, TimerKind::Clear, 5},
      {20, 2, {text("a"), text("")}, TimerKind::Clear, 5},
      {20, 2, {text("a"), text("b")}, TimerKind::End, 5},
      {20, 2, {text("a"), text("b")}, TimerKind::Clear, 1},
      {20, 2, {text("a"), text("b")}, TimerKind::Clear, 2},
      {20, 2, {V::string(std::string("a\0", 2))}, TimerKind::Clear, 1},
      {20, 2, {V::string(std::string("a\0b", 3))}, TimerKind::Clear, 1},
      {20, 2, {text("ab")}, TimerKind::Clear, 1},
      {20, 2, {text("b"), text("a")}, TimerKind::Clear, 1},
      {20, 2, {V::boolean(false)}, TimerKind::Clear, 1},
      {20, 2, {V::boolean(true)}, TimerKind::Clear, 1},
      {20, 2, {text("网")}, TimerKind::Clear, 1},
  };
  std::vector<std::string> orders;
  for (const Set& set : wanted) orders.push_back(group_order(set.group));
  std::vector<size_t> shuffled(wanted.size());
  for (size_t i = 0; i < shuffled.size(); ++i) shuffled[i] = i;
  std::mt19937 random(7);
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  Timers timers;
  for (const size_t i : shuffled) {
    const Set& set = wanted[i];
    timers.set({.due = at(set.due),
                .rule = RuleIndex{set.rule},
                .group = orders[i],
                .kind = set.kind,
                .set = set.set,
                .owner = const_cast<Set*>(&set)});
  }
  CHECK(timers.size() == wanted.size());
  CHECK_FALSE(timers.take_due(at(9)).has_value());
  for (const Set& set : wanted) {
    CAPTURE(&set - wanted.data());
    const std::optional<Timer> timer = timers.take_due(at(20));
    REQUIRE(timer.has_value());
    CHECK(timer->owner == &set);
  }
  CHECK_FALSE(timers.take_due(kAfterAllTime).has_value());
}

TEST_CASE("a sliding window covers (t-W, t]") {
  const SlidingWindow window(Duration{kHour});
  CHECK(window.oldest_seen_at(at(kHour)) == at(1));
  CHECK(window.unseen_from(at(0)) == at(kHour));
  CHECK(SlidingWindow(Duration{INT64_MAX}).unseen_from(at(5)) == kAfterAllTime);
}

TEST_CASE("a tumbling window covers [s, s+W), counted from the origin") {
  struct Case {
    const char* what;
    int64_t origin, length, time, start;
  };
  const Case cases[] = {
      {"the start is in", 0, kHour, kHour, kHour},
      {"the last millisecond before the end is too", 0, kHour, 2 * kHour - 1, kHour},
      {"a day in Shanghai begins at 16:00 UTC", -8 * kHour, 24 * kHour, 15 * kHour, -8 * kHour},
      {"and the next one there", -8 * kHour, 24 * kHour, 16 * kHour, 16 * kHour},
      {"7h from Shanghai's origin", -8 * kHour, 7 * kHour, 0, -kHour},
      {"before an origin west of Greenwich", 5 * kHour, 24 * kHour, kHour, -19 * kHour},
      {"just at it", 5 * kHour, 24 * kHour, 5 * kHour, 5 * kHour},
      {"a whole length before it", 5 * kHour, kHour, 4 * kHour, 4 * kHour},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    const TumblingWindow window(Duration{c.length}, at(c.origin));
    CHECK(window.oldest_seen_at(at(c.time)) == at(c.start));
    CHECK(window.unseen_from(at(c.time)) == at(c.start + c.length));
  }
}

}  // namespace
}  // namespace fengsui::window
