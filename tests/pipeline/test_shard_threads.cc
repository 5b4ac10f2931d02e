// Threads that work in turns.
#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "pipeline/shard_threads.h"

namespace fengsui::pipeline {
namespace {

TEST_CASE("shard threads: each does its piece once a turn, and what it wrote is seen") {
  for (const bool pinned : {false, true}) {
    std::vector<size_t> done(5, 0);
    size_t given = 0;
    std::vector<size_t> seen(5, 0);
    ShardThreads threads(
        5,
        [&](size_t i) {
          ++done[i];
          seen[i] = given;
        },
        pinned);
    for (size_t turn = 1; turn <= 2000; ++turn) {
      given = turn;
      threads.start();
      threads.wait();
      REQUIRE(done == std::vector<size_t>(5, turn));
      REQUIRE(seen == std::vector<size_t>(5, turn));
    }
  }
}

TEST_CASE("shard threads: what a piece of work throws, wait() throws, and all goes on") {
  std::atomic<int> done = 0;
  bool throws = true;
  ShardThreads threads(
      4,
      [&](size_t i) {
        if (throws && i % 2 == 1) throw std::runtime_error(std::to_string(i));
        ++done;
      },
      false);
  for (int turn = 0; turn < 3; ++turn) {
    threads.start();
    CHECK_THROWS_WITH(threads.wait(), "1");
  }
  CHECK(done == 6);
  throws = false;
  threads.start();
  CHECK_NOTHROW(threads.wait());
  CHECK(done == 10);
}

TEST_CASE("shard threads: they end when nobody waits, and when there was no work") {
  std::atomic<int> done = 0;
  {
    ShardThreads threads(
        3, [&](size_t) { ++done; }, false);
    threads.start();
  }
  CHECK(done == 3);
  ShardThreads idle(
      3, [&](size_t) { ++done; }, false);
  CHECK(done == 3);
}

}  // namespace
}  // namespace fengsui::pipeline
