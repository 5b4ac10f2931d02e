// The archive: the admitted events of the types that some rule reads, in segments that are written
// once and go whole when their time is over. DESIGN.md has the layout, and why it stays in step
// with the state's commits through any crash.
//
// One thread, the engine's; what segments() gives may be read by others (reader.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "archive/batch.h"
#include "base/result.h"

namespace fengsui::archive {

struct ArchiveOptions {
  std::string directory;   // made, with its parents, if it is not there
  std::string state_id{};  // of the state whose commits it follows
  // Events of so much time to a segment; less if it grows too long.
  Duration segment_span = std::chrono::hours{1};
  uint64_t segment_bytes_max = 256 << 20;
};

// A file of the archive. Of the last one, `length` is how far it may be read.
struct Segment {
  uint64_t number = 0;
  std::string path;
  uint64_t length = 0;
  BatchSpan span;
};

class Archive {
 public:
  // Cuts the archive back to `mark`, what sync() gave for the state's last checkpoint (empty: there
  // was none); the commits after it are to be appended again. An error: the folder is another
  // state's, or cannot be used. Segments that are gone or too short are a loss that is logged.
  static Expected<std::unique_ptr<Archive>> open(ArchiveOptions options, std::string_view mark);
  ~Archive();
  Archive(const Archive&) = delete;

  // What BatchWriter::take() gave, in order. It need not be on disk yet.
  Expected<void> append(std::string_view record);
  // All that was appended can be read from then on, by whoever asks for segments() next.
  Expected<void> flush();
  // All that was appended is on disk; the mark to keep with the checkpoint.
  Expected<std::string> sync();
  // Removes the closed segments whose time is over: the latest event and the longest of
  // `retain(type)` over its types lie behind `watermark`. Call it when sync()'s mark is safe.
  Expected<void> expire(EventTime watermark,
                        const std::function<Duration(std::string_view)>& retain);

  const std::vector<Segment>& segments() const { return segments_; }  // oldest first
  uint64_t bytes() const;
  // Since it was opened.
  uint64_t events_appended() const { return events_appended_; }
  uint64_t segments_expired() const { return segments_expired_; }

 private:
  explicit Archive(ArchiveOptions options) : options_(std::move(options)) {}
  Expected<void> claim_folder();
  Expected<void> restore(std::string_view mark);
  Expected<void> cut(Segment& segment, uint64_t length);
  int64_t part_of(EventTime time) const;
  Expected<void> begin_segment_if_due(const BatchSpan& span);
  Expected<void> open_segment();
  Expected<void> write_block(const BatchSpan& span, std::string_view compressed);
  std::string path_of(uint64_t number) const;

  const ArchiveOptions options_;
  std::vector<Segment> segments_;
  int file_ = -1;              // of the last segment; -1: the next batch begins a new one
  std::vector<int> unsynced_;  // segments closed since the last sync()
  bool folder_changed_ = false;
  uint64_t next_number_ = 1;
  uint64_t synced_number_ = 0;         // as in the last mark
  EventTime latest_ = kBeforeAllTime;  // of all events ever appended
  int64_t open_part_ = 0;              // of event time, of the last segment
  BatchSpan pending_span_;             // of the batches that are no block yet
  std::string pending_;
  uint64_t events_appended_ = 0;
  uint64_t segments_expired_ = 0;
};

}  // namespace fengsui::archive
