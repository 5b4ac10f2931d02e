// A file that a command reads, or standard input.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace fengsui::cli {

class InputFile {
 public:
  static Expected<InputFile> open(const std::string& path);  // -: standard input
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  int descriptor() const { return descriptor_; }
  // All that is left. An error: it cannot be read, or is longer than `bytes_max`.
  Expected<std::string> whole(size_t bytes_max) const;

 private:
  InputFile(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {}
  int descriptor_;
  bool owned_;
};

// Prints what is answered to each line of the file, a line each, in order. Gives the exit status.
int answer_lines(const std::string& path,
                 const std::function<std::string(std::string_view)>& answer);

}  // namespace fengsui::cli
