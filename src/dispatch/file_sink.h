// A queue in a file: one message a line, appended and synced before the mark. The mark carries the
// file's length, and the file is cut back to it at start, so that a message stands in it once
// whatever happened between writing and mark. Nobody else may write to the file. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "dispatch/sink.h"

namespace fengsui::dispatch {

class FileSink final : public Sink {
 public:
  // Folders of the path are made at open().
  explicit FileSink(std::string path) : path_(std::move(path)) {}
  ~FileSink() override { FileSink::close(); }

  // Errors, not retryable: the file is missing or shorter than the mark has it; it is open in
  // another process's sink.
  Expected<uint64_t> open(const DeliveryMark& mark) override;
  Expected<DeliveryMark> deliver(std::span<const OutboxEntry> entries) override;
  void close() override;

 private:
  Expected<void> cut_back();

  const std::string path_;
  int file_ = -1;
  uint64_t length_ = 0;  // of what is delivered
};

}  // namespace fengsui::dispatch
