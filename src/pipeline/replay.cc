#include "pipeline/replay.h"

namespace fengsui::pipeline {

Replay::Replay(std::shared_ptr<const rules::RuleSet> rules, const event::KeyRing* keys,
               const FrontOptions& options)
    : front_(rules, keys, options),
      shard_(rules, ShardOptions{.allowed_lateness = options.allowed_lateness}),
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
  if (!front_.has_frame()) return;
  const LogPosition next{value_of(shard_.position()) + 1};
  shard_.apply(front_.take_frame(next), out);
}

void Replay::end_of_input(std::vector<alert::Record>& out) {
  front_.end_of_input();
  step(out);
}

void Replay::flush(std::vector<alert::Record>& out) {
  front_.flush();
  step(out);
}

}  // namespace fengsui::pipeline
