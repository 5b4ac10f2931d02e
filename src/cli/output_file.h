// Lines to a descriptor through a buffer; a disk that is full is an error, never a short file. One
// thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace fengsui::cli {

class OutputFile {
 public:
  explicit OutputFile(int descriptor) : descriptor_(descriptor) {}  // not closed at the end
  // Makes or empties the file.
  static Expected<OutputFile> create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  Expected<void> write_line(std::string_view line);
  Expected<void> flush();

 private:
  int descriptor_;
  bool owned_ = false;
  std::string buffer_;
};

}  // namespace fengsui::cli
