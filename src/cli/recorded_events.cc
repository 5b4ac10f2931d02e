#include "cli/recorded_events.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace fengsui::cli {
namespace {

constexpr size_t kReadBytes = 1 << 20;

Error failed(const std::string& path) { return Error::outside(path + ": " + std::strerror(errno)); }

Expected<std::string> read_all(int descriptor, const std::string& path) {
  std::string text;
  for (;;) {
    const size_t before = text.size();
    text.resize(before + kReadBytes);
    const ssize_t got = read(descriptor, text.data() + before, kReadBytes);
    text.resize(before + (got > 0 ? static_cast<size_t>(got) : 0));
    if (got == 0) return text;
    if (got < 0 && errno != EINTR) return fail(failed(path));
  }
}

}  // namespace

Expected<RecordedEvents> RecordedEvents::open(const std::string& path) {
  const bool is_input = path == "-";
  const int descriptor = is_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(failed(path));
  RecordedEvents events;
  struct stat file {};
  Expected<void> done;
  if (fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode) && !is_input) {
    events.size_ = static_cast<size_t>(file.st_size);
    void* at = events.size_ == 0
                   ? nullptr
                   : mmap(nullptr, events.size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (at == MAP_FAILED) {
      done = fail(failed(path));
    } else {
      events.mapped_ = static_cast<const char*>(at);
    }
  } else {
    Expected<std::string> text = read_all(descriptor, path);
    if (text) {
      events.read_ = std::move(*text);
    } else {
      done = fail(std::move(text.error()));
    }
  }
  if (!is_input) close(descriptor);
  if (!done) return fail(std::move(done.error()));
  return events;
}

RecordedEvents::RecordedEvents(RecordedEvents&& other) noexcept
    : mapped_(std::exchange(other.mapped_, nullptr)),
      size_(other.size_),
      read_(std::move(other.read_)) {}

RecordedEvents::~RecordedEvents() {
  if (mapped_ != nullptr) munmap(const_cast<char*>(mapped_), size_);
}

}  // namespace fengsui::cli
