// Several shards against one, random: output, counters, stored state and digests are the same.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/shards.h"
#include "random_streams.h"
#include "shard_fixture.h"
#include "stored_groups.h"

namespace fengsui::pipeline {
namespace {

constexpr uint32_t kSeeds = 24;
constexpr size_t kGroupsMost = 12;

ShardsOptions many(size_t shards) { return {.shards = shards, .handed_over_from = 0}; }

std::vector<uint64_t> counts_of(const ShardCounters& c) {
  return {c.evaluations, c.hits,           c.let_errors,    c.opens,       c.raises,
          c.clears,      c.shadow_records, c.late_left_out, c.alert_events};
}

void check_same(const Shards& several, const Shard& one, const rules::RuleSet& rules) {
  REQUIRE(several.digest() == one.digest());
  REQUIRE(several.encode_rest() == one.encode_rest());
  REQUIRE(several.groups() == one.groups());
  REQUIRE(several.timers() == one.timers());
  REQUIRE(several.held() == one.held());
  REQUIRE(several.watermark() == one.watermark());
  REQUIRE(several.position() == one.position());
  for (const auto& rule : rules.rules) {
    REQUIRE(several.groups_of(rule->index) == one.groups_of(rule->index));
  }
}

std::vector<state::Frame> frames_for(const Stream& stream, const std::vector<RuleSpec>& specs,
                                     uint32_t seed) {
  std::mt19937 random(seed);
  return join_frames(frames_of(stream.events, stream.feed, specs, seed % 3 == 0), 20, random);
}

// How many were left out of windows.
uint64_t check_numbers(const std::vector<RuleSpec>& specs) {
  const auto rules = make_rules(specs, kOrigin);
  uint64_t left_out = 0;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const Stream stream = random_stream(seed, seed % 2 == 0 ? 1 : 3, kGroupsMost);
    const std::vector<state::Frame> frames = frames_for(stream, specs, seed);
    const ShardOptions options{.allowed_lateness = Duration{stream.feed.allowed_lateness}};
    Shard one(rules, options);
    std::vector<alert::Record> wanted;
    for (const state::Frame& frame : frames) one.apply(frame, wanted);
    left_out += one.counters().late_left_out;
    for (const size_t shards : {1, 2, 5}) {
      CAPTURE(shards);
      ShardsOptions so_many = many(shards);
      so_many.pinned = seed % 2 == 0;
      Shards several(rules, options, so_many);
      std::vector<alert::Record> records;
      for (const state::Frame& frame : frames) several.apply(frame, records);
      REQUIRE(lines_of(records, *rules) == lines_of(wanted, *rules));
      REQUIRE(counts_of(several.counters()) == counts_of(one.counters()));
      for (const auto& rule : rules->rules) {
        REQUIRE(several.hits_of(rule->index) == one.hits_of(rule->index));
        REQUIRE(several.late_left_out_of(rule->index) == one.late_left_out_of(rule->index));
      }
      check_same(several, one, *rules);
    }
  }
  return left_out;
}

TEST_CASE("shards: any number of them says what one says") {
  check_numbers(all_kinds());
  CHECK(check_numbers(with_alerts()) > 0);
}

TEST_CASE("shards: a frame in two halves, and small ones by the caller, are the same") {
  const auto rules = make_rules(with_alerts(), kOrigin);
  const Stream stream = random_stream(5, 1, kGroupsMost);
  const std::vector<state::Frame> frames = frames_for(stream, with_alerts(), 3);
  Shard one(rules, {});
  std::vector<alert::Record> wanted;
  for (const state::Frame& frame : frames) one.apply(frame, wanted);
  REQUIRE_FALSE(wanted.empty());
  for (const size_t from : {0, 32, 100'000}) {
    Shards several(rules, {}, {.shards = 2, .handed_over_from = from});
    std::vector<alert::Record> records;
    for (const state::Frame& frame : frames) {
      several.finish(records);
      several.begin(state::Frame(frame), records);
    }
    several.finish(records);
    several.finish(records);
    CHECK(lines_of(records, *rules) == lines_of(wanted, *rules));
    check_same(several, one, *rules);
  }
  // One that ends while its threads are at work waits for them.
  Shards ends(rules, {}, many(3));
  std::vector<alert::Record> none;
  ends.begin(state::Frame(frames.front()), none);
  CHECK(none.empty());
}

// The same rules, some in another mode; of some the state goes.
struct NextPack {
  std::vector<RuleSpec> specs;
  std::shared_ptr<const rules::RuleSet> rules;
  RuleChanges changes;
};

NextPack another_pack(std::vector<RuleSpec> specs, std::mt19937& random) {
  NextPack next;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (random() % 6 == 0) specs[i].mode = rules::Mode::Shadow;
    if (random() % 6 == 0) specs[i].mode = rules::Mode::Live;
    next.changes.next.push_back({RuleIndex{static_cast<uint32_t>(i)}, random() % 5 != 0});
  }
  next.rules = make_rules(specs, kOrigin);
  next.specs = std::move(specs);
  return next;
}

// Frames, packs and restarts at random: one goes on, the several begin anew as another number.
void check_restarts(std::vector<RuleSpec> specs, uint32_t seed) {
  CAPTURE(seed);
  auto rules = make_rules(specs, kOrigin);
  const Stream stream = random_stream(seed, seed % 2 == 0 ? 1 : 3, kGroupsMost);
  std::mt19937 random(seed);
  const ShardOptions options{.allowed_lateness = Duration{stream.feed.allowed_lateness}};
  Shard one(rules, options);
  auto several = std::make_unique<Shards>(rules, options, many(2));
  Stored of_one, of_several;
  for (const state::Frame& frame : frames_for(stream, specs, seed)) {
    std::vector<alert::Record> wanted, records;
    if (random() % 8 == 0) {
      NextPack next = another_pack(specs, random);
      const state::Swap swap;
      REQUIRE(one.swap(next.rules, next.changes, swap, frame.position, wanted));
      REQUIRE(several->swap(next.rules, next.changes, swap, frame.position, records));
      REQUIRE(lines_of(records, *rules) == lines_of(wanted, *rules));
      wanted.clear();
      records.clear();
      specs = std::move(next.specs);
      rules = std::move(next.rules);
    }
    one.apply(frame, wanted);
    several->apply(frame, records);
    REQUIRE(lines_of(records, *rules) == lines_of(wanted, *rules));
    if (random() % 4 != 0) continue;
    of_one.write(one);
    of_several.write(*several);
    REQUIRE(of_several.groups == of_one.groups);
    REQUIRE(of_several.digest == of_one.digest);
    REQUIRE(of_several.rest == of_one.rest);
    if (random() % 2 == 0) continue;
    several = std::make_unique<Shards>(rules, options, many(1 + random() % 5));
    of_several.read_into(*several);
    check_same(*several, one, *rules);
  }
  check_same(*several, one, *rules);
}

TEST_CASE("shards: a state goes on with another number, through changes of packs") {
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    check_restarts(seed % 2 == 0 ? all_kinds() : other_kinds(), seed);
    check_restarts(with_alerts(), seed);
  }
}

