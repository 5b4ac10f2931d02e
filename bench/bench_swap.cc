// How long a change of packs holds up an engine of ten thousand rules whose events are in flight
// (issue 4: no pause above 50 ms). Prints what it has measured, judges nothing.
//   bench_swap [RULES] [EVENTS A SECOND] [GROUPS]
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "dispatch/file_sink.h"
#include "pipeline/engine.h"
#include "rules/pack.h"
#include "state/rocksdb_key_value.h"

namespace {

using namespace fengsui;

constexpr int kSwaps = 12;

// Every tenth rule has a window that all events pass; the rest wait for a gate of their own.
// `changed`: the first rule is another.
std::shared_ptr<const rules::RuleSet> make_rules(int rules, const std::string& changed) {
  std::string text = "rules:\n";
  for (int i = 0; i < rules; ++i) {
    const std::string n = std::to_string(i);
    const std::string when = i == 0          ? "weight > " + changed
                             : i % 1000 == 0 ? "weight > 0.5"
                                             : "gate == 'only-" + n + "'";
    text += "  - id: rule-" + n + "\n    from: gate.pass\n    by: gate\n    when: \"" + when +
            "\"\n    window: { sliding: 1h }\n    let: { n: count() }\n"
            "    grade: { yellow: n >= 50 }\n"
            "    purpose: { use: u, basis: b, retain: 1d }\n";
  }
  rules::LoadedPack pack = rules::load_pack(
      rules::PackBytes{{"schemas/s.yaml",
                        "event: gate.pass\ntype: object\nrequired: [gate, weight]\nproperties:\n"
                        "  gate: { type: string }\n  weight: { type: number }\n"},
                       {"rules.yaml", text}});
  if (!pack.rules) {
    std::fprintf(stderr, "%s\n", rules::as_text(pack.issues).c_str());
    std::exit(1);
  }
  return pack.rules;
}

template <class T>
T must(Expected<T> got) {
  if (got) return std::move(*got);
  std::fprintf(stderr, "%s\n", got.error().message.c_str());
  std::exit(1);
}

double milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Pushes batches of ten at the wanted rate; keeps how long each took to become durable.
class Feed {
 public:
  Feed(pipeline::Engine& engine, const Clock& clock, int rate, int groups)
      : engine_(engine), clock_(clock), rate_(rate), groups_(groups), thread_([this] { run(); }) {}
  ~Feed() { stop(); }
  void stop() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
  }
  uint64_t events() const { return events_; }
  std::chrono::nanoseconds take_slowest() { return std::chrono::nanoseconds{slowest_.exchange(0)}; }

 private:
  void run() {
    const MonotonicTime start = clock_.monotonic();
    for (int64_t n = 0; !ending_; n += 10) {
      const auto due = start + std::chrono::nanoseconds{n * 1'000'000'000 / rate_};
      std::this_thread::sleep_until(due);
      source::Batch batch;
      batch.source = "bench";
      batch.partition = "p";
      for (int64_t i = n; i < n + 10; ++i) {
        const EventTime time{Duration{1'772'323'200'000 + i * 1000 / rate_}};
        batch.add(R"({"specversion":"1.0","id":")" + std::to_string(i) +
                      R"(","source":"s","type":"gate.pass","time":")" + format_event_time(time) +
                      R"(","data":{"gate":"G)" + std::to_string(i % groups_) +
                      R"(","weight":0.75}})",
                  0);
      }
      const MonotonicTime pushed = clock_.monotonic();
      batch.committed = [this, pushed](const auto&) {
        const int64_t took = (clock_.monotonic() - pushed).count();
        if (took > slowest_) slowest_ = took;
        events_ += 10;
      };
      const size_t bytes = batch.bytes();
      if (!engine_.queue().push(std::move(batch), bytes)) return;
    }
  }

  pipeline::Engine& engine_;
  const Clock& clock_;
  const int rate_, groups_;
  std::atomic<bool> ending_ = false;
  std::atomic<uint64_t> events_ = 0;
  std::atomic<int64_t> slowest_ = 0;
  std::thread thread_;
};

std::unique_ptr<pipeline::Engine> open_engine(const std::string& folder, const Clock& clock,
                                              std::shared_ptr<const rules::RuleSet> rules,
                                              Metrics& metrics) {
  auto store = must(state::Store::open(
      must(state::open_rocksdb_key_value({.directory = folder + "/store"})),
      {.pack_hash = rules->hash, .pack_files = rules->files, .new_state_id = "bench"}));
  pipeline::EngineParts parts{.rules = std::move(rules),
                              .keys = nullptr,
                              .store = std::move(store),
                              .archive = must(archive::Archive::open(
                                  {.directory = folder + "/archive", .state_id = "bench"}, {})),
                              .queues = {},
                              .sources = {},
                              .clock = clock,
                              .metrics = &metrics};
  parts.queues.push_back({"duty", std::make_unique<dispatch::FileSink>(folder + "/duty.ndjson")});
  auto engine = must(pipeline::Engine::open(std::move(parts), {}));
  if (!engine->start()) std::exit(1);
  return engine;
}

}  // namespace

int main(int argc, char** argv) {
  (void)start_log(LogFormat::Text, "warn");
  const int rules = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const int rate = argc > 2 ? std::atoi(argv[2]) : 500;
  const int groups = argc > 3 ? std::atoi(argv[3]) : 1'000;
  std::string folder = (std::filesystem::temp_directory_path() / "bench-swap-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  const SystemClock clock;
  Metrics metrics;
  const std::shared_ptr<const rules::RuleSet> packs[] = {make_rules(rules, "0.5"),
                                                         make_rules(rules, "0.6")};
  const auto engine = open_engine(folder, clock, packs[0], metrics);
  Feed feed(*engine, clock, rate, groups);
  std::printf("%d rules, %d events a second, %d gates\n", rules, rate, groups);
  std::vector<double> pauses;
  for (int swap = 1; swap <= kSwaps; ++swap) {
    std::this_thread::sleep_for(std::chrono::seconds{1});
    const double before = milliseconds(feed.take_slowest());
    pipeline::PreparedPack pack = engine->prepare(packs[swap % 2]);
    std::promise<pipeline::SwapOutcome> promise;
    engine->swap(std::move(pack), [&](Expected<pipeline::SwapOutcome> done) {
      promise.set_value(must(std::move(done)));
    });
    const pipeline::SwapOutcome outcome = promise.get_future().get();
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    pauses.push_back(milliseconds(outcome.pause));
    std::printf("swap %2d: pause %6.2f ms; slowest event %6.2f ms, in the second before %6.2f ms\n",
                swap, pauses.back(), milliseconds(feed.take_slowest()), before);
  }
  feed.stop();
  std::sort(pauses.begin(), pauses.end());
  std::printf("pause: median %.2f ms, highest %.2f ms; %llu events, %zu groups kept\n",
              pauses[pauses.size() / 2], pauses.back(),
              static_cast<unsigned long long>(feed.events()), engine->status().groups);
  const bool stopped = engine->stop().has_value();
  std::filesystem::remove_all(folder);
  return stopped ? 0 : 1;
}
