#include "source/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace fengsui::source {
namespace {

constexpr size_t kChunkBytes = 256 << 10;

}  // namespace

LineReader::LineReader(int descriptor, uint64_t offset)
    : descriptor_(descriptor), position_(offset) {}

Expected<bool> LineReader::next(Line& line) {
  while (!take(line)) {
    const Expected<bool> more = fill();
    if (!more || !*more) return more;
  }
  return true;
}

Expected<bool> LineReader::next(std::vector<Line>& lines, size_t most) {
  Line line;
  const Expected<bool> first = next(line);
  if (!first || !*first) return first;
  do {
    lines.push_back(line);
  } while (--most > 0 && take(line));
  return true;
}

bool LineReader::take(Line& line) {
  const void* found = std::memchr(buffer_.data() + scanned_, '\n', buffer_.size() - scanned_);
  if (found == nullptr) {
    scanned_ = buffer_.size();
    return false;
  }
  const auto at = static_cast<size_t>(static_cast<const char*>(found) - buffer_.data());
  line = {std::string_view(buffer_).substr(begin_, std::min(at - begin_, kLineBytesMax)),
          position_};
  position_ += at - begin_ + dropped_ + 1;
  begin_ = scanned_ = at + 1;
  dropped_ = 0;
  return true;
}

bool LineReader::rest(Line& line) {
  if (begin_ == buffer_.size() && dropped_ == 0) return false;
  line = {std::string_view(buffer_).substr(begin_, kLineBytesMax), position_};
  position_ += buffer_.size() - begin_ + dropped_;
  begin_ = scanned_ = buffer_.size();
  dropped_ = 0;
  return true;
}

// Reads one chunk behind what is kept. Of an overlong line, the middle is let go.
Expected<bool> LineReader::fill() {
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  if (buffer_.size() > kLineBytesMax) {
    dropped_ += buffer_.size() - kLineBytesMax;
    buffer_.resize(kLineBytesMax);
    scanned_ = kLineBytesMax;
  }
  const size_t kept = buffer_.size();
  buffer_.resize(kept + kChunkBytes);
  ssize_t got = 0;
  do {
    got = read(descriptor_, buffer_.data() + kept, kChunkBytes);
  } while (got < 0 && errno == EINTR);
  const int code = errno;
  buffer_.resize(kept + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0 && code == EAGAIN) return false;
  if (got < 0) {
    return fail(Error::outside(std::string("cannot read: ") + std::strerror(code)));
  }
  return got > 0;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(' ') == line.npos; }

}  // namespace fengsui::source