TEST_CASE("shards: warm groups go to whoever has them") {
  const auto rules = make_rules(all_kinds(), kOrigin);
  const Stream stream = random_stream(2, 1, kGroupsMost);
  Shard warmed(rules, {});
  std::vector<alert::Record> none;
  for (const state::Frame& frame : frames_for(stream, all_kinds(), 1)) warmed.apply(frame, none);
  state::Swap swap;
  warmed.dirty(
      [&](const Shard::DirtyGroup& group) {
        if (!group.value.empty()) swap.warm.push_back({group.key, group.value});
      },
      false);
  REQUIRE(swap.warm.size() > 20);
  RuleChanges changes;
  for (const auto& rule : rules->rules) changes.next.push_back({rule->index, false});
  Shard one(rules, {});
  Shards several(rules, {}, many(3));
  REQUIRE(one.swap(rules, changes, swap, LogPosition{1}, none));
  REQUIRE(several.swap(rules, changes, swap, LogPosition{1}, none));
  check_same(several, one, *rules);
  CHECK(several.groups() == swap.warm.size());
  swap.warm = {{"no key", "no value"}};
  CHECK_FALSE(Shards(rules, {}, many(2)).swap(rules, changes, swap, LogPosition{1}, none));
  CHECK_FALSE(Shards(rules, {}, many(2)).restore_group("no key", "no value"));
}

// --- The merge alone

using What = ShardMoment::What;

// Moments in their order, each with a record or none; `groups` gives their timers' names.
std::vector<ShardMoment> random_moments(std::mt19937& random) {
  std::vector<ShardMoment> all;
  for (size_t item = 0; item < 20; ++item) {
    std::set<std::tuple<int64_t, uint32_t, std::string>> timers;
    for (uint32_t i = random() % 6; i > 0; --i) {
      timers.insert({random() % 3, random() % 3, std::string(1, char('a' + random() % 3))});
    }
    for (const auto& [due, rule, group] : timers) {
      ShardMoment& moment = all.emplace_back();
      moment.item = item;
      moment.timer.due = at(due);
      moment.timer.rule = RuleIndex{rule};
      moment.group = group;
    }
    for (size_t match = 0; match < random() % 4; ++match) {
      ShardMoment& moment = all.emplace_back();
      moment.item = item;
      moment.what = What::Event;
      moment.match = match;
    }
  }
  return all;
}

TEST_CASE("shards: moments of several parts come in the order of one shard") {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::vector<ShardMoment> all = random_moments(random);
    std::vector<ShardPart> parts(1 + seed % 4);
    std::vector<std::string> wanted;
    for (size_t i = 0; i < all.size(); ++i) {
      ShardPart& part = parts[random() % parts.size()];
      ShardMoment moment = all[i];
      moment.first = part.records.size();
      for (uint32_t records = random() % 3; records > 0; --records) {
        alert::Record record;
        record.alert = std::to_string(i) + "/" + std::to_string(records);
        wanted.push_back(record.alert);
        part.records.push_back(std::move(record));
      }
      moment.end = part.records.size();
      part.moments.push_back(std::move(moment));
    }
    std::vector<ShardPart*> of;
    for (ShardPart& part : parts) of.push_back(&part);
    ShardMerge merge(of);
    std::vector<alert::Record> records;
    size_t moments = 0;
    for (; merge.next() != nullptr; ++moments) merge.take(records);
    CHECK(moments == all.size());
    std::vector<std::string> got;
    for (const alert::Record& record : records) got.push_back(record.alert);
    CHECK(got == wanted);
  }
}

}  // namespace
}  // namespace fengsui::pipeline
