// Several shards whose groups leave memory as soon as they may, against one that keeps all.
#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/shards.h"
#include "random_streams.h"
#include "shard_fixture.h"
#include "stored_groups.h"

namespace fengsui::pipeline {
namespace {

using RulesPointer = std::shared_ptr<const rules::RuleSet>;

constexpr uint32_t kSeeds = 40;

// Some frames to the threads, or all of them, however small.
ShardsOptions numbers_of(std::mt19937& random) {
  return {.shards = 2 + random() % 4,
          .pinned = false,
          .handed_over_from = random() % 2 == 0 ? 0u : 9u};
}

// A process over a store that groups leave memory for as soon as they may.
class Process {
 public:
  Process(RulesPointer rules, ShardOptions options, std::mt19937& random)
      : rules_(std::move(rules)), options_(options), random_(random) {
    options_.reader = &store;
    options_.memory_bytes = 0;
    shards = std::make_unique<Shards>(rules_, options_, numbers_of(random_));
  }

  void apply(const state::Frame& frame, std::vector<alert::Record>& out) {
    shards->apply(frame, out);
    REQUIRE_FALSE(shards->failure());
    if (!checkpoint_.is_being_made() && random_() % 4 == 0) checkpoint_.begin(*shards);
    while (checkpoint_.is_being_made() && random_() % 3 == 0) step();
    for (int round = 0; round < 2; ++round) shards->rest(store.put(), /*ahead=*/true);
  }

  void end_and_start_again(const std::vector<state::Frame>& frames) {
    const LogPosition reached = shards->position();
    shards = std::make_unique<Shards>(rules_, options_, numbers_of(random_));
    checkpoint_.drop(store);
    store.stored.read_into(*shards);
    std::vector<alert::Record> quiet;
    while (shards->position() < reached) {
      shards->apply(frames[value_of(shards->position())], quiet);
      shards->rest(store.put(), /*ahead=*/true);
    }
  }

  void end_checkpoint() {
    while (checkpoint_.is_being_made()) step();
  }

  ReadStored store;
  std::unique_ptr<Shards> shards;

 private:
  void step() { checkpoint_.step(*shards, store, 1 + random_() % 3); }

  const RulesPointer rules_;
  ShardOptions options_;
  std::mt19937& random_;
  SteppedCheckpoint checkpoint_;
};

size_t check_away(const std::vector<RuleSpec>& specs) {
  const RulesPointer rules = make_rules(specs, kOrigin);
  size_t reads = 0;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const Stream stream = random_stream(seed, seed % 2 == 0 ? 1 : 3);
    std::mt19937 random(seed);
    const std::vector<state::Frame> frames =
        join_frames(frames_of(stream.events, stream.feed, specs, seed % 3 == 0), 4, random);
    const ShardOptions options{.allowed_lateness = Duration{stream.feed.allowed_lateness}};
    Shard alone(rules, options);
    Process process(rules, options, random);
    std::vector<alert::Record> wanted, got;
    for (const state::Frame& frame : frames) {
      alone.apply(frame, wanted);
      process.apply(frame, got);
      if (random() % 15 == 0) process.end_and_start_again(frames);
      REQUIRE(process.shards->groups() == alone.groups());
      REQUIRE(process.shards->timers() == alone.timers());
      REQUIRE(process.shards->digest() == alone.digest());
    }
    process.end_checkpoint();
    CHECK(lines_of(got, *rules) == lines_of(wanted, *rules));
    reads += process.store.reads;
  }
  return reads;
}

TEST_CASE("shards: groups that are in the store alone change nothing") {
  CHECK(check_away(all_kinds()) > 100);
  CHECK(check_away(other_kinds()) > 100);
}

}  // namespace
}  // namespace fengsui::pipeline
