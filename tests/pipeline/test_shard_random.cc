// Random streams: against the naive shard, against other cuts into frames, and across checkpoints.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "naive_shard.h"
#include "random_streams.h"
#include "shard_fixture.h"
#include "stored_groups.h"

namespace fengsui::pipeline {
namespace {

constexpr uint32_t kSeeds = 60;

struct Outcome {
  std::vector<std::string> lines;
  std::string digest;
  size_t groups, timers, held;
};

Outcome outcome_of(const Shard& shard, const std::vector<alert::Record>& records,
                   const rules::RuleSet& rules) {
  return {lines_of(records, rules), shard.digest(), shard.groups(), shard.timers(), shard.held()};
}

Outcome run(const std::shared_ptr<const rules::RuleSet>& rules, const Feed& feed,
            const std::vector<state::Frame>& frames) {
  Shard shard(rules, {.allowed_lateness = Duration{feed.allowed_lateness}});
  std::vector<alert::Record> records;
  for (const state::Frame& frame : frames) shard.apply(frame, records);
  return outcome_of(shard, records, *rules);
}

void check_same(const Outcome& got, const Outcome& wanted) {
  REQUIRE(got.lines == wanted.lines);
  REQUIRE(got.digest == wanted.digest);
  REQUIRE(got.groups == wanted.groups);
  REQUIRE(got.timers == wanted.timers);
  REQUIRE(got.held == wanted.held);
}

TEST_CASE("shard: says what the naive one says, with 1 and 3 partitions") {
  const auto rules = make_rules(all_kinds(), kOrigin);
  std::map<std::string, std::set<std::string>> kinds_of_rule;
  for (const uint32_t partitions : {1u, 3u}) {
    for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
      CAPTURE(partitions);
      CAPTURE(seed);
      const Stream stream = random_stream(seed * 10 + partitions, partitions);
      const bool flush = seed % 2 == 0;
      const Outcome got =
          run(rules, stream.feed, frames_of(stream.events, stream.feed, all_kinds(), flush));
      const std::vector<std::string> wanted =
          naive_lines(all_kinds(), kOrigin, stream.feed, stream.events, flush);
      for (size_t i = 0; i < std::min(got.lines.size(), wanted.size()); ++i) {
        REQUIRE(got.lines[i] == wanted[i]);
      }
      REQUIRE(got.lines.size() == wanted.size());
      for (const std::string& line : wanted) {
        kinds_of_rule[line.substr(line.find("\"rule\":") + 8, 2)].insert(
            line.substr(line.find("\"kind\":") + 8, 2));
      }
      if (flush) {
        CHECK(got.groups == 0);
        CHECK(got.timers == 0);
        CHECK(got.held == 0);
      }
    }
  }
  // The streams trip everything: open, raise and clear of each rule that can have them.
  const std::set<std::string> all = {"op", "ra", "cl"}, opens = {"op"}, unraised = {"op", "cl"};
  CHECK(kinds_of_rule["a-"] == all);
  CHECK(kinds_of_rule["b-"] == all);
  CHECK(kinds_of_rule["c-"] == all);
  CHECK(kinds_of_rule["d-"] == opens);
  CHECK(kinds_of_rule["e-"] == unraised);
  CHECK(kinds_of_rule["f-"].empty());
  CHECK(kinds_of_rule["g-"] == opens);
  CHECK(kinds_of_rule["h-"] == all);
}

void check_cuts(const std::vector<RuleSpec>& specs, uint32_t seeds) {
  const auto rules = make_rules(specs, kOrigin);
  std::set<std::string> seen;
  for (uint32_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    const Stream stream = random_stream(seed, 1);
    const std::vector<state::Frame> each =
        frames_of(stream.events, stream.feed, specs, seed % 3 == 0);
    const Outcome wanted = run(rules, stream.feed, each);
    for (const std::string& line : wanted.lines)
      seen.insert(line.substr(line.find("\"rule\":") + 8, 2));
    std::mt19937 random(seed);
    for (const size_t most : {2, 5, 40, 1000}) {
      CAPTURE(most);
      check_same(run(rules, stream.feed, join_frames(each, most, random)), wanted);
    }
  }
  for (const RuleSpec& spec : specs) {
    CAPTURE(spec.id);
    CHECK(seen.contains(spec.id.substr(0, 2)) == (spec.mode == rules::Mode::Live));
  }
}

TEST_CASE("shard: with one partition, how the log is cut into frames changes nothing") {
  check_cuts(all_kinds(), kSeeds);
  check_cuts(with_alerts(), kSeeds / 2);
}

void check_checkpoints(const std::vector<RuleSpec>& specs, uint32_t seeds) {
  const auto rules = make_rules(specs, kOrigin);
  for (uint32_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    const uint32_t partitions = seed % 2 == 0 ? 1 : 3;
    const Stream stream = random_stream(seed, partitions);
    std::mt19937 random(seed);
    const auto frames =
        join_frames(frames_of(stream.events, stream.feed, specs, seed % 3 == 0), 4, random);
    const Outcome wanted = run(rules, stream.feed, frames);

    const ShardOptions options{.allowed_lateness = Duration{stream.feed.allowed_lateness}};
    auto shard = std::make_unique<Shard>(rules, options);
    Stored stored;
    std::vector<alert::Record> records;
    for (size_t applied = 0; applied < frames.size();) {
      shard->apply(frames[applied++], records);
      if (random() % 5 == 0) stored.write(*shard);
      if (random() % 15 != 0) continue;
      // The process ends; the tail is replayed, its records having been said before.
      shard = std::make_unique<Shard>(rules, options);
      stored.read_into(*shard);
      CHECK(shard->groups() == stored.groups.size());
      if (!stored.rest.empty()) CHECK(shard->stored_digest(stored.rest) == stored.digest);
      std::vector<alert::Record> repeated;
      for (size_t i = value_of(shard->position()); i < applied; ++i) {
        shard->apply(frames[i], repeated);
      }
      REQUIRE(repeated.size() <= records.size());
      const auto said = lines_of(records, *rules), again = lines_of(repeated, *rules);
      REQUIRE(std::equal(again.rbegin(), again.rend(), said.rbegin()));
    }
    check_same(outcome_of(*shard, records, *rules), wanted);
    Shard other(rules, options);
    stored.write(*shard);
    stored.read_into(other);
    CHECK(other.digest() == wanted.digest);
    CHECK(other.encode_rest() == shard->encode_rest());
    CHECK(other.stored_digest(stored.rest) == stored.digest);
  }
}

TEST_CASE("shard: goes on from a checkpoint as if nothing had happened") {
  check_checkpoints(all_kinds(), kSeeds);
  check_checkpoints(with_alerts(), kSeeds);
}

void check_groups_ahead(const std::vector<RuleSpec>& specs) {
  const auto rules = make_rules(specs, kOrigin);
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const Stream stream = random_stream(seed, seed % 2 == 0 ? 1 : 3);
    std::mt19937 random(seed);
    const auto frames = join_frames(frames_of(stream.events, stream.feed, specs, false), 4, random);
    const Outcome wanted = run(rules, stream.feed, frames);
    const ShardOptions options{.allowed_lateness = Duration{stream.feed.allowed_lateness}};
    Shard shard(rules, options);
    std::vector<alert::Record> records;
    const size_t checkpoint = random() % frames.size();
    for (size_t i = 0; i < checkpoint; ++i) shard.apply(frames[i], records);
    Stored stored;
    stored.write(shard);
    // Some of the groups that are still there later are written anew.
    const size_t later = checkpoint + random() % (frames.size() - checkpoint);
    for (size_t i = checkpoint; i < later; ++i) shard.apply(frames[i], records);
    shard.dirty(
        [&](const Shard::DirtyGroup& group) {
          if (!group.value.empty() && random() % 2 == 0) stored.groups[group.key] = group.value;
        },
        false);
    stored.digest.clear();  // of the checkpoint's values alone
    Shard recovered(rules, options);
    stored.read_into(recovered);
    for (size_t i = checkpoint; i < frames.size(); ++i) recovered.apply(frames[i], records);
    CHECK(recovered.digest() == wanted.digest);
    CHECK(recovered.groups() == wanted.groups);
  }
}

