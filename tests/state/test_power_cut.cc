// A simulated power cut loses no commit that was acknowledged; without sync it does, so the
// simulation would notice.
#include <doctest/doctest.h>

#include <string>

#include "state/power_cut_file_system.h"
#include "state/rocksdb_key_value.h"
#include "state/scratch_folder.h"
#include "state/store.h"

namespace fengsui::state {
namespace {

std::unique_ptr<Store> open(const std::string& folder, rocksdb::Env* env, Sync sync) {
  Expected<std::unique_ptr<KeyValue>> tables =
      open_rocksdb_key_value({.directory = folder, .env = env, .write_buffer_bytes = 64 << 10});
  if (!tables) FAIL(tables.error().message);
  Expected<std::unique_ptr<Store>> store =
      Store::open(std::move(*tables), {.pack_hash = "p", .commit_sync = sync});
  if (!store) FAIL(store.error().message);
  return std::move(*store);
}

Commit commit_of(uint64_t n) {
  Commit commit;
  commit.frame.position = LogPosition{n};
  commit.partitions = {{PartitionId{0}, "file:a", EventTime{}, true, n}};
  commit.outbox = {{"duty", n, "key", std::string(200, 'x')}};
  commit.totals.read = n;
  return commit;
}

// Commits, with a checkpoint now and then, until the power goes at the n-th sync. Returns the last
// acknowledged commit and what is found after the cut.
struct Outcome {
  uint64_t acknowledged = 0;
  uint64_t recovered = 0;
  uint64_t entries = 0;
};

Outcome cut_at(uint64_t sync, Sync policy) {
  test::ScratchFolder folder;
  Outcome outcome;
  {
    test::PowerCutFileSystem files;
    auto store = open(folder / "state", files.env(), policy);
    files.cut_at_sync(sync);
    for (uint64_t n = 1; n <= 2000 && !files.is_cut(); ++n) {
      if (!store->commit(commit_of(n))) break;
      outcome.acknowledged = n;
      if (policy == Sync::Later && n == sync * 10) files.cut();
      if (n % 40 != 0) continue;
      Checkpoint checkpoint;
      checkpoint.digest = [] { return std::string("d"); };
      checkpoint.position = LogPosition{n};
      checkpoint.pack_hash = "p";
      checkpoint.shard_rest = "rest";
      checkpoint.groups = [&](const Checkpoint::VisitGroup& visit) {
        visit("group", std::to_string(n));
      };
      if (!store->checkpoint(checkpoint)) break;
    }
    CHECK(files.is_cut());
    store.reset();
    files.lose_unsynced();
  }
  const auto store = open(folder / "state", nullptr, Sync::Now);
  outcome.recovered = value_of(store->recovered().last);
  CHECK(store->recovered().totals.read == outcome.recovered);
  const auto entries =
      store->outbox_after("duty", 0, {.entries_max = 10'000, .bytes_max = 1 << 30});
  REQUIRE(entries);
  outcome.entries = entries->size();
  return outcome;
}

TEST_CASE("an acknowledged commit survives a power cut") {
  for (const uint64_t sync : {1, 2, 3, 7, 41, 42, 43, 44, 100, 250, 700}) {
    CAPTURE(sync);
    const Outcome outcome = cut_at(sync, Sync::Now);
    // What the cut hit may be there or not.
    CHECK(outcome.recovered >= outcome.acknowledged);
    CHECK(outcome.recovered <= outcome.acknowledged + 1);
    CHECK(outcome.entries == outcome.recovered);
  }
}

TEST_CASE("without sync a power cut loses commits, and the simulation shows it") {
  const Outcome outcome = cut_at(3, Sync::Later);
  CHECK(outcome.acknowledged == 30);
  CHECK(outcome.recovered < outcome.acknowledged);
  // Even so each commit is there as a whole or not at all.
  CHECK(outcome.entries == outcome.recovered);
}

}  // namespace
}  // namespace fengsui::state
