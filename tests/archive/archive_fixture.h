// Events of a made-up type, batches of them, and an archive to put them in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "archive/reader.h"
#include "event/decoder.h"
#include "state/scratch_folder.h"

namespace fengsui::archive {

inline constexpr Duration kHour = std::chrono::hours{1};

// Types "sample.all" and "sample.other", all fields, decoded as the engine does.
class Sample {
 public:
  Sample();
  const event::EventTypes& types() const { return types_; }
  // {"plain": "p<n>", "real": n, "outlet": {"code": "O<n>"}} of `type`, at `time`.
  event::Event event(uint64_t n, EventTime time, const std::string& type = "sample.all");
  event::Event decode(const std::string& json);

 private:
  event::EventTypes types_;
  std::unique_ptr<event::Decoder> decoder_;
};

// One commit with `count` events a second apart from `time` on, numbered from `first`.
std::string batch(Sample& sample, uint64_t position, uint64_t first, uint64_t count, EventTime time,
                  const std::string& type = "sample.all");

std::unique_ptr<Archive> open_archive(const std::string& directory, std::string_view mark = {},
                                      uint64_t segment_bytes_max = 256 << 20);
std::vector<StoredEvent> read_all(const std::vector<Segment>& segments, const Query& query = {});
std::vector<uint64_t> arrivals(const std::vector<StoredEvent>& events);
std::vector<uint64_t> numbers(uint64_t first, uint64_t last);

}  // namespace fengsui::archive
