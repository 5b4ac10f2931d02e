// Sentences of rules.md, "Time", "Windows" and "Alerts from hits", as short streams.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "shard_fixture.h"

namespace fengsui::pipeline {
namespace {

using Kind = rules::WindowSpec::Kind;

struct Case {
  const char* what;
  std::vector<RuleSpec> rules;
  std::vector<Arriving> events;
  std::vector<std::string> records;
  Feed feed = {};
};

RuleSpec sliding(const char* id, int64_t length, int64_t quiet, int64_t yellow_from = 2) {
  return {.id = id,
          .window = Kind::Sliding,
          .length = length,
          .quiet = quiet,
          .yellow_from = yellow_from};
}
RuleSpec tumbling(const char* id, int64_t length, int64_t quiet, int64_t yellow_from = 2) {
  return {.id = id,
          .window = Kind::Tumbling,
          .length = length,
          .quiet = quiet,
          .yellow_from = yellow_from};
}
RuleSpec each(const char* id, int64_t quiet) {
  return {.id = id, .quiet = quiet, .yellow_from = 1};
}

Arriving ev(int64_t time, const char* group = "g", uint32_t partition = 0) {
  return {.partition = partition, .time = time, .group = group};
}
Arriving idle(uint32_t partition) { return {.partition = partition, .idle = true}; }

const std::vector<Case> kCases = {
    {"sliding: an event at t-W is not seen", {sliding("a", 10, 0)}, {ev(0), ev(10)}, {}},
    {"sliding: one just after it is",
     {sliding("a", 10, 0)},
     {ev(1), ev(10)},
     {"a/g open yellow @10 n=2"}},
    {"tumbling: s+W begins the next", {tumbling("a", 10, 0)}, {ev(9), ev(10)}, {}},
    {"tumbling: s is in", {tumbling("a", 10, 0)}, {ev(10), ev(19)}, {"a/g open yellow @19 n=2"}},
    {"of two events of one time the first does not see the second",
     {sliding("a", 10, 0, 1)},
     {ev(5), ev(5)},
     {"a/g open yellow @5 n=1", "a/g open yellow @5 n=2"}},
    {"groups do not see each other", {sliding("a", 10, 0)}, {ev(5, "x"), ev(6, "y")}, {}},
    {"the buffer puts events in order",
     {sliding("a", 10, 0, 1)},
     {ev(5), ev(3), ev(9)},
     {"a/g open yellow @3 n=1", "a/g open yellow @5 n=2", "a/g open yellow @9 n=3"},
     {.out_of_orderness = 3}},
    {"a late event sees what is before it, and later ones see it",
     {sliding("a", 10, 0, 1)},
     {ev(5), ev(9), ev(7), ev(10)},
     {"a/g open yellow @5 n=1", "a/g open yellow @9 n=2", "a/g open yellow @7 n=2",
      "a/g open orange @10 n=4"},
     {.allowed_lateness = 5}},
    {"beyond the lateness it is not processed",
     {sliding("a", 10, 0, 1)},
     {ev(9), ev(3), ev(10)},
     {"a/g open yellow @9 n=1", "a/g open yellow @10 n=2"},
     {.allowed_lateness = 5}},
    {"a late event after the next interval began sees its own",
     {tumbling("a", 10, 0)},
     {ev(8), ev(11), ev(9)},
     {"a/g open yellow @9 n=2"},
     {.allowed_lateness = 5}},
    {"records of one event come in rule id order",
     {each("a", 0), each("b", 0), each("c", 0)},
     {ev(1)},
     {"a/g open yellow @1 n=1", "b/g open yellow @1 n=1", "c/g open yellow @1 n=1"}},
    {"a clear is due at last + quiet + 1",
     {each("a", 10)},
     {ev(0), ev(3), ev(13, "x")},
     {"a/g open yellow @0 n=1", "a/x open yellow @13 n=1"}},
    {"and fires before an event of that time",
     {each("a", 10)},
     {ev(0), ev(3), ev(14, "x")},
     {"a/g open yellow @0 n=1", "a/g clear yellow @13 hits=2", "a/x open yellow @14 n=1"}},
    {"the event that brings it may open the next",
     {each("a", 10)},
     {ev(0), ev(11)},
     {"a/g open yellow @0 n=1", "a/g clear yellow @10 hits=1", "a/g open yellow @11 n=1"}},
    {"timers fire between events that one mark releases",
     {each("a", 5)},
     {ev(10, "x"), ev(2, "y"), ev(40, "z")},
     {"a/y open yellow @2 n=1", "a/y clear yellow @7 hits=1", "a/x open yellow @10 n=1",
      "a/x clear yellow @15 hits=1", "a/z open yellow @40 n=1"},
     {.out_of_orderness = 20}},
    {"at one T by rule, then group",
     {each("a", 5), each("b", 5)},
     {ev(2, "y"), ev(2, "x"), ev(9, "z")},
     {"a/y open yellow @2 n=1", "b/y open yellow @2 n=1", "a/x open yellow @2 n=1",
      "b/x open yellow @2 n=1", "a/x clear yellow @7 hits=1", "a/y clear yellow @7 hits=1",
      "b/x clear yellow @7 hits=1", "b/y clear yellow @7 hits=1", "a/z open yellow @9 n=1",
      "b/z open yellow @9 n=1"}},
    {"a timer set for a time that has passed fires after the late event, before the next",
     {each("a", 5), each("b", 9)},
     {ev(100, "x"), ev(80, "y"), ev(94, "y"), ev(101, "x")},
     {"a/x open yellow @100 n=1", "b/x open yellow @100 n=1", "a/y open yellow @80 n=1",
      "b/y open yellow @80 n=1", "a/y clear yellow @85 hits=1", "b/y clear yellow @89 hits=1",
      "a/y open yellow @94 n=1", "b/y open yellow @94 n=1", "a/y clear yellow @99 hits=1"},
     {.allowed_lateness = 50}},
    {"a late hit adds to the episode that is open",
     {each("a", 50)},
     {ev(100), ev(70), ev(151)},
     {"a/g open yellow @100 n=1", "a/g clear yellow @150 hits=2", "a/g open yellow @151 n=1"},
     {.allowed_lateness = 50}},
    {"quiet 0: every hit opens, nothing clears",
     {sliding("a", 10, 0)},
     {ev(1), ev(2), ev(3), ev(90)},
     {"a/g open yellow @2 n=2", "a/g open yellow @3 n=3"}},
    {"raise: only above what the episode has had",
     {sliding("a", 100, 100)},
     {ev(1), ev(2), ev(3), ev(4), ev(5), ev(6), ev(7)},
     {"a/g open yellow @2 n=2", "a/g raise orange @4 n=4", "a/g raise red @6 n=6"}},
    {"the slowest partition holds the timers back, not the events",
     {each("a", 5)},
     {ev(1, "x"), ev(3, "y", 1), ev(20, "z"), ev(7, "y", 1)},
     {"a/x open yellow @1 n=1", "a/y open yellow @3 n=1", "a/z open yellow @20 n=1",
      "a/x clear yellow @6 hits=1"}},
    {"an idle one does not",
     {each("a", 5)},
     {ev(1, "x"), ev(3, "y", 1), ev(20, "z"), idle(1)},
     {"a/x open yellow @1 n=1", "a/y open yellow @3 n=1", "a/z open yellow @20 n=1",
      "a/x clear yellow @6 hits=1", "a/y clear yellow @8 hits=1"}},
};

TEST_CASE("shard: short streams") {
  for (const Case& c : kCases) {
    CAPTURE(std::string(c.what));
    const auto rules = make_rules(c.rules);
    Shard shard(rules, {.allowed_lateness = Duration{c.feed.allowed_lateness}});
    std::vector<alert::Record> records;
    for (const state::Frame& frame : frames_of(c.events, c.feed, c.rules, false)) {
      shard.apply(frame, records);
    }
    CHECK(said(records, *rules) == c.records);
  }
}

TEST_CASE(
    "shard: the engine's watermark is the log's alone, and an event waits for its partition's") {
  const std::vector<RuleSpec> specs = {each("a", 5)};
  const auto rules = make_rules(specs);
  Shard shard(rules, {});
  std::vector<alert::Record> records;
  const Feed feed{.out_of_orderness = 10};
  const auto frames = frames_of({ev(5), ev(14), ev(15)}, feed, specs, true);
  REQUIRE(frames.size() == 5);  // heard of, three events, the end
  shard.apply(frames[0], records);
  CHECK(shard.watermark() == kBeforeAllTime);
  shard.apply(frames[1], records);
  CHECK(shard.watermark() == at(-5));
  shard.apply(frames[2], records);
  CHECK(shard.held() == 2);
  CHECK(records.empty());
  shard.apply(frames[3], records);
  CHECK(shard.watermark() == at(5));
  CHECK(shard.held() == 2);
  CHECK(shard.groups_of(RuleIndex{0}) == 1);
  CHECK(shard.timers() == 1);
  shard.apply(frames[4], records);
  CHECK(shard.watermark() == kAfterAllTime);
  CHECK(shard.position() == LogPosition{5});
  CHECK(said(records, *rules) ==
        std::vector<std::string>{"a/g open yellow @5 n=1", "a/g clear yellow @10 hits=1",
                                 "a/g open yellow @14 n=1", "a/g clear yellow @20 hits=2"});
  CHECK(shard.groups() == 0);
}

TEST_CASE("shard: groups go when nothing that may come can need them") {
  struct Row {
    const char* what;
    RuleSpec rule;
    int64_t lateness;
    int64_t last_needed, first_unneeded;  // engine watermarks
  };
  const Row rows[] = {
      {"sliding, no lateness", sliding("a", 10, 0), 0, 14, 15},
      {"sliding, with lateness", sliding("a", 10, 0), 7, 21, 22},
      {"tumbling, no lateness", tumbling("a", 10, 0), 0, 9, 10},
      {"tumbling, with lateness", tumbling("a", 10, 0), 7, 16, 17},
      {"an open episode outlasts its window", sliding("a", 10, 30, 1), 0, 35, 36},
      {"a group of its episode alone", each("a", 4), 0, 9, 10},
      {"a window outlasts its episode", sliding("a", 10, 4, 1), 0, 14, 15},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.what));
    const std::vector<RuleSpec> specs = {row.rule};
    const auto rules = make_rules(specs);
    for (const bool gone : {false, true}) {
      Shard shard(rules, {.allowed_lateness = Duration{row.lateness}});
      std::vector<alert::Record> records;
      auto frames = frames_of({ev(5)}, {}, specs, false);
      frames.back().marks = {
          {PartitionId{0}, at(gone ? row.first_unneeded : row.last_needed), true}};
      for (const state::Frame& frame : frames) shard.apply(frame, records);
      CHECK(shard.groups() == (gone ? 0 : 1));
    }
  }
}

