#include "pipeline/engine_bench.h"

#include <cstdio>
#include <fstream>
#include <random>
#include <utility>

#include "dispatch/dispatch_file.h"
#include "dispatch/file_sink.h"
#include "rules/pack.h"
#include "source/file_source.h"
#include "state/rocksdb_key_value.h"

namespace fengsui::test {
namespace {

constexpr int64_t kStart = 1'772'323'200'000;  // 2026-03-01

}  // namespace

std::shared_ptr<const rules::RuleSet> engine_rules() {
  rules::LoadedPack pack = rules::load_pack(FENGSUI_ENGINE_PACK);
  if (!pack.rules) std::fputs(rules::as_text(pack.issues).c_str(), stderr);
  return pack.rules;
}

std::string pass_line(const std::string& id, int64_t time_ms, const std::string& gate,
                      double weight) {
  return R"({"specversion":"1.0","id":")" + id +
         R"(","source":"gates","type":"gate.pass","time":")" +
         format_event_time(EventTime{Duration{kStart + time_ms}}) + R"(","data":{"gate":")" + gate +
         R"(","weight":)" + std::to_string(weight) + "}}";
}

std::vector<std::string> make_input(InputOptions options) {
  std::mt19937_64 random(options.seed);
  const auto below = [&](uint64_t limit) { return static_cast<int64_t>(random() % limit); };
  std::vector<std::string> lines;
  std::vector<std::string> sent;
  int64_t now = 0;
  for (size_t i = 0; i < options.lines; ++i) {
    now += below(9'000);
    if (below(25) == 0) now += 400'000;  // long enough for alerts to clear
    const int64_t kind = below(20);
    if (kind == 0) {
      lines.push_back("{\"not\": an event " + std::to_string(i));
    } else if (kind == 1 && !sent.empty()) {
      lines.push_back(sent[static_cast<size_t>(below(sent.size()))]);
    } else {
      const int64_t back = kind == 2 ? 60'000 : kind < 6 ? below(4'000) : 0;
      lines.push_back(pass_line("e" + std::to_string(i), std::max<int64_t>(0, now - back),
                                "G" + std::to_string(below(4)),
                                static_cast<double>(below(1000)) / 10));
      sent.push_back(lines.back());
      if (sent.size() > 30) sent.erase(sent.begin());
    }
  }
  return lines;
}

pipeline::EngineOptions engine_options(const BenchOptions& options) {
  pipeline::EngineOptions engine;
  engine.front.out_of_orderness = Duration{2'000};
  engine.front.allowed_lateness = Duration{3'000};
  engine.idle_after = options.idle_after;
  engine.checkpoint_interval = std::chrono::hours{24};
  engine.checkpoint_journal_bytes = options.checkpoint_bytes;
  engine.groups_bytes = options.groups_bytes;
  engine.commit_interval = Duration{0};
  engine.commit_batches_max = 1;
  engine.look_every = std::chrono::milliseconds{2};
  engine.outbox.batch_entries_max = 4;
  engine.outbox.retry_pause_first = Duration{0};
  return engine;
}

Expected<std::unique_ptr<pipeline::Engine>> open_engine(const std::string& folder,
                                                        const Clock& clock,
                                                        const BenchOptions& options) {
  std::shared_ptr<const rules::RuleSet> rules = engine_rules();
  if (!rules) return fail(Error::bad_input("the tests' pack does not load"));
  Expected<std::unique_ptr<state::KeyValue>> tables = state::open_rocksdb_key_value(
      {.directory = folder + "/state", .env = options.env, .write_buffer_bytes = 256 << 10});
  if (!tables) return fail(tables.error());
  Expected<std::unique_ptr<state::Store>> store =
      state::Store::open(std::move(*tables), {.pack_hash = rules->hash,
                                              .pack_files = rules->files,
                                              .commit_sync = options.sync,
                                              .checkpoint_batch_bytes = 600});
  if (!store) return fail(store.error());
  Expected<std::unique_ptr<archive::Archive>> archive = archive::Archive::open(
      {.directory = folder + "/archive", .state_id = "bench"}, (*store)->recovered().archive_mark);
  if (!archive) return fail(archive.error());
  pipeline::EngineParts parts{.rules = rules,
                              .keys = nullptr,
                              .store = std::move(*store),
                              .archive = std::move(*archive),
                              .queues = {},
                              .sources = {},
                              .clock = clock,
                              .metrics = nullptr};
  parts.queues.push_back({"duty", std::make_unique<dispatch::FileSink>(folder + "/duty.ndjson")});
  parts.queues.push_back(
      {dispatch::kDeadLetterQueue, std::make_unique<dispatch::FileSink>(folder + "/dead.ndjson")});
  if (options.from_file) {
    parts.sources.push_back(std::make_unique<source::FileSource>(
        source::FileSourceOptions{.name = "in",
                                  .path = folder + "/in.ndjson",
                                  .follow = false,
                                  .batch_records_max = options.batch_records}));
  }
  return pipeline::Engine::open(std::move(parts), engine_options(options));
}

std::vector<std::string> lines_of_file(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void write_lines(const std::string& path, const std::vector<std::string>& lines) {
  std::ofstream out(path, std::ios::binary);
  for (const std::string& line : lines) out << line << '\n';
}

}  // namespace fengsui::test
