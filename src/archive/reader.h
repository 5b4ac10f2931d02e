// Reads an archive: all of it from a folder, or the segments that a running engine has named. Any
// thread; one reader each.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "archive/batch.h"

namespace fengsui::archive {

std::string segment_path(const std::string& directory, uint64_t number);
// What the blocks of a file tell; `length` is where the last whole one ends.
Expected<Segment> read_segment(const std::string& path, uint64_t number);
// By number. An error: the folder cannot be read.
Expected<std::vector<Segment>> list_segments(const std::string& directory);

struct Query {
  Arrival after{0};                                     // events that arrived later
  EventTime from = kBeforeAllTime, to = kAfterAllTime;  // `to` is not in it
  std::set<std::string, std::less<>> types;             // empty: all
};

class Reader {
 public:
  // Segments that have expired meanwhile are passed over.
  explicit Reader(std::vector<Segment> segments) : segments_(std::move(segments)) {}

  // Events in arrival order; false from `visit` ends it. Damaged blocks are passed over, and
  // damage() tells of them.
  Expected<void> events(const Query& query, const std::function<bool(const StoredEvent&)>& visit);
  // The same way, whole batches that hold an event or a mark after `after`, marks alone too.
  Expected<void> batches(LogPosition after, const std::function<bool(Batch&)>& visit);
  // The event at a position of the archive.
  Expected<std::optional<StoredEvent>> at(Arrival arrival);

  const std::vector<std::string>& damage() const { return damage_; }

 private:
  using WantsBlock = std::function<bool(const BatchSpan&)>;
  Expected<void> visit_batches(const WantsBlock& wants, const std::function<bool(Batch&)>& visit);
  bool visit_block(const std::string& raw, const std::function<bool(Batch&)>& visit);

  const std::vector<Segment> segments_;
  BatchReader batch_reader_;
  std::vector<std::string> damage_;
};

}  // namespace fengsui::archive
