#include "source/file_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include "base/invariant.h"
#include "base/log.h"
#include "source/line_reader.h"

namespace fengsui::source {
namespace {

// A descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

}  // namespace

struct FileSource::State {
  explicit State(FileSourceOptions with) : options(std::move(with)) {}

  Error error(const std::string& what) const {
    return Error::outside("source " + options.name + ", file " + options.path + ": " + what);
  }
  Error system_error(const char* call) const {
    return error(std::string(call) + ": " + std::strerror(errno));
  }

  void run();
  Expected<void> read_all();
  Expected<bool> open_file();
  Expected<void> read_what_is_there(LineReader& lines);
  Expected<void> check_still_ours(const LineReader& lines) const;
  bool add(const LineReader::Line& line, const LineReader& lines);
  bool push(uint64_t next_position);
  bool wait_for_change();

  const FileSourceOptions options;

  // Set by start(), before the thread.
  BatchQueue* out = nullptr;
  uint64_t from = 0;
  Descriptor stop_event;
  Descriptor watch;  // inotify; not open: the file is looked at from time to time

  // The source's thread alone.
  Descriptor file;
  Batch batch;
  size_t room = 0;  // that the last batch's text took

  std::atomic<bool> stopping = false;
  std::atomic<bool> finished = false;
  mutable std::mutex mutex;  // guards failure
  std::optional<Error> failure;
  std::thread thread;
};

FileSource::FileSource(FileSourceOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}

FileSource::~FileSource() { stop(); }

Expected<void> FileSource::start(BatchQueue& out, const PositionOf& position_of) {
  State& state = *state_;
  state.out = &out;
  const std::string partition = "file:" + state.options.path;
  state.batch.source = state.options.name;
  state.batch.partition = partition;
  state.from = position_of(partition).value_or(0);
  state.stop_event = Descriptor(::eventfd(0, EFD_CLOEXEC));
  if (!state.stop_event.is_open()) return fail(state.system_error("eventfd"));
  const Expected<bool> opened = state.open_file();
  if (!opened) return fail(opened.error());
  if (!*opened && (!state.options.follow || state.from > 0)) {
    return fail(state.error("is not there"));
  }
  // Announces the partition, so that it holds the watermark until it is heard from.
  Batch announcement;
  announcement.source = state.options.name;
  announcement.partition = partition;
  const size_t bytes = announcement.bytes();
  out.push(std::move(announcement), bytes);
  spdlog::info("source {}: reading {} from {}", state.options.name, partition, state.from);
  state.thread = std::thread([&state] { state.run(); });
  return {};
}

void FileSource::stop() {
  state_->stopping = true;
  if (state_->stop_event.is_open()) {
    const uint64_t one = 1;
    const ssize_t written = ::write(state_->stop_event.number(), &one, sizeof one);
    INVARIANT(written == sizeof one);
  }
  if (state_->thread.joinable()) state_->thread.join();
}

bool FileSource::finished() const { return state_->finished; }

std::optional<Error> FileSource::failure() const {
  std::lock_guard lock(state_->mutex);
  return state_->failure;
}

void FileSource::State::run() {
  const Expected<void> done = read_all();
  if (!done) {
    std::lock_guard lock(mutex);
    failure = done.error();
  }
}

// False: it is not there.
Expected<bool> FileSource::State::open_file() {
  file = Descriptor(::open(options.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return false;
  if (!file.is_open()) return fail(system_error("open"));
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return fail(system_error("fstat"));
  if (S_ISDIR(status.st_mode)) return fail(error("is a folder"));
  if (!S_ISREG(status.st_mode)) {
    if (from > 0) return fail(error("is no regular file, so reading cannot go on where it was"));
    return true;
  }
  if (static_cast<uint64_t>(status.st_size) < from) {
    return fail(error("has " + std::to_string(status.st_size) + " bytes, but " +
                      std::to_string(from) + " have been read: it was cut or replaced"));
  }
  if (::lseek(file.number(), static_cast<off_t>(from), SEEK_SET) < 0) {
    return fail(system_error("lseek"));
  }
  if (options.follow) {
    watch = Descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    const uint32_t changes = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;
    if (watch.is_open() && ::inotify_add_watch(watch.number(), options.path.c_str(), changes) < 0) {
      watch = Descriptor();
    }
  }
  return true;
}

Expected<void> FileSource::State::read_all() {
  while (!file.is_open()) {
    if (!wait_for_change()) return {};
    const Expected<bool> opened = open_file();
    if (!opened) return fail(opened.error());
  }
  LineReader lines(file.number(), from);
  while (!stopping) {
    const Expected<void> read = read_what_is_there(lines);
    if (!read) return read;
    if (stopping) return {};
    if (!options.follow) {
      LineReader::Line rest;
      if (lines.rest(rest) && !add(rest, lines)) return {};
      if (!push(lines.position())) return {};
      finished = true;
      return {};
    }
    if (!push(lines.position())) return {};
    const Expected<void> ours = check_still_ours(lines);
    if (!ours) return ours;
    if (!wait_for_change()) return {};
  }
  return {};
}

Expected<void> FileSource::State::read_what_is_there(LineReader& lines) {
  while (!stopping) {
    LineReader::Line line;
    const Expected<bool> more = lines.next(line);
    if (!more) return fail(error(more.error().message));
    if (!*more || !add(line, lines)) return {};
  }
  return {};
}

// A followed file must only grow, and stay the one under its name.
Expected<void> FileSource::State::check_still_ours(const LineReader& lines) const {
  struct stat open_file {};
  struct stat named {};
  if (::fstat(file.number(), &open_file) != 0) return fail(system_error("fstat"));
  if (!S_ISREG(open_file.st_mode)) return {};
  if (static_cast<uint64_t>(open_file.st_size) < lines.read_to()) {
    return fail(error("has " + std::to_string(open_file.st_size) + " bytes, but " +
                      std::to_string(lines.read_to()) + " have been read: it was cut"));
  }
  if (::stat(options.path.c_str(), &named) != 0) return {};  // gone: its writer may hold it still
  if (named.st_dev != open_file.st_dev || named.st_ino != open_file.st_ino) {
    return fail(error("was replaced by another file"));
  }
  return {};
}

// False: the engine takes no more.
bool FileSource::State::add(const LineReader::Line& line, const LineReader& lines) {
  if (is_blank(line.bytes)) return true;
  if (batch.text.empty()) batch.text.reserve(std::min(room, options.batch_bytes_max));
  batch.add(line.bytes, line.offset);
  if (batch.items.size() < options.batch_records_max &&
      batch.text.size() < options.batch_bytes_max) {
    return true;
  }
  return push(lines.position());
}

bool FileSource::State::push(uint64_t next_position) {
  // Blank lines alone: nothing to tell; they are read again after a restart.
  if (batch.items.empty()) return true;
  Batch full;
  full.source = batch.source;
  full.partition = batch.partition;
  room = batch.text.size();
  full.text = std::exchange(batch.text, {});
  full.items = std::exchange(batch.items, {});
  full.next_position = next_position;
  const size_t bytes = full.bytes();
  if (out->push(std::move(full), bytes)) return true;
  stopping = true;
  return false;
}

// Waits until the file may have changed. False: the source is to stop.
bool FileSource::State::wait_for_change() {
  pollfd events[2] = {{stop_event.number(), POLLIN, 0}, {watch.number(), POLLIN, 0}};
  const nfds_t count = watch.is_open() ? 2 : 1;
  ::poll(events, count, static_cast<int>(options.look_every.count()));
  if (stopping || (events[0].revents & POLLIN)) return false;
  if (watch.is_open()) {
    alignas(inotify_event) char told[4096];
    while (::read(watch.number(), told, sizeof told) > 0) {
    }
  }
  return true;
}

}  // namespace fengsui::source
