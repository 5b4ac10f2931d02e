// What an event costs on its way: decode, match, window and episode, and all of it with its JSON
// output, over the reference workload (200,000 events, seed 7) and the reference pack. An
// iteration is the whole workload; `items_per_second` is events a second of CPU time.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cli/city.h"
#include "event/decoder.h"
#include "match/matcher.h"
#include "pipeline/replay.h"
#include "rules/pack.h"

namespace {

using namespace fengsui;

constexpr size_t kEvents = 200'000;
constexpr size_t kFrameEvents = 512;

struct Workload {
  std::shared_ptr<const rules::RuleSet> rules;
  std::vector<std::string> lines;
  std::vector<event::Event> events;
};

const Workload& workload() {
  static const Workload kWorkload = [] {
    Workload out;
    rules::LoadedPack pack = rules::load_pack(FENGSUI_REFERENCE_PACK);
    if (!pack.rules) {
      std::fprintf(stderr, "%s\n", rules::as_text(pack.issues).c_str());
      std::exit(1);
    }
    out.rules = pack.rules;
    const auto city = cli::make_reference_city({.seed = 7});
    for (size_t i = 0; i < kEvents; ++i) out.lines.push_back(city->next().line);
    event::Decoder decoder(out.rules->types, nullptr, {});
    for (const std::string& line : out.lines) out.events.push_back(*decoder.decode(line));
    return out;
  }();
  return kWorkload;
}

void per_event(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * kEvents);
}

void decode(benchmark::State& state) {
  const Workload& load = workload();
  event::Decoder decoder(load.rules->types, nullptr, {});
  for (auto _ : state) {
    for (const std::string& line : load.lines) {
      benchmark::DoNotOptimize(decoder.decode(line));
    }
  }
  per_event(state);
}
BENCHMARK(decode)->Unit(benchmark::kMillisecond);

void match_events(benchmark::State& state) {
  const Workload& load = workload();
  const auto matcher = match::make_indexed_matcher(load.rules);
  std::vector<match::Match> matches;
  for (auto _ : state) {
    for (const event::Event& event : load.events) {
      matches.clear();
      matcher->match(event, matches);
      benchmark::DoNotOptimize(matches.data());
    }
  }
  per_event(state);
}
BENCHMARK(match_events)->Unit(benchmark::kMillisecond);

// Frames made once; what is timed is the shard alone.
void window_and_episode(benchmark::State& state) {
  const Workload& load = workload();
  pipeline::Front front(load.rules, nullptr, {});
  const PartitionId partition = front.partition("file");
  std::vector<state::Frame> frames;
  for (size_t i = 0; i < load.lines.size(); ++i) {
    front.admit(load.lines[i], partition, kBeforeAllTime);
    if (i % kFrameEvents == kFrameEvents - 1 || i + 1 == load.lines.size()) {
      frames.push_back(front.take_frame(LogPosition{frames.size() + 1}));
    }
  }
  for (auto _ : state) {
    pipeline::Shard shard(load.rules, {});
    std::vector<alert::Record> records;
    for (const state::Frame& frame : frames) shard.apply(frame, records);
    benchmark::DoNotOptimize(records.data());
  }
  per_event(state);
}
BENCHMARK(window_and_episode)->Unit(benchmark::kMillisecond);

void whole_way(benchmark::State& state) {
  const Workload& load = workload();
  for (auto _ : state) {
    pipeline::Replay replay(load.rules, nullptr, {});
    std::vector<alert::Record> records;
    size_t bytes = 0;
    for (size_t i = 0; i < load.lines.size(); ++i) {
      replay.push(load.lines[i]);
      if (i % kFrameEvents != kFrameEvents - 1) continue;
      replay.step(records);
      for (const alert::Record& record : records) {
        bytes += alert::replay_line(record, load.rules->rule(record.rule)).size();
      }
      records.clear();
    }
    benchmark::DoNotOptimize(bytes);
  }
  per_event(state);
}
BENCHMARK(whole_way)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
