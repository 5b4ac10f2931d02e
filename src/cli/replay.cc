#include "cli/replay.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "cli/exit_status.h"
#include "cli/load.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/replay_state.h"
#include "cli/summary.h"
#include "event/dead_letter.h"
#include "pipeline/replay.h"
#include "source/line_reader.h"

namespace fengsui::cli {
namespace {

// Records between two steps of the engine.
constexpr size_t kStepRecords = 512;

// Where the records of a replay go.
class ReplayOutput {
 public:
  ReplayOutput(const rules::RuleSet& rules, const event::KeyRing* keys, OutputFile* dead_letters)
      : rules_(rules), keys_(keys), dead_letters_(dead_letters), records_(STDOUT_FILENO) {
    sealing_ = event::sealing_of(rules.has_identity, keys);
  }

  Expected<void> dead_letter(const event::Rejected& rejected, uint64_t position,
                             std::string_view bytes) {
    if (dead_letters_ == nullptr) return {};
    return dead_letters_->write_line(
        event::dead_letter_line(rejected, position, {}, bytes, sealing_, keys_));
  }

  Expected<void> records(std::vector<alert::Record>& records) {
    for (const alert::Record& record : records) {
      const Expected<void> written =
          records_.write_line(alert::replay_line(record, rules_.rule(record.rule)));
      if (!written) return written;
    }
    records.clear();
    return {};
  }

  Expected<void> finish() {
    if (dead_letters_ != nullptr) {
      if (Expected<void> flushed = dead_letters_->flush(); !flushed) return flushed;
    }
    return records_.flush();
  }

 private:
  const rules::RuleSet& rules_;
  const event::KeyRing* keys_;
  OutputFile* dead_letters_;
  OutputFile records_;
  event::Sealing sealing_ = event::Sealing::Clear;
};

Expected<void> replay_lines(const ReplayOptions& options, source::LineReader& lines,
                            pipeline::Replay& engine, ReplayOutput& out, Progress& progress) {
  std::vector<alert::Record> records;
  std::vector<source::LineReader::Line> read;
  std::vector<std::string_view> pushed;
  std::vector<source::RecordResult> results;
  for (bool at_end = false; !at_end;) {
    read.clear();
    const Expected<bool> more = lines.next(read, kStepRecords);
    if (!more) return fail(more.error());
    at_end = !*more;
    if (at_end && !lines.rest(read.emplace_back())) break;
    std::erase_if(read, [](const auto& line) { return source::is_blank(line.bytes); });
    pushed.clear();
    for (const source::LineReader::Line& line : read) pushed.push_back(line.bytes);
    results.clear();
    engine.push(pushed, results);
    for (size_t i = 0; i < read.size(); ++i) {
      if (!results[i].rejected) continue;
      const Expected<void> kept =
          out.dead_letter(*results[i].rejected, read[i].offset, read[i].bytes);
      if (!kept) return kept;
    }
    engine.step(records);
    if (Expected<void> written = out.records(records); !written) return written;
    progress.update(engine.counters().read, lines.position());
  }
  engine.end_of_input(records);
  if (options.flush) engine.flush(records);
  if (Expected<void> written = out.records(records); !written) return written;
  return out.finish();
}

int replay_in_memory(const ReplayOptions& options, std::shared_ptr<const rules::RuleSet> rules,
                     const event::KeyRing* keys, int descriptor) {
  std::optional<OutputFile> dead_letters;
  if (!options.dead_letters.empty()) {
    Expected<OutputFile> opened = OutputFile::create(options.dead_letters);
    if (!opened) return report(opened.error());
    dead_letters.emplace(std::move(*opened));
  }
  pipeline::FrontOptions front;
  front.out_of_orderness = options.out_of_orderness;
  front.allowed_lateness = options.allowed_lateness;
  pipeline::Replay engine(rules, keys, front);
  engine.shard().forget_changes();  // there are no checkpoints
  ReplayOutput out(*rules, keys, dead_letters ? &*dead_letters : nullptr);
  source::LineReader lines(descriptor);
  const SystemClock clock;
  struct stat file {};
  const bool sized = fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode);
  Expected<void> done;
  {
    Progress progress(clock, sized ? static_cast<uint64_t>(file.st_size) : 0, options.progress);
    done = replay_lines(options, lines, engine, out, progress);
  }
  if (!done) return report(done.error());
  print_summary(summary_of(engine.counters(), engine.shard().counters()));
  return kDone;
}

}  // namespace

int replay(const ReplayOptions& options) {
  if (options.shards != 1) {
    return report(Error::usage("--shards " + std::to_string(options.shards) +
                               " is not built yet; 1 is all there is so far"));
  }
  Expected<std::shared_ptr<const rules::RuleSet>> rules = load_rules(options.pack);
  if (!rules) return report(rules.error());
  Expected<std::optional<event::KeyRing>> keys = load_keys(options.keys);
  if (!keys) return report(keys.error());
  const event::KeyRing* ring = *keys ? &**keys : nullptr;
  if (!options.state.empty()) return replay_with_state(options, *rules, ring);
  if (options.file == "-") return replay_in_memory(options, *rules, ring, STDIN_FILENO);
  const int descriptor = open(options.file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return report(Error::outside(options.file + ": " + std::strerror(errno)));
  }
  const int status = replay_in_memory(options, *rules, ring, descriptor);
  close(descriptor);
  return status;
}

}  // namespace fengsui::cli