TEST_CASE("shard: a group written after the checkpoint is not applied twice") {
  check_groups_ahead(all_kinds());
  check_groups_ahead(other_kinds());
}

// Every group that may leaves memory after every frame; checkpoints in steps, frames between them;
// restarts, in the middle of a checkpoint too.
size_t check_away(const std::vector<RuleSpec>& specs, bool ahead) {
  const auto rules = make_rules(specs, kOrigin);
  size_t reads = 0;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const Stream stream = random_stream(seed, seed % 2 == 0 ? 1 : 3);
    std::mt19937 random(seed);
    const auto frames =
        join_frames(frames_of(stream.events, stream.feed, specs, seed % 3 == 0), 4, random);
    const Outcome wanted = run(rules, stream.feed, frames);
    ReadStored store;
    const ShardOptions options{.allowed_lateness = Duration{stream.feed.allowed_lateness},
                               .reader = &store,
                               .memory_bytes = 0};
    auto shard = std::make_unique<Shard>(rules, options);
    SteppedCheckpoint checkpoint;
    std::vector<alert::Record> records;
    for (size_t applied = 0; applied < frames.size();) {
      shard->apply(frames[applied++], records);
      REQUIRE_FALSE(shard->failure());
      if (!checkpoint.is_being_made() && random() % 4 == 0) checkpoint.begin(*shard);
      while (checkpoint.is_being_made() && (!ahead || random() % 3 == 0)) {
        checkpoint.step(*shard, store, ahead ? 1 + random() % 3 : 1000);
      }
      for (int round = 0; round < 2; ++round) shard->rest(store.put(), ahead);
      if (random() % 15 != 0) continue;
      const auto before = std::exchange(shard, std::make_unique<Shard>(rules, options));
      checkpoint.drop(store);
      store.stored.read_into(*shard);
      std::vector<alert::Record> repeated;
      for (size_t i = value_of(shard->position()); i < applied; ++i) {
        shard->apply(frames[i], repeated);
        shard->rest(store.put(), ahead);
      }
      CHECK(shard->groups() == before->groups());
      CHECK(shard->timers() == before->timers());
      CHECK(shard->digest() == before->digest());
      // What a group that is ahead has said already is not said again; all else as before.
      const auto said = lines_of(records, *rules), again = lines_of(repeated, *rules);
      auto next = said.begin();
      for (const std::string& line : again) {
        next = std::find(next, said.end(), line);
        if (next == said.end()) FAIL_CHECK("it was not said before: ", line);
        if (next == said.end()) break;
        ++next;
      }
    }
    while (checkpoint.is_being_made()) checkpoint.step(*shard, store, 1000);
    const Outcome outcome = outcome_of(*shard, records, *rules);
    CHECK(outcome.lines == wanted.lines);
    CHECK(outcome.digest == wanted.digest);
    CHECK(outcome.groups == wanted.groups);
    reads += store.reads;
    if (seed % 2 == 0) continue;
    // All that the store then holds is what the digest of its checkpoint says.
    checkpoint.begin(*shard);
    while (checkpoint.is_being_made()) checkpoint.step(*shard, store, 1000);
    Shard other(rules, options);
    store.stored.read_into(other);
    CHECK(other.stored_digest(store.stored.rest) == store.stored.digest);
    CHECK(other.digest() == wanted.digest);
    CHECK(other.groups() == store.stored.groups.size());
  }
  return reads;
}

