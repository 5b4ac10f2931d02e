// An engine over a followed or once-read file, with file queues, in one folder; and a seeded input
// for it. What the crash tests and the program that they crash share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pipeline/engine.h"

namespace rocksdb {
class Env;
}

namespace fengsui::test {

std::shared_ptr<const rules::RuleSet> engine_rules();

// One event as a line, without its line feed.
std::string pass_line(const std::string& id, int64_t time_ms, const std::string& gate,
                      double weight);

struct InputOptions {
  uint64_t seed = 1;
  size_t lines = 400;
};
// Events with disorder, late ones, repeated ids and lines that are none; the same for a seed.
std::vector<std::string> make_input(InputOptions options);

struct BenchOptions {
  rocksdb::Env* env = nullptr;  // of the store
  state::Sync sync = state::Sync::Now;
  bool from_file = true;     // reads in.ndjson; otherwise the test pushes
  size_t batch_records = 7;  // of the file source
  uint64_t checkpoint_bytes = 20'000;
  size_t groups_bytes = 0;  // all groups that may leave memory
  std::optional<Duration> idle_after{};
};

// The engine's options as these tests want them: no waiting for real time, small checkpoints.
pipeline::EngineOptions engine_options(const BenchOptions& options);

// Opens folder/state, folder/archive, folder/duty.ndjson, folder/dead.ndjson and, if asked,
// folder/in.ndjson.
Expected<std::unique_ptr<pipeline::Engine>> open_engine(const std::string& folder,
                                                        const Clock& clock,
                                                        const BenchOptions& options);

std::vector<std::string> lines_of_file(const std::string& path);
void write_lines(const std::string& path, const std::vector<std::string>& lines);

}  // namespace fengsui::test
