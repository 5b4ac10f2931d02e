#include "archive/archive.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "archive/block.h"
#include "archive/reader.h"
#include "base/fault.h"
#include "base/log.h"

namespace fengsui::archive {
namespace {

namespace fs = std::filesystem;

constexpr uint8_t kMarkVersion = 1;
// Batches that are too small to be compressed alone become a block when there are so many bytes.
constexpr size_t kBlockBytes = 256 << 10;
constexpr const char* kStateFile = "state";

Error system_error(const std::string& path, const char* call) {
  return Error::outside("archive " + path + ": " + call + ": " + std::strerror(errno));
}

struct Mark {
  uint64_t number = 0;  // of the segment being written; 0: none
  uint64_t length = 0;
  EventTime latest = kBeforeAllTime;
};

std::string encode_mark(const Mark& mark) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kMarkVersion);
  out.varint(mark.number);
  out.varint(mark.length);
  out.signed_varint(mark.latest.time_since_epoch().count());
  return bytes;
}

Expected<Mark> decode_mark(std::string_view bytes) {
  Mark mark;
  if (bytes.empty()) return mark;
  ByteReader in(bytes);
  const uint8_t version = in.u8();
  mark.number = in.varint();
  mark.length = in.varint();
  mark.latest = EventTime{Duration{in.signed_varint()}};
  if (version != kMarkVersion || !in.ok() || !in.at_end()) {
    return fail(Error::outside("the archive's mark in the state is not one of this program"));
  }
  return mark;
}

Expected<void> sync_file(int file, const std::string& path) {
  if (::fdatasync(file) == 0) return {};
  return fail(system_error(path, "fdatasync"));
}

void sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

Archive::~Archive() {
  for (const int file : unsynced_) ::close(file);
  if (file_ >= 0) ::close(file_);
}

std::string Archive::path_of(uint64_t number) const {
  return segment_path(options_.directory, number);
}

uint64_t Archive::bytes() const {
  uint64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.length;
  return bytes;
}

// --- Opening

Expected<std::unique_ptr<Archive>> Archive::open(ArchiveOptions options, std::string_view mark) {
  std::unique_ptr<Archive> archive(new Archive(std::move(options)));
  Expected<void> done = archive->claim_folder();
  if (done) done = archive->restore(mark);
  if (!done) return fail(done.error());
  return archive;
}

// Arrival numbers of two states in one folder would be a muddle.
Expected<void> Archive::claim_folder() {
  std::error_code code;
  fs::create_directories(options_.directory, code);
  if (code) return fail(Error::outside("archive " + options_.directory + ": " + code.message()));
  const std::string path = (fs::path(options_.directory) / kStateFile).string();
  std::string owner;
  std::getline(std::ifstream(path), owner);
  if (!owner.empty() && owner != options_.state_id) {
    return fail(Error::usage("the archive in " + options_.directory + " belongs to the state " +
                             owner + ", not to this one, " + options_.state_id));
  }
  if (!owner.empty()) return {};
  std::ofstream out(path);
  out << options_.state_id << '\n';
  if (!out.flush()) return fail(Error::outside("archive " + path + ": it cannot be written"));
  return {};
}

// What came after the mark goes: the journal still has it.
Expected<void> Archive::restore(std::string_view bytes) {
  const Expected<Mark> mark = decode_mark(bytes);
  if (!mark) return fail(mark.error());
  latest_ = mark->latest;
  next_number_ = mark->number + 1;
  synced_number_ = mark->number;
  Expected<std::vector<Segment>> found = list_segments(options_.directory);
  if (!found) return fail(found.error());
  for (Segment& segment : *found) {
    if (segment.number > mark->number) {
      std::error_code code;
      fs::remove(segment.path, code);
      if (code) return fail(Error::outside("archive " + segment.path + ": " + code.message()));
      continue;
    }
    if (segment.number == mark->number) {
      if (Expected<void> done = cut(segment, mark->length); !done) return done;
    }
    segments_.push_back(std::move(segment));
  }
  if (mark->length > 0 && (segments_.empty() || segments_.back().number != mark->number)) {
    spdlog::error("archive {}: segment {} is gone; its events are lost to the archive",
                  options_.directory, mark->number);
  }
  return {};
}

