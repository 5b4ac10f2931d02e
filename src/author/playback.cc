#include "author/playback.h"

#include <algorithm>

#include "source/line_reader.h"

namespace fengsui::author {
namespace {

// Records between two steps of the engine.
constexpr size_t kStepRecords = 512;

}  // namespace

void play(pipeline::Replay& engine, std::string_view text, bool flush, bool step_each,
          const PlaybackListener& listener) {
  std::vector<alert::Record> records;
  const auto hand_over = [&] {
    if (listener.alerts && !records.empty()) listener.alerts(records);
    records.clear();
  };
  size_t in_step = 0;
  size_t number = 0;
  for (size_t at = 0; at < text.size();) {
    ++number;
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (source::is_blank(line)) continue;
    const source::RecordResult result = engine.push(line);
    if (listener.record) listener.record(line, number, result);
    if (++in_step < kStepRecords && !step_each) continue;
    in_step = 0;
    engine.step(records);
    hand_over();
    if (listener.progress) listener.progress(at);
  }
  engine.end_of_input(records);
  if (flush) engine.flush(records);
  hand_over();
}

}  // namespace fengsui::author
