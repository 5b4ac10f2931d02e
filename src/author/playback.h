// Recorded events through an engine: what explain, diff and cost look at.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "alert/record.h"
#include "pipeline/replay.h"
#include "source/source.h"

namespace fengsui::author {

struct PlaybackListener {
  // Each record, its line from 1, and what became of it, before its alerts.
  std::function<void(std::string_view bytes, size_t line, const source::RecordResult& result)>
      record;
  // Alert records of rules that are not in shadow, in their order; may be moved from.
  std::function<void(std::vector<alert::Record>& records)> alerts;
  // Now and then: bytes read so far.
  std::function<void(size_t bytes)> progress;
};

// `text`: a file of events, one a line (rules.md, "Events"). `step_each`: the engine takes a step
// after each record, so that what listeners hear comes right after the record that caused it.
// Returns with the watermark at the highest time seen, or at infinity if `flush`.
void play(pipeline::Replay& engine, std::string_view text, bool flush, bool step_each,
          const PlaybackListener& listener);

}  // namespace fengsui::author
