#include "pipeline/replay.h"

namespace fengsui::pipeline {

Replay::Replay(std::shared_ptr<const rules::RuleSet> rules, const event::KeyRing* keys,
               const FrontOptions& options, const ShardsOptions& several)
    : front_(rules, keys, options),
      shards_(rules, ShardOptions{.allowed_lateness = options.allowed_lateness}, several),
      partition_(front_.partition("file")) {}

source::RecordResult Replay::push(std::string_view bytes) {
  return front_.admit(bytes, partition_, kBeforeAllTime);
}

void Replay::push(std::span<const std::string_view> records,
                  std::vector<source::RecordResult>& results) {
  front_.admit(records, partition_, kBeforeAllTime, results);
}

void Replay::step(std::vector<alert::Record>& out) {
  front_.take_admitted();  // no store wants them
  shards_.finish(out);
  if (!front_.has_frame()) return;
  const LogPosition next{value_of(shards_.position()) + 1};
  shards_.begin(front_.take_frame(next), out);
}

void Replay::end_of_input(std::vector<alert::Record>& out) {
  front_.end_of_input();
  step(out);
  shards_.finish(out);
}

void Replay::flush(std::vector<alert::Record>& out) {
  front_.flush();
  step(out);
  shards_.finish(out);
}

}  // namespace fengsui::pipeline
