#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "pipeline/memory_bench.h"
#include "state/power_cut_file_system.h"
#include "state/scratch_folder.h"

namespace fengsui::test {
namespace {

std::unique_ptr<Engine> open(const std::string& folder, const Clock& clock,
                             const BenchOptions& options = {}) {
  Expected<std::unique_ptr<Engine>> engine = open_engine(folder, clock, options);
  if (!engine) FAIL(engine.error().message);
  return std::move(*engine);
}

void run_to_the_end(Engine& engine) {
  REQUIRE(engine.start());
  REQUIRE(engine.wait(kLong) == Engine::Running::AllRead);
  const auto stopped = engine.stop({.end = Engine::End::Flush, .deliver_most = kLong});
  if (!stopped) FAIL(stopped.error().message);
}

TEST_CASE("records end in the queues, and the four counters add up") {
  ScratchFolder folder;
  const Strings input = make_input({.seed = 4, .lines = 500});
  write_lines(folder / "in.ndjson", input);
  const SystemClock clock;
  const auto engine = open(folder / "", clock);
  run_to_the_end(*engine);
  const pipeline::EngineStatus status = engine->status();
  CHECK(status.records.read == input.size());
  CHECK(status.records.processed + status.records.duplicate + status.records.late +
            status.records.dead_letter ==
        status.records.read);
  CHECK(status.records.duplicate > 0);
  CHECK(status.records.late > 0);
  CHECK(status.records.late_admitted > 0);
  const Strings duty = lines_of_file(folder / "duty.ndjson");
  const Strings dead = lines_of_file(folder / "dead.ndjson");
  CHECK(duty.size() == status.shard.opens + status.shard.raises + status.shard.clears);
  CHECK(dead.size() == status.records.dead_letter + status.records.late);
  CHECK(duty[0].find("\"schema\":\"fengsui.alert/1\"") != std::string::npos);
  CHECK(dead[0].find("\"reason\"") != std::string::npos);
  CHECK(status.durable.count() == input.size());
  CHECK(status.alerted.count() <= duty.size());
  CHECK(value_of(status.checkpoint) == value_of(status.position));
}

TEST_CASE("however records are cut into batches and restarts, the queues are the same") {
  const Strings input = make_input({.seed = 6, .lines = 400});
  const SystemClock clock;
  Strings want;
  for (const size_t batch_records : {1000, 1, 13}) {
    CAPTURE(batch_records);
    ScratchFolder folder;
    // A third of the file at a time, with a stop between.
    const size_t parts = batch_records == 1000 ? 1 : 3;
    for (size_t part = 1; part <= parts; ++part) {
      write_lines(folder / "in.ndjson",
                  Strings(input.begin(), input.begin() + input.size() * part / parts));
      const auto engine = open(folder / "", clock, {.batch_records = batch_records});
      REQUIRE(engine->start());
      REQUIRE(engine->wait(kLong) == Engine::Running::AllRead);
      REQUIRE(engine->stop(
          {.end = part == parts ? Engine::End::Flush : Engine::End::Keep, .deliver_most = kLong}));
      CHECK(engine->status().records.read == input.size() * part / parts);
    }
    if (want.empty()) want = lines_of_file(folder / "duty.ndjson");
    CHECK(lines_of_file(folder / "duty.ndjson") == want);
  }
}

// Pushes lines one by one until the power goes; returns how many were acknowledged.
size_t push_until_the_power_goes(Engine& engine, const Strings& lines) {
  std::atomic<size_t> acknowledged = 0;
  std::atomic<size_t> answered = 0;
  size_t pushed = 0;
  for (const std::string& line : lines) {
    source::Batch batch;
    batch.source = "test";
    batch.partition = "p";
    batch.add(line, pushed);
    batch.next_position = pushed + 1;
    batch.committed = [&](const Expected<std::vector<source::RecordResult>>& result) {
      if (result) ++acknowledged;
      ++answered;
    };
    const size_t bytes = batch.bytes();
    if (!engine.queue().push(std::move(batch), bytes)) break;
    ++pushed;
  }
  while (answered < pushed) std::this_thread::yield();
  return acknowledged;
}

struct AfterPowerCut {
  size_t acknowledged = 0;
  uint64_t read = 0;  // records in the state after the cut
  uint64_t next_position = 0;
};

AfterPowerCut cut_power(const std::string& folder, const Strings& lines, uint64_t at_sync,
                        state::Sync sync) {
  AfterPowerCut after;
  const SystemClock clock;
  {
    PowerCutFileSystem files;
    {
      const auto engine =
          open(folder, clock, {.env = files.env(), .sync = sync, .from_file = false});
      files.cut_at_sync(at_sync);
      REQUIRE(engine->start());
      after.acknowledged = push_until_the_power_goes(*engine, lines);
      files.cut();
    }
    files.lose_unsynced();
  }
  const auto engine = open(folder, clock, {.from_file = false});
  after.read = engine->status().records.read;
  after.next_position = engine->position_of("p").value_or(0);
  return after;
}

TEST_CASE("what is acknowledged survives a power cut, and going on gives the undisturbed queue") {
  const Strings input = make_input({.seed = 8, .lines = 300});
  const SystemClock clock;
  Strings want;
  for (const uint64_t at_sync : {1'000'000, 1, 2, 9, 40, 41, 42, 77, 150, 233}) {
    CAPTURE(at_sync);
    ScratchFolder folder;
    const AfterPowerCut after = cut_power(folder / "", input, at_sync, state::Sync::Now);
    CHECK(after.read >= after.acknowledged);
    CHECK(after.next_position == after.read);
    const auto engine = open(folder / "", clock, {.from_file = false});
    REQUIRE(engine->start());
    push_until_the_power_goes(*engine,
                              Strings(input.begin() + static_cast<long>(after.read), input.end()));
    REQUIRE(engine->stop({.end = Engine::End::Flush, .deliver_most = kLong}));
    if (want.empty()) want = lines_of_file(folder / "duty.ndjson");
    CHECK(lines_of_file(folder / "duty.ndjson") == want);
  }
  CHECK(want.size() > 20);
}

TEST_CASE("without sync the power cut takes what was acknowledged: the test would see it") {
  const Strings input = make_input({.seed = 8, .lines = 200});
  ScratchFolder folder;
  const AfterPowerCut after = cut_power(folder / "", input, 1'000'000, state::Sync::Later);
  CHECK(after.acknowledged == input.size());
  CHECK(after.read < after.acknowledged);
}

TEST_CASE("a store that fails stops the engine, and nothing more is acknowledged") {
  MemoryBench bench;
  bench.open(engine_options({}));
  REQUIRE(bench.push("p", {pass_line("a", 0, "G", 1)}));
  bench.tables->fail_after(0, Error::outside("no space left on device"));
  const auto refused = bench.push("p", {pass_line("b", 1, "G", 1)});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "no space left on device");
  CHECK(bench.engine->wait(kLong) == Engine::Running::Failed);
  CHECK_FALSE(bench.push("p", {pass_line("c", 2, "G", 1)}));
  const auto stopped = bench.engine->stop();
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().message == "no space left on device");
}