TEST_CASE("shard: groups that are in the store alone change nothing") {
  CHECK(check_away(all_kinds(), true) > 100);
  CHECK(check_away(other_kinds(), true) > 100);
  CHECK(check_away(all_kinds(), false) > 100);
  check_away(with_alerts(), false);
}

TEST_CASE("shard: damaged values are refused, not believed") {
  std::vector<RuleSpec> specs = all_kinds();
  for (const RuleSpec& spec : with_alerts()) {
    specs.push_back(spec);
    specs.back().id = "z" + spec.id;
  }
  const auto rules = make_rules(specs, kOrigin);
  const Stream stream = random_stream(4, 1);
  Shard shard(rules, {});
  std::vector<alert::Record> records;
  for (const auto& frame : frames_of(stream.events, stream.feed, specs, false)) {
    shard.apply(frame, records);
  }
  Stored stored;
  stored.write(shard);
  REQUIRE_FALSE(stored.groups.empty());
  std::mt19937 random(1);
  for (const auto& [key, value] : stored.groups) {
    Shard other(rules, {});
    CHECK_FALSE(other.restore_group(key, value.substr(0, value.size() - 1)).has_value());
    CHECK_FALSE(other.restore_group(key, value + "x").has_value());
    CHECK_FALSE(other.restore_group(key, "").has_value());
    CHECK_FALSE(other.restore_group(key.substr(0, 3), value).has_value());
    CHECK_FALSE(other.restore_group("\x7f" + key.substr(1), value).has_value());
    CHECK_FALSE(other.restore_group(key, "\x09" + value.substr(1)).has_value());
    std::string changed = value;
    changed[random() % changed.size()] ^= static_cast<char>(1 + random() % 255);
    static_cast<void>(Shard(rules, {}).restore_group(key, changed));  // must not crash
  }
  for (size_t cut = 0; cut < stored.rest.size(); ++cut) {
    CHECK_FALSE(Shard(rules, {}).restore_rest(stored.rest.substr(0, cut)).has_value());
  }
}

}  // namespace
}  // namespace fengsui::pipeline
