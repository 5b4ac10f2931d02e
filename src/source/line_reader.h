// Cuts what can be read from a file descriptor at line feeds, and knows where each line stands. For
// regular files that grow, and for pipes. One thread.
//
// Memory stays bounded whatever comes: of a line longer than kLineBytesMax only so many bytes, its
// first ones, are handed over; the rest is read over. (It is far above record_bytes_max, so such a
// line ends as a dead letter all the same.) A line of spaces, tabs and carriage returns alone is no
// record and is left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace fengsui::source {

inline constexpr size_t kLineBytesMax = 16 << 20;

class LineReader {
 public:
  // Reads on from where `file` stands, which is `offset` bytes from its start. The descriptor stays
  // the caller's.
  explicit LineReader(int file, uint64_t offset = 0) : file_(file), buffer_offset_(offset) {}

  struct Line {
    std::string_view bytes;  // without the line feed; until the next call
    uint64_t position = 0;   // of its first byte
  };
  // nullopt: no whole line is there for now (the end of the file, or of what a pipe holds, so far).
  Expected<std::optional<Line>> next();
  // What stands behind the last line feed, as a line; nullopt if that is nothing or blank. To be
  // called once no more will come.
  std::optional<Line> take_rest();
  // Where the line after the last one taken (or left out) begins.
  uint64_t next_position() const { return buffer_offset_ + begin_; }
  // Of all that was read from the descriptor.
  uint64_t read_position() const { return buffer_offset_ + buffer_.size() + skipped_; }

 private:
  Expected<bool> fill();  // false: nothing more for now
  void drop_taken();
  std::optional<Line> take(size_t end, size_t line_feed);

  const int file_;
  std::string buffer_;
  uint64_t buffer_offset_;  // of buffer_[0]
  size_t begin_ = 0;        // of the line that is not yet taken
  size_t searched_ = 0;     // no line feed in [begin_, searched_)
  uint64_t skipped_ = 0;    // bytes of an overlong line that were read over
};

}  // namespace fengsui::source
