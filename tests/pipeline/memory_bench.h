// An engine over memory, for tests.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dispatch/fake_sink.h"
#include "pipeline/engine_bench.h"
#include "state/memory_key_value.h"

namespace fengsui::test {

using pipeline::Engine;
using Strings = std::vector<std::string>;
inline constexpr std::chrono::seconds kLong{60};  // real time; only a failing test waits so long

// Over memory, with a sink that the test holds.
struct MemoryBench {
  std::shared_ptr<state::MemoryTables> tables = std::make_shared<state::MemoryTables>();
  std::shared_ptr<Received> received = std::make_shared<Received>();
  std::shared_ptr<Received> township = std::make_shared<Received>();  // of a queue for routes
  ManualClock clock{EventTime{Duration{1'772'400'000'000}}};
  std::unique_ptr<Engine> engine;

  void open(pipeline::EngineOptions options) {
    engine.reset();
    options.front.out_of_orderness = Duration{0};  // events are released at once
    std::shared_ptr<const rules::RuleSet> rules = engine_rules();
    REQUIRE(rules);
    auto store = state::Store::open(state::make_memory_key_value(tables),
                                    {.pack_hash = rules->hash, .pack_files = rules->files});
    REQUIRE(store);
    pipeline::EngineParts parts{.rules = rules,
                                .keys = nullptr,
                                .store = std::move(*store),
                                .archive = nullptr,
                                .queues = {},
                                .sources = {},
                                .clock = clock,
                                .metrics = nullptr};
    auto board = board::Board::open(parts.store->tables());
    REQUIRE(board);
    parts.board = std::make_unique<board::Board>(std::move(*board));
    parts.queues.push_back({"duty", std::make_unique<FakeSink>(received)});
    parts.queues.push_back({"township", std::make_unique<FakeSink>(township)});
    auto opened = Engine::open(std::move(parts), std::move(options));
    REQUIRE(opened);
    engine = std::move(*opened);
    REQUIRE(engine->start());
  }

  // Pushes one batch and waits until it is durable or refused.
  Expected<std::vector<source::RecordResult>> push(const std::string& partition,
                                                   const Strings& lines) {
    std::mutex mutex;
    std::condition_variable told;
    std::optional<Expected<std::vector<source::RecordResult>>> result;
    source::Batch batch;
    batch.source = "test";
    batch.partition = partition;
    for (const std::string& line : lines) batch.add(line, batch.items.size());
    batch.committed = [&](Expected<std::vector<source::RecordResult>> got) {
      std::lock_guard lock(mutex);
      result = std::move(got);
      told.notify_all();
    };
    const size_t bytes = batch.bytes();
    if (!engine->queue().push(std::move(batch), bytes)) return fail(Error::outside("closed"));
    std::unique_lock lock(mutex);
    told.wait(lock, [&] { return result.has_value(); });
    return *result;
  }

  // Waits for a status that fits.
  template <class Fits>
  pipeline::EngineStatus until(const Fits& fits) {
    while (true) {
      pipeline::EngineStatus status = engine->status();
      if (fits(status)) return status;
      std::this_thread::yield();
    }
  }
};

}  // namespace fengsui::test
