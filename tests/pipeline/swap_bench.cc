#include "pipeline/swap_bench.h"

#include <doctest/doctest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "archive/reader.h"
#include "rules/pack.h"

namespace fengsui::test {
namespace {

constexpr int64_t kStart = 1'772'323'200'000;  // 2026-03-01T00:00:00Z

constexpr const char* kSchema = R"(event: gate.pass
type: object
required: [gate]
properties:
  gate: { type: string }
  kind: { type: string }
  weight: { type: number }
)";

}  // namespace

std::shared_ptr<const rules::RuleSet> make_pack(const PackText& text) {
  rules::LoadedPack pack = rules::load_pack(rules::PackBytes{
      {"schemas/pass.yaml", kSchema}, {"lists/heavy.csv", text.list}, {"rules.yaml", text.rules}});
  if (!pack.rules) FAIL(rules::as_text(pack.issues));
  return pack.rules;
}

std::string rule_text(const std::string& id, const std::string& lines) {
  return "  - id: " + id + "\n    from: gate.pass\n    by: gate\n" + lines +
         "    purpose: { use: test, basis: test, retain: 1d }\n";
}

SwapBench::~SwapBench() {
  if (engine_) crash();
}

pipeline::EngineOptions SwapBench::options() {
  pipeline::EngineOptions options;
  options.idle_after.reset();
  options.commit_interval = Duration{0};
  options.checkpoint_interval = std::chrono::hours{24};
  options.look_every = std::chrono::milliseconds{2};
  return options;
}

Expected<std::unique_ptr<pipeline::Engine>> SwapBench::try_open(
    std::shared_ptr<const rules::RuleSet> rules, pipeline::EngineOptions options) {
  auto store = state::Store::open(
      state::make_memory_key_value(tables_),
      {.pack_hash = rules->hash, .pack_files = rules->files, .new_state_id = "bench"});
  if (!store) return fail(store.error());
  pipeline::EngineParts parts{.rules = std::move(rules),
                              .keys = nullptr,
                              .store = nullptr,
                              .archive = nullptr,
                              .queues = {},
                              .sources = {},
                              .clock = clock_,
                              .metrics = nullptr};
  if (archive_) {
    auto archive = archive::Archive::open({.directory = folder_ / "archive", .state_id = "bench"},
                                          (*store)->recovered().archive_mark);
    REQUIRE(archive);
    parts.archive = std::move(*archive);
  }
  parts.store = std::move(*store);
  parts.queues.push_back({"duty", std::make_unique<FakeSink>(received_)});
  return pipeline::Engine::open(std::move(parts), std::move(options));
}

void SwapBench::open(std::shared_ptr<const rules::RuleSet> rules) {
  auto opened = try_open(std::move(rules), options());
  if (!opened) FAIL(opened.error().message);
  engine_ = std::move(*opened);
  REQUIRE(engine_->start());
}

void SwapBench::crash() {
  tables_->fail_after(0, Error::outside("the power is off"));
  engine_.reset();
  tables_->fail_after(SIZE_MAX, {});
}

void SwapBench::stop() {
  const auto stopped = engine_->stop();
  if (!stopped) FAIL(stopped.error().message);
  engine_.reset();
}

void SwapBench::pass(int seconds, const std::string& gate, const std::string& kind) {
  source::Batch batch;
  batch.source = "test";
  batch.partition = "p";
  const EventTime time{Duration{kStart + seconds * 1000}};
  batch.add(R"({"specversion":"1.0","id":"e)" + std::to_string(++passes_) +
                R"(","source":"s","type":"gate.pass","time":")" + format_event_time(time) +
                R"(","data":{"gate":")" + gate + R"(","kind":")" + kind + R"("}})",
            0);
  std::promise<bool> promise;
  batch.committed = [&](const Expected<std::vector<source::RecordResult>>& got) {
    promise.set_value(got && (*got)[0].outcome == event::Outcome::Processed);
  };
  const size_t bytes = batch.bytes();
  REQUIRE(engine_->queue().push(std::move(batch), bytes));
  REQUIRE(promise.get_future().get());
}

pipeline::SwapOutcome SwapBench::swap(std::shared_ptr<const rules::RuleSet> rules, bool warm) {
  auto pack = warm ? engine_->prepare_warm(rules)
                   : Expected<pipeline::PreparedPack>(engine_->prepare(rules));
  if (!pack) FAIL(pack.error().message);
  std::promise<Expected<pipeline::SwapOutcome>> promise;
  engine_->swap(std::move(*pack),
                [&](Expected<pipeline::SwapOutcome> done) { promise.set_value(std::move(done)); });
  Expected<pipeline::SwapOutcome> done = promise.get_future().get();
  if (!done) FAIL(done.error().message);
  return *done;
}

std::vector<Alert> SwapBench::alerts() {
  if (engine_) {
    while (engine_->status().queues[0].depth > 0) std::this_thread::yield();
  }
  std::vector<Alert> alerts;
  for (const std::string& message : received_->messages()) {
    const nlohmann::json json = nlohmann::json::parse(message);
    Alert alert{json["kind"], json["rule"], json["grade"], json["time"], json["pack"]};
    if (json.contains("values") && json["values"].contains("n")) alert.n = json["values"]["n"];
    alerts.push_back(std::move(alert));
  }
  return alerts;
}

std::vector<archive::Segment> SwapBench::segments() {
  const auto listed = archive::list_segments(folder_ / "archive");
  REQUIRE(listed);
  return *listed;
}

}  // namespace fengsui::test
