#include "cli/replay_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include "cli/exit_status.h"
#include "cli/output_file.h"
#include "cli/summary.h"
#include "dispatch/dispatch_file.h"
#include "dispatch/file_sink.h"
#include "fengsui/version.h"
#include "pipeline/engine.h"
#include "source/file_source.h"
#include "state/rocksdb_key_value.h"

namespace fengsui::cli {
namespace {

constexpr const char* kPrinted = "printed";

// Prints what is delivered. Nothing printed can be taken back: after a crash the last batch may
// come again, which a reader can tell by alert and kind.
class PrintingSink final : public dispatch::Sink {
 public:
  Expected<uint64_t> open(const dispatch::DeliveryMark& mark) override { return mark.sequence; }
  Expected<dispatch::DeliveryMark> deliver(
      std::span<const dispatch::OutboxEntry> entries) override {
    for (const dispatch::OutboxEntry& entry : entries) {
      if (auto written = out_.write_line(entry.message); !written) return fail(written.error());
    }
    if (auto flushed = out_.flush(); !flushed) return fail(flushed.error());
    return dispatch::DeliveryMark{entries.back().sequence, {}};
  }
  void close() override {}

 private:
  OutputFile out_{STDOUT_FILENO};
};

// The store names its state by what the state was begun with; an input of another name is another
// input.
std::string input_name(const std::string& file) {
  std::error_code error;
  const auto path = std::filesystem::canonical(file, error);
  return "replay:" + (error ? file : path.string());
}

Expected<void> run_engine(pipeline::Engine& engine, bool flush) {
  if (Expected<void> started = engine.start(); !started) return started;
  while (engine.wait(std::chrono::seconds{1}) == pipeline::Engine::Running::Yes) {
  }
  using End = pipeline::Engine::End;
  return engine.stop(
      {.end = flush ? End::Flush : End::EndOfInput, .deliver_most = std::chrono::hours{1}});
}

}  // namespace

int replay_with_state(const ReplayOptions& options, std::shared_ptr<const rules::RuleSet> rules,
                      const event::KeyRing* keys) {
  if (options.file == "-") {
    return report(Error::usage("--state needs a file: standard input cannot be read again"));
  }
  auto tables = state::open_rocksdb_key_value({.directory = options.state});
  if (!tables) return report(tables.error());
  const std::string input = input_name(options.file);
  auto store = state::Store::open(std::move(*tables), {.pack_hash = rules->hash,
                                                       .pack_files = rules->files,
                                                       .program_version = kVersion,
                                                       .new_state_id = input});
  if (!store) return report(store.error());
  if ((*store)->recovered().state_id != input) {
    return report(Error::usage("the state in " + options.state +
                               " belongs to another input: " + (*store)->recovered().state_id));
  }
  const SystemClock clock;
  pipeline::EngineOptions engine_options;
  engine_options.front.out_of_orderness = options.out_of_orderness;
  engine_options.front.allowed_lateness = options.allowed_lateness;
  engine_options.shards.shards = options.shards;
  engine_options.idle_after.reset();
  engine_options.plan.route.options.queue = kPrinted;
  engine_options.message = alert::replay_line;
  engine_options.pack_may_change = false;
  pipeline::EngineParts parts{.rules = rules,
                              .keys = keys,
                              .store = std::move(*store),
                              .archive = nullptr,
                              .queues = {},
                              .sources = {},
                              .clock = clock};
  parts.queues.push_back({kPrinted, std::make_unique<PrintingSink>()});
  if (!options.dead_letters.empty()) {
    parts.queues.push_back(
        {dispatch::kDeadLetterQueue, std::make_unique<dispatch::FileSink>(options.dead_letters)});
  }
  source::FileSourceOptions file;
  file.name = "replay";
  file.path = options.file;
  file.follow = false;
  parts.sources.push_back(std::make_unique<source::FileSource>(std::move(file)));
  auto engine = pipeline::Engine::open(std::move(parts), std::move(engine_options));
  if (!engine) return report(engine.error());
  if (const Expected<void> done = run_engine(**engine, options.flush); !done) {
    return report(done.error());
  }
  const pipeline::EngineStatus status = (*engine)->status();
  print_summary(summary_of(status.records, status.shard));
  return kDone;
}

}  // namespace fengsui::cli
