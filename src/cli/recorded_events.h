// A whole file of recorded events as one text: mapped, or, of a pipe, read to its end.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace fengsui::cli {

class RecordedEvents {
 public:
  // `path` "-": standard input.
  static Expected<RecordedEvents> open(const std::string& path);
  RecordedEvents(RecordedEvents&& other) noexcept;
  RecordedEvents& operator=(RecordedEvents&&) = delete;
  ~RecordedEvents();

  std::string_view text() const {
    return mapped_ != nullptr ? std::string_view(mapped_, size_) : read_;
  }

 private:
  RecordedEvents() = default;
  const char* mapped_ = nullptr;
  size_t size_ = 0;
  std::string read_;
};

}  // namespace fengsui::cli