TEST_CASE("results come back in the order of the records") {
  MemoryBench bench;
  bench.open(engine_options({}));
  const auto results =
      bench.push("p", {pass_line("a", 100'000, "G", 1), "{}", pass_line("a", 100'000, "G", 1),
                       pass_line("b", 1'000, "G", 1)});
  REQUIRE(results);
  REQUIRE(results->size() == 4);
  CHECK((*results)[0].outcome == event::Outcome::Processed);
  CHECK((*results)[1].outcome == event::Outcome::DeadLetter);
  CHECK((*results)[1].rejected);
  CHECK((*results)[2].outcome == event::Outcome::Duplicate);
  CHECK((*results)[3].outcome == event::Outcome::Late);
}

TEST_CASE("a partition holds the watermark until it is silent for long enough by the clock") {
  MemoryBench bench;
  bench.open(engine_options({.idle_after = Duration{30'000}}));
  REQUIRE(bench.push("a", {pass_line("a1", 0, "G", 1)}));
  REQUIRE(bench.push("b", {pass_line("b1", 0, "G", 1)}));
  REQUIRE(bench.push("a", {pass_line("a2", 500'000, "H", 1)}));
  // Two at one gate: open; b holds its clear back.
  bench.until([](const auto& status) { return status.shard.opens == 1; });
  CHECK(bench.engine->status().shard.clears == 0);
  bench.clock.advance(Duration{29'999});
  REQUIRE(bench.push("a", {pass_line("a3", 500'001, "I", 1)}));
  CHECK(bench.engine->status().shard.clears == 0);
  bench.clock.advance(Duration{1});
  bench.until([](const auto& status) { return status.shard.clears == 1; });
  REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
  CHECK(bench.received->messages().size() == 2);
}

TEST_CASE("silence is in the log: a restart does not wait for it again") {
  MemoryBench bench;
  const auto options = engine_options({.idle_after = Duration{30'000}});
  bench.open(options);
  REQUIRE(bench.push("a", {pass_line("a1", 0, "G", 1)}));
  REQUIRE(bench.push("b", {pass_line("b1", 0, "G", 1)}));
  bench.clock.advance(Duration{30'000});
  bench.until([](const auto& status) { return value_of(status.position) >= 3; });
  bench.open(options);
  REQUIRE(bench.push("a", {pass_line("a2", 500'000, "H", 1)}));
  CHECK(bench.engine->status().shard.clears == 1);
}

TEST_CASE("a department that takes nothing holds the sources up, and nothing is lost") {
  MemoryBench bench;
  auto options = engine_options({});
  options.outbox_depth_max = 3;
  bench.received->cork();
  bench.open(options);
  // Each heavy one is an alert of its own.
  for (int i = 0; i < 3; ++i) {
    REQUIRE(bench.push("p", {pass_line("h" + std::to_string(i), i, "G" + std::to_string(i), 99)}));
  }
  std::atomic<bool> taken = false;
  source::Batch batch;
  batch.partition = "p";
  batch.add(pass_line("h3", 9, "G9", 99), 9);
  batch.committed = [&](const auto&) { taken = true; };
  REQUIRE(bench.engine->queue().push(std::move(batch), 1));
  bench.until([](const auto& status) { return status.queues[0].depth == 3; });
  bench.received->wait_attempts(1);
  CHECK_FALSE(taken);
  bench.received->uncork();
  bench.until([&](const auto&) { return taken.load(); });
  REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
  CHECK(bench.received->messages().size() == 4);
}

TEST_CASE("a sink that cannot go on stops the engine with its words") {
  MemoryBench bench;
  bench.received->fail_next_delivery(Error::outside("fenced by another copy", false));
  bench.open(engine_options({}));
  (void)bench.push("p", {pass_line("h", 0, "G", 99)});
  CHECK(bench.engine->wait(kLong) == Engine::Running::Failed);
  CHECK(bench.engine->stop().error().message == "fenced by another copy");
}

TEST_CASE("a checkpoint is made in time, too, if something changed") {
  MemoryBench bench;
  auto options = engine_options({});
  options.checkpoint_interval = Duration{60'000};
  bench.open(options);
  REQUIRE(bench.push("p", {pass_line("a", 0, "G", 1)}));
  CHECK(value_of(bench.engine->status().checkpoint) == 0);
  bench.clock.advance(Duration{60'000});
  bench.until([](const auto& status) { return value_of(status.checkpoint) == 1; });
}

}  // namespace
}  // namespace fengsui::test
