// Decoding alone, over the reference workload (200,000 events, seed 7) and the reference pack: with
// the bet on shapes and without, into an event used again and into a new one. An iteration is the
// whole workload; `items_per_second` is events a second of CPU time.
#include <benchmark/benchmark.h>

#include <string>

#include "event/decoder.h"
#include "reference_workload.h"

namespace {

using namespace fengsui;

constexpr size_t kEvents = 200'000;

const bench::ReferenceWorkload& workload() {
  static const bench::ReferenceWorkload kWorkload = bench::make_reference_workload(kEvents);
  return kWorkload;
}

// Every record of the workload is an event: one that is refused stops the run.
void decode_into(benchmark::State& state, event::DecodeOptions options) {
  const bench::ReferenceWorkload& load = workload();
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
  const bench::ReferenceWorkload& load = workload();
  event::Decoder decoder(load.rules->types, nullptr, {});
  for (auto _ : state) {
    for (const std::string& line : load.lines) benchmark::DoNotOptimize(decoder.decode(line));
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * kEvents);
}
BENCHMARK(decode_anew)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
