#include "source/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace fengsui::source {
namespace {

constexpr size_t kBlockBytes = 256 << 10;

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

Expected<std::optional<LineReader::Line>> LineReader::next() {
  while (true) {
    const size_t line_feed = buffer_.find('\n', searched_);
    if (line_feed != std::string::npos) {
      const std::optional<Line> line = take(line_feed, 1);
      if (line) return line;
      continue;
    }
    searched_ = buffer_.size();
    const Expected<bool> filled = fill();
    if (!filled) return fail(filled.error());
    if (!*filled) return std::nullopt;
  }
}

std::optional<LineReader::Line> LineReader::take_rest() { return take(buffer_.size(), 0); }

// The line from begin_ to `end`; nullopt if it is blank.
std::optional<LineReader::Line> LineReader::take(size_t end, size_t line_feed) {
  const Line line{std::string_view(buffer_).substr(begin_, end - begin_), next_position()};
  begin_ = end + line_feed;
  searched_ = begin_;
  // The bytes that were read over stood before the line feed: all behind them moves up.
  if (skipped_ > 0) {
    buffer_offset_ += skipped_;
    skipped_ = 0;
  }
  if (is_blank(line.bytes)) return std::nullopt;
  return line;
}

void LineReader::drop_taken() {
  buffer_.erase(0, begin_);
  buffer_offset_ += begin_;
  searched_ -= begin_;
  begin_ = 0;
}

Expected<bool> LineReader::fill() {
  drop_taken();
  const size_t held = buffer_.size();
  buffer_.resize(held + kBlockBytes);
  ssize_t count = 0;
  do {
    count = ::read(file_, buffer_.data() + held, kBlockBytes);
  } while (count < 0 && errno == EINTR);
  const int code = errno;
  buffer_.resize(held + static_cast<size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0 && code == EAGAIN) return false;
  if (count < 0) return fail(Error::outside(std::string("read: ") + std::strerror(code)));
  if (buffer_.size() > kLineBytesMax && searched_ == held) {
    // One line fills the buffer. What is beyond the limit, up to its line feed, is read over.
    const size_t line_feed = buffer_.find('\n', held);
    const size_t end = line_feed == std::string::npos ? buffer_.size() : line_feed;
    if (end > kLineBytesMax) {
      skipped_ += end - kLineBytesMax;
      buffer_.erase(kLineBytesMax, end - kLineBytesMax);
      searched_ = std::min(searched_, buffer_.size());
    }
  }
  return count > 0;
}

}  // namespace fengsui::source