TEST_CASE("shard: a checkpoint gets what changed, by key, and deletes what it may hold") {
  const std::vector<RuleSpec> specs = {sliding("a", 10, 0), each("b", 0), sliding("c", 10, 0)};
  const auto rules = make_rules(specs);
  Shard shard(rules, {});
  std::vector<alert::Record> records;
  const auto frames =
      frames_of({ev(1, "x"), ev(2, "y"), ev(11, "x"), ev(50, "z")}, {}, specs, false);
  std::string keys;  // of a rule the hashes of x, y, z come in the order y, z, x
  const auto visit = [&](const Shard::DirtyGroup& group) {
    keys += std::to_string(group.key[7]) + group.key.back() + (group.value.empty() ? "- " : "+ ");
  };
  for (size_t i = 0; i < 3; ++i) shard.apply(frames[i], records);
  shard.dirty(visit, false);
  CHECK(keys == "0y+ 0x+ 2y+ 2x+ ");
  keys.clear();
  shard.dirty(visit, true);
  CHECK(keys == "0y+ 0x+ 2y+ 2x+ ");
  keys.clear();
  shard.dirty(visit, true);
  CHECK(keys.empty());
  shard.apply(frames[3], records);
  shard.apply(frames[4], records);
  shard.dirty(visit, true);
  CHECK(keys == "0y- 0z+ 0x- 2y- 2z+ 2x- ");
}

