// Every kind of window, sequences, rules by time and over alerts: their boundaries, T-1, T, T+1, as
// short streams.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "shard_fixture.h"

namespace fengsui::pipeline {
namespace {

using Kind = rules::WindowSpec::Kind;
using rules::Emit;

struct Case {
  const char* what;
  std::vector<RuleSpec> rules;
  std::vector<Arriving> events;
  std::vector<std::string> records;
  Feed feed = {};
  bool flush = false;
};

RuleSpec close_of(Kind window, int64_t length, int64_t every = 0) {
  return {.id = "a",
          .window = window,
          .length = length,
          .yellow_from = 1,
          .emit = Emit::Close,
          .every = every};
}
RuleSpec session(int64_t gap, std::optional<int64_t> most = {}, Emit emit = Emit::Event) {
  return {.id = "a",
          .window = Kind::Session,
          .length = gap,
          .yellow_from = 1,
          .emit = emit,
          .most = most};
}
RuleSpec last(uint64_t count, int64_t within) {
  return {.id = "a", .window = Kind::Count, .length = within, .yellow_from = 1, .count = count};
}
RuleSpec sequence(int64_t within, std::vector<StepSpec> steps) {
  return {.id = "a", .length = within, .steps = std::move(steps)};
}
RuleSpec over_alerts(RuleSpec spec, const char* id) {
  spec.id = id;
  spec.over_alerts = true;
  return spec;
}
RuleSpec each(const char* id, int64_t quiet) {
  return {.id = id, .quiet = quiet, .yellow_from = 1};
}

Arriving ev(int64_t time, uint32_t partition = 0) { return {.partition = partition, .time = time}; }
Arriving of(int64_t v, int64_t time) { return {.time = time, .v = v}; }

const std::vector<Case> kCases = {
    // --- Windows that close
    {"tumbling: evaluated at s+W, before an event of that time, with it as time",
     {close_of(Kind::Tumbling, 10)},
     {ev(3), ev(9), ev(10)},
     {"a/g open yellow @10 n=2"}},
    {"tumbling: not before", {close_of(Kind::Tumbling, 10)}, {ev(3), ev(9)}, {}},
    {"windows without events say nothing",
     {close_of(Kind::Tumbling, 10)},
     {ev(3), ev(55)},
     {"a/g open yellow @10 n=1", "a/g open yellow @60 n=1"},
     {},
     true},
    {"hopping: an event is in each interval that holds it",
     {close_of(Kind::Hopping, 10, 5)},
     {ev(4), ev(5), ev(10)},
     {"a/g open yellow @5 n=1", "a/g open yellow @10 n=2", "a/g open yellow @15 n=2",
      "a/g open yellow @20 n=1"},
     {},
     true},
    {"hopping: none holds some t where H > W",
     {close_of(Kind::Hopping, 3, 10)},
     {ev(2), ev(3), ev(9), ev(10)},
     {"a/g open yellow @3 n=1", "a/g open yellow @13 n=1"},
     {},
     true},
    {"a late event is put into open windows alone",
     {close_of(Kind::Hopping, 10, 5)},
     {ev(12), ev(9), ev(15)},
     {"a/g open yellow @15 n=2", "a/g open yellow @20 n=2", "a/g open yellow @25 n=1"},
     {.allowed_lateness = 10},
     true},
    {"closed once the watermark has reached its end",
     {close_of(Kind::Tumbling, 10)},
     {ev(10), ev(9), ev(20)},
     {"a/g open yellow @20 n=1"},
     {.allowed_lateness = 10}},
    {"open until then",
     {close_of(Kind::Tumbling, 10)},
     {ev(9), ev(8), ev(10)},
     {"a/g open yellow @10 n=2"},
     {.allowed_lateness = 10}},

    // --- Sessions
    {"session: G apart is in, more is not",
     {session(5)},
     {ev(0), ev(5), ev(11)},
     {"a/g open yellow @0 n=1", "a/g open yellow @5 n=2", "a/g open yellow @11 n=1"}},
    {"session: M long is not too long, more is",
     {session(5, 8)},
     {ev(0), ev(4), ev(8), ev(9)},
     {"a/g open yellow @0 n=1", "a/g open yellow @4 n=2", "a/g open yellow @8 n=3",
      "a/g open yellow @9 n=1"}},
    {"session: a late event joins two into one",
     {session(5)},
     {ev(0), ev(9), ev(5), ev(14)},
     {"a/g open yellow @0 n=1", "a/g open yellow @9 n=1", "a/g open yellow @5 n=2",
      "a/g open orange @14 n=4"},
     {.allowed_lateness = 10}},
    {"session: but not beyond M",
     {session(5, 8)},
     {ev(0), ev(9), ev(5), ev(10)},
     {"a/g open yellow @0 n=1", "a/g open yellow @9 n=1", "a/g open yellow @5 n=2",
      "a/g open yellow @10 n=2"},
     {.allowed_lateness = 10}},
    {"session: closes at last + G + 1, at last + G",
     {session(5, {}, Emit::Close)},
     {ev(0), ev(4), ev(9), ev(15)},
     {"a/g open yellow @14 n=3"}},
    {"session: G apart still joins",
     {session(5, {}, Emit::Close)},
     {ev(0), ev(4), ev(9), ev(14)},
     {}},
    {"session: a late event alone is left out once its end is past",
     {session(5, {}, Emit::Close)},
     {ev(16), ev(10), ev(30)},
     {"a/g open yellow @21 n=1"},
     {.allowed_lateness = 20}},
    {"session: and is its own while it is not",
     {session(5, {}, Emit::Close)},
     {ev(17), ev(12), ev(30)},
     {"a/g open yellow @22 n=2"},
     {.allowed_lateness = 20}},

    // --- The last N
    {"count: the last N",
     {last(2, 1000)},
     {ev(0), ev(1), ev(500)},
     {"a/g open yellow @0 n=1", "a/g open yellow @1 n=2", "a/g open yellow @500 n=2"}},
    {"count: t-W is out, just after is in",
     {last(9, 10)},
     {ev(0), ev(1), ev(10), ev(11)},
     {"a/g open yellow @0 n=1", "a/g open yellow @1 n=2", "a/g open yellow @10 n=2",
      "a/g open yellow @11 n=2"}},
    {"count: a late event sees the last N up to it, and takes a place",
     {last(2, 1000)},
     {of(1, 0), of(2, 4), of(60, 8), of(60, 6), of(0, 9)},
     {"a/g open yellow @0 n=1", "a/g open yellow @4 n=2", "a/g open yellow @8 n=2",
      "a/g open yellow @6 n=2", "a/g open yellow @9 n=2"},
     {.allowed_lateness = 10}},

    // --- By time
    {"order: time waits for the engine's watermark",
     {each("a", 0), {.id = "b", .yellow_from = 1, .order = rules::Order::Time}},
     {ev(1), ev(1, 1), ev(9), ev(5, 1), ev(7)},
     {"a/g open yellow @1 n=1", "b/g open yellow @1 n=1", "a/g open yellow @1 n=1",
      "b/g open yellow @1 n=1", "a/g open yellow @9 n=1", "a/g open yellow @5 n=1",
      "b/g open yellow @5 n=1", "a/g open yellow @7 n=1", "b/g open yellow @7 n=1",
      "b/g open yellow @9 n=1"},
     {.allowed_lateness = 5},
     true},

    // --- Sequences: of v
    {"sequence: within is in, more is not",
     {sequence(10, {{.v = 1}, {.v = 2}})},
     {of(1, 0), of(2, 10), of(1, 20), of(2, 31)},
     {"a/g open yellow @10"}},
    {"sequence: a match is used once, the newest first",
     {sequence(10, {{.v = 1}, {.v = 2}})},
     {of(1, 0), of(1, 2), of(2, 3), of(2, 4), of(2, 5)},
     {"a/g open yellow @3", "a/g open yellow @4"}},
    {"sequence: times",
     {sequence(10, {{.v = 1, .times = 2}, {.v = 2}})},
     {of(1, 0), of(2, 1), of(1, 2), of(2, 3), of(2, 4)},
     {"a/g open yellow @3"}},
    {"sequence: of one step",
     {sequence(10, {{.v = 1}})},
     {of(1, 0), of(2, 1), of(1, 2)},
     {"a/g open yellow @0", "a/g open yellow @2"}},
    {"absent in the middle",
     {sequence(10, {{.v = 1}, {.v = 3, .absent = true}, {.v = 2}})},
     {of(1, 0), of(3, 1), of(2, 2), of(1, 3), of(2, 4)},
     {"a/g open yellow @4"}},
    {"absent in the middle guards up to the first of the next step",
     {sequence(10, {{.v = 1}, {.v = 3, .absent = true}, {.v = 2, .times = 2}})},
     {of(1, 0), of(2, 1), of(3, 2), of(2, 3)},
     {"a/g open yellow @3"}},
    {"absent at the end: at first + within, by a timer 1 ms later",
     {sequence(10, {{.v = 1}, {.v = 2, .absent = true}})},
     {of(1, 0), of(0, 10), of(0, 11)},
     {"a/g open yellow @10"}},
    {"absent at the end: not before",
     {sequence(10, {{.v = 1}, {.v = 2, .absent = true}})},
     {of(1, 0), of(0, 10)},
     {}},
    {"absent at the end: one at first + within comes in time",
     {sequence(10, {{.v = 1}, {.v = 2, .absent = true}})},
     {of(1, 0), of(2, 10), of(0, 50)},
     {}},
    {"absent at the end: one after it does not",
     {sequence(10, {{.v = 1}, {.v = 2, .absent = true}})},
     {of(1, 0), of(2, 11)},
     {"a/g open yellow @10"}},
    {"a late event begins nothing that is over, and completes nothing",
     {sequence(10, {{.v = 1}, {.v = 2}})},
     {of(1, 20), of(2, 31), of(2, 30), of(1, 20), of(2, 30)},
     {},
     {.allowed_lateness = 20}},
    {"but what may still end",
     {sequence(10, {{.v = 1}, {.v = 2}})},
     {of(0, 30), of(1, 20), of(2, 29)},
     {"a/g open yellow @29"},
     {.allowed_lateness = 20}},

    // --- Over alerts
    {"alerts come after all other rules of the event, and see no clears",
     {each("a", 5), each("b", 0), over_alerts(each("", 0), "c")},
     {ev(0), ev(3), ev(10)},
     {"a/g open yellow @0 n=1", "b/g open yellow @0 n=1", "c/a open yellow @0 n=1",
      "c/b open yellow @0 n=1", "b/g open yellow @3 n=1", "c/b open yellow @3 n=1",
      "a/g clear yellow @8 hits=2", "a/g open yellow @10 n=1", "b/g open yellow @10 n=1",
      "c/a open yellow @10 n=1", "c/b open yellow @10 n=1"}},
    {"and after the timer that made them; the window that ends then is closed",
     {close_of(Kind::Tumbling, 10), over_alerts(close_of(Kind::Tumbling, 5), "b")},
     {ev(3), ev(16)},
     {"a/g open yellow @10 n=1", "b/a open yellow @15 n=1"}},
};

TEST_CASE("shard: sentences of rules.md about every kind of rule") {
  for (const Case& c : kCases) {
    CAPTURE(std::string(c.what));
    const auto rules = make_rules(c.rules);
    Shard shard(rules, {.allowed_lateness = Duration{c.feed.allowed_lateness}});
    std::vector<alert::Record> records;
    for (const state::Frame& frame : frames_of(c.events, c.feed, c.rules, c.flush)) {
      shard.apply(frame, records);
    }
    CHECK(said(records, *rules) == c.records);
  }
}

TEST_CASE("shard: what came too late for a window is counted once an event and rule") {
  RuleSpec rule = close_of(Kind::Hopping, 10, 5);
  rule.seen_beside = true;
  const std::vector<RuleSpec> specs = {rule};
  Shard shard(make_rules(specs), {.allowed_lateness = Duration{100}});
  std::vector<alert::Record> records;
  // At 12: 9 is too late for [0, 10), 11 for [5, 15) not, 3 for both of its.
  for (const state::Frame& frame :
       frames_of({ev(12), ev(9), ev(11), ev(3)}, {.allowed_lateness = 100}, specs, false)) {
    shard.apply(frame, records);
  }
  CHECK(shard.counters().late_left_out == 2);
  CHECK(shard.late_left_out_of(RuleIndex{0}) == 2);
}

TEST_CASE("shard: of partial matches the oldest goes, and is counted") {
  const std::vector<RuleSpec> specs = {sequence(1000, {{.v = 1}, {.v = 2}})};
  const auto rules = make_rules(specs);
  for (const int64_t matches : {64, 65}) {
    CAPTURE(matches);
    Shard shard(rules, {});
    std::vector<alert::Record> records;
    std::vector<Arriving> events;
    for (int64_t i = 0; i < matches; ++i) events.push_back(of(1, i));
    for (int64_t i = 0; i < matches; ++i) events.push_back(of(2, 100 + i));
    for (const state::Frame& frame : frames_of(events, {}, specs, false)) {
      shard.apply(frame, records);
    }
    CHECK(records.size() == 64);
    CHECK(shard.counters().partial_matches_evicted == static_cast<uint64_t>(matches - 64));
  }
}

class Heard final : public ShardListener {
 public:
  void evaluated(const Evaluated& e) override {
    said += "evaluated@" + std::to_string(e.time.time_since_epoch().count()) + "/" +
            std::to_string(e.entries.size()) + " ";
  }
  void offered(const Offered& o) override {
    said += std::string("offered") + (o.late ? "-late" : "") + (o.left_out ? "-left-out" : "") +
            (o.only_seen ? "-seen" : "") + " ";
  }
  void stepped(const Step& s) override {
    static const char* const kNames[] = {"started", "extended", "completed", "killed",
                                         "expired", "evicted",  "no-fit"};
    said += std::string(kNames[static_cast<size_t>(s.what)]) + std::to_string(s.step) + " ";
  }
  void recorded(const rules::Rule&, const alert::Record&) override { said += "recorded "; }
  std::string said;
};

TEST_CASE("shard: a listener hears what happens") {
  struct Row {
    RuleSpec rule;
    std::vector<Arriving> events;
    const char* heard;
  };
  RuleSpec beside = close_of(Kind::Tumbling, 10);
  beside.seen_beside = true;
  const Row rows[] = {
      {beside,
       {ev(3), ev(12), ev(9)},
       "offered offered-seen evaluated@10/1 recorded evaluated@10/1 recorded offered offered-seen "
       "offered-late-left-out offered-late-left-out-seen "},
      {sequence(10, {{.v = 1}, {.v = 3, .absent = true}, {.v = 2}}),
       {of(2, 0), of(1, 1), of(3, 2), of(1, 3), of(2, 4), of(1, 5), of(2, 16)},
       "no-fit2 started0 killed1 started0 completed2 evaluated@4/2 recorded started0 expired2 "
       "no-fit2 "},
  };
  for (const Row& row : rows) {
    const std::vector<RuleSpec> specs = {row.rule};
    Heard heard;
    Shard shard(make_rules(specs), {.allowed_lateness = Duration{100}, .listener = &heard});
    std::vector<alert::Record> records;
    for (const state::Frame& frame :
         frames_of(row.events, {.allowed_lateness = 100}, specs, false)) {
      shard.apply(frame, records);
    }
    CHECK(heard.said == row.heard);
  }
}

}  // namespace
}  // namespace fengsui::pipeline
