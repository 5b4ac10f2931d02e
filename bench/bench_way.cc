// What an event costs on its way: decode, match, window and episode, and all of it with its JSON
// output, over the reference workload (200,000 events, seed 7) and the reference pack. An
// iteration is the whole workload; `items_per_second` is events a second of CPU time.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "event/decoder.h"
#include "match/matcher.h"
#include "pipeline/replay.h"
#include "reference_workload.h"

namespace {

using namespace fengsui;

constexpr size_t kEvents = 200'000;
constexpr size_t kFrameEvents = 512;

struct Workload : bench::ReferenceWorkload {
  std::vector<event::Event> events;
};

const Workload& workload() {
  static const Workload kWorkload = [] {
    Workload out{bench::make_reference_workload(kEvents), {}};
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
