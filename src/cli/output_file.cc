#include "cli/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace fengsui::cli {
namespace {

constexpr size_t kBufferBytes = 256 << 10;

}  // namespace

Expected<OutputFile> OutputFile::create(const std::string& path) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) return fail(Error::outside(path + ": " + std::strerror(errno)));
  OutputFile file(descriptor);
  file.owned_ = true;
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : descriptor_(other.descriptor_),
      owned_(std::exchange(other.owned_, false)),
      buffer_(std::move(other.buffer_)) {}

OutputFile::~OutputFile() {
  if (owned_) close(descriptor_);
}

Expected<void> OutputFile::write_line(std::string_view line) {
  buffer_.append(line);
  buffer_.push_back('\n');
  if (buffer_.size() < kBufferBytes) return {};
  return flush();
}

Expected<void> OutputFile::flush() {
  size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t wrote = write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      return fail(Error::outside(std::string("cannot write: ") + std::strerror(errno)));
    }
    done += static_cast<size_t>(wrote);
  }
  buffer_.clear();
  return {};
}

}  // namespace fengsui::cli
