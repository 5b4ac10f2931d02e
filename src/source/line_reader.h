// Lines of a file or pipe, with the offset of each line's first byte. What a followed file and a
// replay read through. Does not own the descriptor. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fengsui::source {

// Of a longer line only the first so many bytes are handed over: enough to see that it is too long
// for a record, and to keep as a dead letter.
inline constexpr size_t kLineBytesMax = 16 << 20;

class LineReader {
 public:
  // `offset`: where the descriptor stands.
  explicit LineReader(int descriptor, uint64_t offset = 0);

  struct Line {
    std::string_view bytes;  // without the line feed; valid until the next call
    uint64_t offset = 0;
  };
  // False: no whole line can be read now (end of the file so far, or a signal).
  Expected<bool> next(Line& line);

  // Appends the whole lines that are there, or can be read now, one at least and no more than
  // `most`: all valid until the next call. False: as next().
  Expected<bool> next(std::vector<Line>& lines, size_t most);

  // What stands after the last line feed, as a line; false if nothing does. For files that have
  // ended. Requires: the last next() gave false.
  bool rest(Line& line);

  // Behind the last line handed over: where reading would go on.
  uint64_t position() const { return position_; }
  // Behind all that was read from the descriptor.
  uint64_t read_to() const { return position_ + (buffer_.size() - begin_) + dropped_; }

 private:
  bool take(Line& line);  // one that has been read
  Expected<bool> fill();

  const int descriptor_;
  std::string buffer_;
  size_t begin_ = 0;    // of what is not handed over
  size_t scanned_ = 0;  // no line feed before it
  uint64_t position_;
  uint64_t dropped_ = 0;  // bytes of an overlong line, read and not kept
};

// Spaces alone, or nothing: no record (rules.md; a tab or carriage return makes it one).
bool is_blank(std::string_view line);

}  // namespace fengsui::source
