// What an entry costs in a sliding window of one group, per aggregate: `runs` is what fengsui does
// (window::Contents), `anew` the plain way, the aggregate computed from the window's entries at
// every event. In order, and with 1 % of the events late by up to a tenth of the window. Counter
// `allocations/event`: calls of operator new in the timed part. A table of ratios comes last.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "match/match.h"
#include "window/contents.h"

namespace {

uint64_t allocations = 0;  // one thread

}  // namespace

void* operator new(size_t bytes) {
  ++allocations;
  if (void* piece = std::malloc(bytes)) return piece;
  throw std::bad_alloc();
}
void operator delete(void* piece) noexcept { std::free(piece); }
void operator delete(void* piece, size_t) noexcept { std::free(piece); }

namespace fengsui::window {
namespace {

using Function = rules::Aggregate::Function;

enum class Argument { None, Amount, Few, Text };
struct Case {
  const char* name;
  Function function;
  Argument argument;
};
constexpr Case kCases[] = {{"count", Function::Count, Argument::None},
                           {"sum", Function::Sum, Argument::Amount},
                           {"min", Function::Min, Argument::Amount},
                           {"max", Function::Max, Argument::Amount},
                           {"distinct", Function::Distinct, Argument::Few},
                           {"distinct_text", Function::Distinct, Argument::Text},
                           {"percentile", Function::Percentile, Argument::Amount},
                           {"first", Function::First, Argument::Amount},
                           {"last", Function::Last, Argument::Amount}};
constexpr int64_t kSizes[] = {4, 64, 1000, 100'000};
constexpr size_t kDrawn = 1 << 16;  // a power of two

// What the events hold, and how late they are; the same for all benchmarks.
struct Drawn {
  explicit Drawn(Argument argument) {
    std::mt19937 random(7);
    for (size_t i = 0; i < kDrawn; ++i) {
      cel::Value value;
      switch (argument) {
        case Argument::None:
          break;
        case Argument::Amount:
          value = cel::Value::real(random() % 10'000'000 / 100.0);
          break;
        case Argument::Few:
          value = cel::Value::integer(random() % 10'000);
          break;
        case Argument::Text:
          value = cel::Value::string("customer-" + std::to_string(100'000'000 + random() % 10'000));
      }
      captures.push_back(match::bytes_of({value}));
      late.push_back(random() % 100 == 0);
      by.push_back(static_cast<int64_t>(random() % 100'000));
    }
  }
  std::vector<std::string> captures;
  std::vector<bool> late;
  std::vector<int64_t> by;
};

const Drawn& drawn(Argument argument) {
  static std::map<Argument, Drawn> all;
  return all.try_emplace(argument, argument).first->second;
}

// One event a millisecond, so the window's length is its size. A late one comes at a time that has
// passed, instead of the event of this millisecond.
class Feed {
 public:
  Feed(Argument argument, int64_t size, bool some_late)
      : drawn_(drawn(argument)), late_most_(some_late ? std::max<int64_t>(1, size / 10) : 0) {}

  NewEntry next() {
    const size_t i = count_++ % kDrawn;
    int64_t time = static_cast<int64_t>(count_);
    if (late_most_ > 0 && drawn_.late[i]) time -= 1 + drawn_.by[i] % late_most_;
    return {
        room_, {EventTime{Duration{time}}, Arrival{count_}}, "bench#1234567", drawn_.captures[i]};
  }
  EventTime floor() const { return EventTime{Duration{static_cast<int64_t>(count_) - late_most_}}; }

 private:
  Room room_;
  const Drawn& drawn_;
  int64_t late_most_;
  uint64_t count_ = 0;
};

rules::Rule rule_of(const Case& c) {
  rules::Rule rule;
  rule.captures = 1;
  rule.lets = {{"x", rules::Aggregate{.function = c.function,
                                      .argument = c.argument == Argument::None ? -1 : 0,
                                      .rank_numerator = 95,
                                      .rank_denominator = 100}}};
  return rule;
}

void report(benchmark::State& state, uint64_t allocations_before) {
  const auto events = static_cast<double>(state.iterations());
  state.SetItemsProcessed(state.iterations());
  state.counters["allocations/event"] =
      static_cast<double>(allocations - allocations_before) / events;
}

void run(benchmark::State& state, const Case& c, bool some_late) {
  const rules::Rule rule = rule_of(c);
  const int64_t size = state.range(0);
  const Window window = SlidingWindow(Duration{size});
  Feed feed(c.argument, size, some_late);
  Contents contents;
  for (int64_t i = 0; i < 2 * size; ++i) contents.keep(feed.next(), rule, window, feed.floor());
  const uint64_t before = allocations;
  for (auto _ : state) {
    const NewEntry entry = feed.next();
    benchmark::DoNotOptimize(contents.put(entry, rule, window, feed.floor()));
  }
  report(state, before);
}

void run_anew(benchmark::State& state, const Case& c, bool some_late) {
  const rules::Rule rule = rule_of(c);
  const int64_t size = state.range(0);
  const SlidingWindow window{Duration{size}};
  Feed feed(c.argument, size, some_late);
  Entries entries;
  for (int64_t i = 0; i < 2 * size; ++i) entries.put(feed.next());
  const uint64_t before = allocations;
  for (auto _ : state) {
    const NewEntry entry = feed.next();
    entries.put(entry);
    entries.drop_front(entries.lower_bound(window.oldest_seen_at(feed.floor())));
    const size_t from = entries.lower_bound(window.oldest_seen_at(entry.key.time));
    const size_t to = entries.lower_bound(entry.key.time + Duration{1});
    benchmark::DoNotOptimize(aggregates_over(rule, entries.all().subspan(from, to - from)));
  }
  report(state, before);
}

std::string name_of(const Case& c, bool some_late, bool anew) {
  return std::string(c.name) + (some_late ? "/late" : "/in_order") + (anew ? "/anew" : "/runs");
}

// Prints as usual, and keeps what the table needs.
class Ratios : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (!run.error_occurred) cpu_[run.benchmark_name()] = run.GetAdjustedCPUTime();
    }
    ConsoleReporter::ReportRuns(runs);
  }
  // ns an entry, and how many times as much the plain way takes.
  void print() const {
    std::printf("\n%-24s", "CPU ns an entry (anew/runs)");
    for (const int64_t size : kSizes) std::printf(" %18lld", static_cast<long long>(size));
    for (const Case& c : kCases) {
      for (const bool late : {false, true}) {
        std::printf("\n%-14s %-12s", c.name, late ? "1 % late" : "in order");
        for (const int64_t size : kSizes) {
          const auto of = [&](bool anew) {
            return cpu_.find(name_of(c, late, anew) + "/" + std::to_string(size));
          };
          const auto runs = of(false), anew = of(true);
          if (runs == cpu_.end() || anew == cpu_.end()) continue;
          std::printf(" %8.0f (%6.1fx)", runs->second, anew->second / runs->second);
        }
      }
    }
    std::printf("\n");
  }

 private:
  std::map<std::string, double> cpu_;
};

}  // namespace
}  // namespace fengsui::window

int main(int argc, char** argv) {
  using namespace fengsui::window;
  for (const Case& c : kCases) {
    for (const bool late : {false, true}) {
      for (const int64_t size : kSizes) {
        benchmark::RegisterBenchmark(name_of(c, late, false).c_str(), run, c, late)->Arg(size);
        auto* const anew =
            benchmark::RegisterBenchmark(name_of(c, late, true).c_str(), run_anew, c, late);
        anew->Arg(size);
        if (size > 10'000) anew->Iterations(10);  // up to tens of milliseconds each
      }
    }
  }
  benchmark::Initialize(&argc, argv);
  Ratios ratios;
  benchmark::RunSpecifiedBenchmarks(&ratios);
  ratios.print();
}
