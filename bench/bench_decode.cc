// Decoding alone, over the reference workload (200,000 events, seed 7) and the reference pack: with
// the bet on shapes and without, into an event used again and into a new one. An iteration is the
// whole workload; `items_per_second` is events a second of CPU time.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cli/city.h"
#include "event/decoder.h"
#include "rules/pack.h"

namespace {

using namespace fengsui;

constexpr size_t kEvents = 200'000;

struct Workload {
  std::shared_ptr<const rules::RuleSet> rules;
  std::vector<std::string> lines;
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
    return out;
  }();
  return kWorkload;
}

// Every record of the workload is an event: one that is refused stops the run.
void decode_into(benchmark::State& state, event::DecodeOptions options) {
  const Workload& load = workload();
  event::Decoder decoder(load.rules->types, nullptr, options);
  event::Event event;
  for (auto _ : state) {
    for (const std::string& line : load.lines) {
      if (decoder.decode_into(line, event)) return state.SkipWithError("a record was refused");
      benchmark::DoNotOptimize(event.slots.data());
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * kEvents);
}
BENCHMARK_CAPTURE(decode_into, bet, event::DecodeOptions{})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decode_into, bet_and_tripwire, event::DecodeOptions{.tripwire = true})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decode_into, bet_keeping_all, event::DecodeOptions{.keep_all = true})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decode_into, sure, event::DecodeOptions{.bet = false})
    ->Unit(benchmark::kMillisecond);

void decode_anew(benchmark::State& state) {
  const Workload& load = workload();
  event::Decoder decoder(load.rules->types, nullptr, {});
  for (auto _ : state) {
    for (const std::string& line : load.lines) benchmark::DoNotOptimize(decoder.decode(line));
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * kEvents);
}
BENCHMARK(decode_anew)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
