// `fengsui replay` as it would be if the process died between every two frames: the input is cut
// into small frames of random size, each goes through its stored form, and after each a new shard
// is made from the last checkpoint and the log's tail, as another number of shards. Groups leave
// memory for the store as soon as they may, checkpoints are made in steps between frames. Prints
// what replay prints, each record once; ends with status 3 if a recovered shard is not as the one
// that died.
//
//   replay_recovering [replay] --pack DIR [--out-of-orderness D] [--allowed-lateness D] [--flush]
//                     [--keys FILE] [--dead-letters FILE] [--no-progress]
//                     [--seed N] [--frame-records N] FILE
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/load.h"
#include "cli/output_file.h"
#include "cli/summary.h"
#include "event/dead_letter.h"
#include "pipeline/front.h"
#include "pipeline/shards.h"
#include "source/line_reader.h"
#include "state/frame.h"

namespace fengsui {
namespace {

constexpr int kDifferent = 3;

struct Options {
  std::string pack, file = "-", keys, dead_letters;
  std::string out_of_orderness = "0", allowed_lateness = "0";
  bool flush = false, no_progress = false;
  uint32_t seed = 1, frame_records = 4;
};

// A shard that dies after each frame.
class Mortal final : public pipeline::GroupReader {
 public:
  Mortal(std::shared_ptr<const rules::RuleSet> rules, pipeline::ShardOptions options, uint32_t seed)
      : rules_(std::move(rules)), options_(options), random_(seed) {
    options_.reader = this;
    options_.memory_bytes = seed % 2 == 0 ? 0 : 20'000;
    shard_ = make();
  }

  // False: what came back is not what died.
  bool apply(const state::Frame& frame, std::vector<alert::Record>& out) {
    tail_.push_back(state::encode_frame(frame));
    const Expected<state::Frame> read = state::decode_frame(tail_.back());
    if (!read) return false;
    shard_->apply(*read, out);
    if (!begun_ && random_() % 2 == 0) begin_checkpoint();
    // One that is not finished leaves groups that are ahead of the rest.
    for (uint32_t steps = random_() % 4; begun_ && (steps > 0 || !may_be_ahead()); --steps) {
      step(may_be_ahead() ? 1 + random_() % 8 : 1000);
    }
    for (int round = 0; round < 2; ++round) shard_->rest(put(), may_be_ahead());
    if (random_() % 3 == 0) return !shard_->failure();
    std::unique_ptr<pipeline::Shards> recovered = recover();
    if (!recovered || recovered->digest() != shard_->digest()) return false;
    if (recovered->timers() != shard_->timers() || recovered->held() != shard_->held() ||
        recovered->groups() != shard_->groups() || recovered->failure() || shard_->failure()) {
      return false;
    }
    shard_ = std::move(recovered);
    begun_.reset();
    return true;
  }
  LogPosition position() const { return shard_->position(); }
  pipeline::ShardCounters counters() const { return shard_->counters(); }

  Expected<Values> read(const std::vector<std::string>& keys) override {
    Values values;
    for (const std::string& key : keys) {
      const auto found = groups_.find(key);
      values.push_back(found == groups_.end() ? std::nullopt : std::optional(found->second));
    }
    return values;
  }
  Expected<void> scan(std::string_view prefix, const Visit& visit) override {
    for (auto at = groups_.lower_bound(std::string(prefix));
         at != groups_.end() && at->first.starts_with(prefix); ++at) {
      visit(at->first, at->second);
    }
    return {};
  }

 private:
  // Most of them are one: threads take long to make.
  std::unique_ptr<pipeline::Shards> make() {
    const size_t shards = random_() % 16 != 0 ? 1 : 2 + random_() % 3;
    return std::make_unique<pipeline::Shards>(
        rules_, options_, pipeline::ShardsOptions{.shards = shards, .handed_over_from = 3});
  }
  bool may_be_ahead() const { return rules_->alert_type == nullptr; }
  pipeline::Shard::PutGroup put() {
    return
        [this](std::string_view key, std::string_view value) { groups_[std::string(key)] = value; };
  }

  void begin_checkpoint() {
    begun_ = shard_->encode_rest();
    tail_since_ = tail_.size();
    shard_->begin_checkpoint();
  }

  void step(size_t most) {
    if (shard_->put_listed(put(), most)) return;
    for (const std::string& key : shard_->end_checkpoint()) groups_.erase(key);
    rest_ = *std::exchange(begun_, std::nullopt);
    tail_.erase(tail_.begin(), tail_.begin() + static_cast<std::ptrdiff_t>(tail_since_));
  }

  std::unique_ptr<pipeline::Shards> recover() {
    std::unique_ptr<pipeline::Shards> shard = make();
    for (const auto& [key, value] : groups_) {
      if (!shard->restore_group(key, value)) return nullptr;
    }
    if (!rest_.empty() && !shard->restore_rest(rest_)) return nullptr;
    std::vector<alert::Record> quiet;
    for (const std::string& bytes : tail_) {
      const Expected<state::Frame> frame = state::decode_frame(bytes);
      if (!frame) return nullptr;
      shard->apply(*frame, quiet);
      shard->rest([](std::string_view, std::string_view) {}, /*ahead=*/false);
    }
    return shard;
  }