TEST_CASE("shard: a group that went, came back and went again is deleted once") {
  const std::vector<RuleSpec> specs = {sliding("a", 10, 0)};
  const auto rules = make_rules(specs);
  Shard shard(rules, {});
  std::vector<alert::Record> records;
  const auto frames =
      frames_of({ev(1, "x"), ev(50, "y"), ev(60, "x"), ev(90, "y")}, {}, specs, false);
  std::string keys;
  const auto visit = [&](const Shard::DirtyGroup& group) {
    keys += group.key.back() + std::string(group.value.empty() ? "- " : "+ ");
  };
  shard.apply(frames[0], records);
  shard.apply(frames[1], records);
  shard.dirty(visit, true);
  for (size_t i = 2; i < frames.size(); ++i) shard.apply(frames[i], records);
  shard.dirty(visit, true);
  CHECK(keys == "x+ y+ x- ");
}

TEST_CASE("shard: records of a rule in shadow are counted alone") {
  RuleSpec shadow = each("a", 5);
  shadow.mode = rules::Mode::Shadow;
  const std::vector<RuleSpec> specs = {shadow, each("b", 5)};
  const auto rules = make_rules(specs);
  Shard shard(rules, {});
  std::vector<alert::Record> records;
  for (const state::Frame& frame : frames_of({ev(1), ev(2)}, {}, specs, true)) {
    shard.apply(frame, records);
  }
  CHECK(said(records, *rules) ==
        std::vector<std::string>{"b/g open yellow @1 n=1", "b/g clear yellow @7 hits=2"});
  const ShardCounters& counters = shard.counters();
  CHECK(counters.evaluations == 4);
  CHECK(counters.hits == 4);
  CHECK(counters.opens == 1);
  CHECK(counters.raises == 0);
  CHECK(counters.clears == 1);
  CHECK(counters.shadow_records == 2);
}

}  // namespace
}  // namespace fengsui::pipeline
