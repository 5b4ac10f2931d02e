// NDJSON from a file: read once, or followed as it grows. One source partition, "file:<path>"; a
// record's position is the offset of its first byte. A followed file is taken line by line as line
// feeds come; read once, a last line without one counts. Lines: line_reader.h.
//
// A followed file that is not there yet is waited for. One that has become shorter than what was
// read, or was replaced by another, ends the source with failure(): what was read cannot be told
// from what is new. (Rotate by writing a new file under a new name.)
//
// Threads: start, stop and the destructor on one thread; finished and failure on any.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "source/source.h"

namespace fengsui::source {

struct FileSourceOptions {
  std::string name;  // of the source, as configured
  std::string path;
  bool follow = true;
  // A batch is pushed when it has so much, or when the file has no more for now.
  size_t batch_records_max = 1000;
  size_t batch_bytes_max = 1 << 20;
  // How often a followed file is looked at where the system does not tell of changes.
  Duration look_every{500};
};

class FileSource final : public Source {
 public:
  explicit FileSource(FileSourceOptions options);
  ~FileSource() override;

  Expected<void> start(BatchQueue& out, const PositionOf& position_of) override;
  void stop() override;
  bool finished() const override;
  std::optional<Error> failure() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fengsui::source