Expected<void> Archive::cut(Segment& segment, uint64_t length) {
  std::error_code code;
  const uint64_t size = fs::file_size(segment.path, code);
  if (code) return fail(Error::outside("archive " + segment.path + ": " + code.message()));
  if (size < length) {
    spdlog::error("archive {}: {} bytes, but {} were written; the rest is lost to the archive",
                  segment.path, size, length);
    return {};  // a new segment is begun
  }
  file_ = ::open(segment.path.c_str(), O_RDWR | O_CLOEXEC);
  if (file_ < 0) return fail(system_error(segment.path, "open"));
  if (::ftruncate(file_, static_cast<off_t>(length)) != 0) {
    return fail(system_error(segment.path, "ftruncate"));
  }
  Expected<Segment> again = read_segment(segment.path, segment.number);
  if (!again) return fail(again.error());
  segment = std::move(*again);
  open_part_ = part_of(latest_);
  if (segment.length == length) return {};
  // Nobody could read what is written behind the damage.
  spdlog::error("archive {}: damaged at byte {}; the rest is lost to the archive", segment.path,
                segment.length);
  ::close(std::exchange(file_, -1));
  return {};
}

// --- Writing

int64_t Archive::part_of(EventTime time) const {
  return time.time_since_epoch() / options_.segment_span;
}

// Segments follow the highest event time so far, which never goes back.
Expected<void> Archive::begin_segment_if_due(const BatchSpan& span) {
  latest_ = std::max(latest_, span.latest);
  if (file_ >= 0) {
    const bool full = segments_.back().length + pending_.size() >= options_.segment_bytes_max;
    if (!full && part_of(latest_) == open_part_) return {};
    if (Expected<void> flushed = flush(); !flushed) return flushed;
    unsynced_.push_back(std::exchange(file_, -1));
  }
  return open_segment();
}

Expected<void> Archive::open_segment() {
  Segment segment;
  segment.number = next_number_++;
  segment.path = path_of(segment.number);
  file_ = ::open(segment.path.c_str(), O_RDWR | O_CLOEXEC | O_CREAT | O_TRUNC, 0640);
  if (file_ < 0) return fail(system_error(segment.path, "open"));
  folder_changed_ = true;
  open_part_ = part_of(latest_);
  segments_.push_back(std::move(segment));
  return {};
}

Expected<void> Archive::append(std::string_view bytes) {
  if (bytes.empty()) return {};
  const Expected<Record> record = read_record(bytes);
  if (!record) return fail(record.error());
  if (Expected<void> begun = begin_segment_if_due(record->span); !begun) return begun;
  events_appended_ += record->span.events;
  if (record->compressed) {
    if (Expected<void> flushed = flush(); !flushed) return flushed;
    return write_block(record->span, record->payload);
  }
  pending_span_.add(record->span);
  pending_ += record->payload;
  return pending_.size() >= kBlockBytes ? flush() : Expected<void>{};
}

Expected<void> Archive::flush() {
  if (pending_.empty()) return {};
  const Expected<void> written = write_block(pending_span_, compress(pending_));
  pending_.clear();
  pending_span_ = BatchSpan();
  return written;
}

Expected<void> Archive::write_block(const BatchSpan& span, std::string_view compressed) {
  Segment& segment = segments_.back();
  const std::string block = encode_block(span, compressed);
  for (size_t done = 0; done < block.size();) {
    const ssize_t written = ::pwrite(file_, block.data() + done, block.size() - done,
                                     static_cast<off_t>(segment.length + done));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(system_error(segment.path, "write"));
    done += static_cast<size_t>(written);
  }
  segment.length += block.size();
  segment.span.add(span);
  fault::reached(fault::Point::InArchive);
  return {};
}

Expected<std::string> Archive::sync() {
  if (Expected<void> flushed = flush(); !flushed) return fail(flushed.error());
  Expected<void> synced;
  for (const int file : unsynced_) {
    if (synced) synced = sync_file(file, options_.directory);
    ::close(file);
  }
  unsynced_.clear();
  if (synced && file_ >= 0) synced = sync_file(file_, segments_.back().path);
  if (!synced) return fail(synced.error());
  if (std::exchange(folder_changed_, false)) sync_folder(options_.directory);
  Mark mark{.number = next_number_ - 1, .length = 0, .latest = latest_};
  if (!segments_.empty() && segments_.back().number == mark.number) {
    mark.length = segments_.back().length;
  }
  synced_number_ = mark.number;
  return encode_mark(mark);
}

Expected<void> Archive::expire(EventTime watermark,
                               const std::function<Duration(std::string_view)>& retain) {
  std::error_code code;
  const auto is_over = [&](const Segment& segment) {
    if (segment.number >= synced_number_) return false;
    Duration longest{0};
    for (const std::string& type : segment.span.types) longest = std::max(longest, retain(type));
    if (segment.span.events > 0 && watermark - longest <= segment.span.latest) return false;
    fs::remove(segment.path, code);
    if (code) return false;
    ++segments_expired_;
    return true;
  };
  std::erase_if(segments_, is_over);
  if (code) return fail(Error::outside("archive " + options_.directory + ": " + code.message()));
  return {};
}

}  // namespace fengsui::archive
