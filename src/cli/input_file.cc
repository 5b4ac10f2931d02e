#include "cli/input_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/exit_status.h"
#include "cli/output_file.h"
#include "source/line_reader.h"

namespace fengsui::cli {

Expected<InputFile> InputFile::open(const std::string& path) {
  if (path == "-") return InputFile(STDIN_FILENO, false);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(Error::outside(path + ": " + std::strerror(errno)));
  return InputFile(descriptor, true);
}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(other.descriptor_), owned_(std::exchange(other.owned_, false)) {}

InputFile::~InputFile() {
  if (owned_) close(descriptor_);
}

Expected<std::string> InputFile::whole(size_t bytes_max) const {
  std::string out;
  char chunk[64 << 10];
  while (true) {
    const ssize_t got = read(descriptor_, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Error::outside(std::string("cannot read: ") + std::strerror(errno)));
    if (got == 0) return out;
    out.append(chunk, static_cast<size_t>(got));
    if (out.size() > bytes_max) {
      return fail(Error::bad_input("the file is longer than " + std::to_string(bytes_max >> 20) +
                                   " MiB"));
    }
  }
}

int answer_lines(const std::string& path,
                 const std::function<std::string(std::string_view)>& answer) {
  const Expected<InputFile> input = InputFile::open(path);
  if (!input) return report(input.error());
  source::LineReader lines(input->descriptor());
  OutputFile out(STDOUT_FILENO);
  source::LineReader::Line line;
  while (true) {
    const Expected<bool> more = lines.next(line);
    if (!more) return report(more.error());
    if (!*more && !lines.rest(line)) break;
    const Expected<void> written = out.write_line(answer(line.bytes));
    if (!written) return report(written.error());
    if (!*more) break;
  }
  const Expected<void> written = out.flush();
  return written ? kDone : report(written.error());
}

}  // namespace fengsui::cli
