#include "dispatch/file_sink.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/byte_codec.h"
#include "base/invariant.h"

namespace fengsui::dispatch {
namespace {

Error file_error(const std::string& path, const std::string& what, bool retryable) {
  return Error::outside("queue file " + path + ": " + what, retryable);
}

// A disk that is full or slow may be well again; the rest will not by itself.
bool may_pass(int code) {
  return code == ENOSPC || code == EDQUOT || code == EINTR || code == EAGAIN || code == EIO;
}

Error system_error(const std::string& path, const char* call) {
  const int code = errno;
  return file_error(path, std::string(call) + ": " + std::strerror(code), may_pass(code));
}

// A new file's name must be on disk before a mark speaks of its length.
void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

std::string encode_length(uint64_t length) {
  std::string bytes;
  ByteWriter(bytes).varint(length);
  return bytes;
}

}  // namespace

Expected<uint64_t> FileSink::open(const DeliveryMark& mark) {
  close();
  length_ = 0;
  if (!mark.sink_state.empty()) {
    ByteReader in(mark.sink_state);
    length_ = in.varint();
    if (!in.ok() || !in.at_end()) {
      return fail(file_error(path_, "the mark in the state is not that of a file", false));
    }
  }
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  std::error_code code;
  if (!folder.empty()) std::filesystem::create_directories(folder, code);
  if (code) return fail(file_error(path_, "its folder cannot be made: " + code.message(), false));
  const int create = length_ == 0 ? O_CREAT : 0;
  file_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC | create, 0644);
  if (file_ < 0 && errno == ENOENT) {
    return fail(file_error(path_,
                           "is gone, but " + std::to_string(length_) +
                               " bytes of it are delivered; put it back, or begin a new state",
                           false));
  }
  if (file_ < 0) return fail(system_error(path_, "open"));
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    return fail(file_error(path_, "another process writes to it", false));
  }
  struct stat status {};
  if (::fstat(file_, &status) != 0) return fail(system_error(path_, "fstat"));
  if (static_cast<uint64_t>(status.st_size) < length_) {
    return fail(file_error(path_,
                           "has " + std::to_string(status.st_size) + " bytes, but " +
                               std::to_string(length_) + " are delivered: it was cut or replaced",
                           false));
  }
  const Expected<void> cut = cut_back();
  if (!cut) return fail(cut.error());
  sync_folder(folder);
  return mark.sequence;
}

Expected<void> FileSink::cut_back() {
  if (::ftruncate(file_, static_cast<off_t>(length_)) != 0) {
    return fail(system_error(path_, "ftruncate"));
  }
  return {};
}

Expected<DeliveryMark> FileSink::deliver(std::span<const OutboxEntry> entries) {
  INVARIANT(file_ >= 0 && !entries.empty());
  std::string lines;
  for (const OutboxEntry& entry : entries) {
    lines += entry.message;
    lines += '\n';
  }
  // What a failed attempt has left behind goes first.
  const Expected<void> cut = cut_back();
  if (!cut) return fail(cut.error());
  for (size_t done = 0; done < lines.size();) {
    const ssize_t written = ::pwrite(file_, lines.data() + done, lines.size() - done,
                                     static_cast<off_t>(length_ + done));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(system_error(path_, "write"));
    done += static_cast<size_t>(written);
  }
  if (::fdatasync(file_) != 0) return fail(system_error(path_, "fdatasync"));
  length_ += lines.size();
  return DeliveryMark{entries.back().sequence, encode_length(length_)};
}

void FileSink::close() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

}  // namespace fengsui::dispatch