  const std::shared_ptr<const rules::RuleSet> rules_;
  pipeline::ShardOptions options_;
  std::mt19937 random_;
  std::unique_ptr<pipeline::Shards> shard_;
  std::optional<std::string> begun_;  // the rest of a checkpoint that is being made
  size_t tail_since_ = 0;             // what of the tail it will cut
  // The store.
  std::map<std::string, std::string> groups_;
  std::string rest_;
  std::vector<std::string> tail_;
};

class Run {
 public:
  Run(std::shared_ptr<const rules::RuleSet> rules, const event::KeyRing* keys,
      const pipeline::FrontOptions& front, const Options& options)
      : rules_(rules),
        front_(rules, keys, front),
        shard_(rules, {.allowed_lateness = front.allowed_lateness}, options.seed),
        partition_(front_.partition("file")),
        out_(STDOUT_FILENO) {}

  bool step() {
    front_.take_admitted();
    if (!front_.has_frame()) return true;
    std::vector<alert::Record> records;
    const LogPosition next{value_of(shard_.position()) + 1};
    if (!shard_.apply(front_.take_frame(next), records)) {
      std::fprintf(stderr, "the shard that came back at position %llu differs\n",
                   static_cast<unsigned long long>(value_of(next)));
      return false;
    }
    for (const alert::Record& record : records) {
      if (!out_.write_line(alert::replay_line(record, rules_->rule(record.rule)))) return false;
    }
    return true;
  }
  source::RecordResult push(std::string_view bytes) {
    return front_.admit(bytes, partition_, kBeforeAllTime);
  }
  bool end(bool flush) {
    front_.end_of_input();
    if (!step()) return false;
    if (flush) {
      front_.flush();
      if (!step()) return false;
    }
    cli::print_summary(cli::summary_of(front_.counters(), shard_.counters()));
    return out_.flush().has_value();
  }

 private:
  std::shared_ptr<const rules::RuleSet> rules_;
  pipeline::Front front_;
  Mortal shard_;
  PartitionId partition_;
  cli::OutputFile out_;
};

int run(const Options& options) {
  const auto rules = cli::load_rules(options.pack);
  if (!rules) return 1;
  const auto keys = cli::load_keys(options.keys);
  if (!keys) return 1;
  const event::KeyRing* ring = *keys ? &**keys : nullptr;
  std::optional<cli::OutputFile> dead_letters;
  if (!options.dead_letters.empty()) {
    auto opened = cli::OutputFile::create(options.dead_letters);
    if (!opened) return 1;
    dead_letters.emplace(std::move(*opened));
  }
  event::Sealing sealing = event::Sealing::Clear;
  if ((*rules)->has_identity) {
    sealing = ring && ring->can_seal() ? event::Sealing::Sealed : event::Sealing::DigestOnly;
  }
  const int descriptor =
      options.file == "-" ? STDIN_FILENO : open(options.file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 1;
  pipeline::FrontOptions front;
  front.out_of_orderness = parse_duration(options.out_of_orderness).value();
  front.allowed_lateness = parse_duration(options.allowed_lateness).value();
  Run run(*rules, ring, front, options);
  std::mt19937 random(options.seed);
  source::LineReader lines(descriptor);
  source::LineReader::Line line;
  size_t left = 1;
  for (bool at_end = false; !at_end;) {
    const Expected<bool> more = lines.next(line);
    if (!more) return 1;
    at_end = !*more;
    if (at_end && !lines.rest(line)) break;
    if (source::is_blank(line.bytes)) continue;
    const source::RecordResult result = run.push(line.bytes);
    if (result.rejected && dead_letters &&
        !dead_letters->write_line(event::dead_letter_line(*result.rejected, line.offset, {},
                                                          line.bytes, sealing, ring))) {
      return 1;
    }
    if (--left > 0) continue;
    left = 1 + random() % options.frame_records;
    if (!run.step()) return kDifferent;
  }
  if (!run.end(options.flush)) return kDifferent;
  if (dead_letters && !dead_letters->flush()) return 1;
  return 0;
}

}  // namespace
}  // namespace fengsui

int main(int argc, char** argv) {
  fengsui::Options options;
  CLI::App app;
  if (argc > 1 && std::string(argv[1]) == "replay") {
    ++argv;
    --argc;
  }
  app.add_option("--pack", options.pack)->required();
  app.add_option("FILE", options.file);
  app.add_option("--out-of-orderness", options.out_of_orderness);
  app.add_option("--allowed-lateness", options.allowed_lateness);
  app.add_option("--keys", options.keys);
  app.add_option("--dead-letters", options.dead_letters);
  app.add_option("--seed", options.seed);
  app.add_option("--frame-records", options.frame_records);
  app.add_flag("--flush", options.flush);
  app.add_flag("--no-progress", options.no_progress);
  CLI11_PARSE(app, argc, argv);
  return fengsui::run(options);
}
