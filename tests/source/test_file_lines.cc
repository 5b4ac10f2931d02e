#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "source/line_reader.h"
#include "state/scratch_folder.h"

namespace fengsui::source {
namespace {

struct Got {
  std::string bytes;
  uint64_t position;
  bool operator==(const Got&) const = default;
};

// Reads a file whole, from `offset`.
std::vector<Got> lines_of(const std::string& text, uint64_t offset, uint64_t& next_position) {
  test::ScratchFolder folder;
  std::ofstream(folder / "lines", std::ios::binary) << text;
  const int file = ::open((folder / "lines").c_str(), O_RDONLY);
  REQUIRE(file >= 0);
  ::lseek(file, static_cast<off_t>(offset), SEEK_SET);
  LineReader reader(file, offset);
  std::vector<Got> got;
  LineReader::Line line;
  while (true) {
    const Expected<bool> more = reader.next(line);
    REQUIRE(more);
    if (!*more) break;
    if (!is_blank(line.bytes)) got.push_back({std::string(line.bytes), line.offset});
  }
  next_position = reader.position();
  if (reader.rest(line) && !is_blank(line.bytes)) {
    got.push_back({std::string(line.bytes), line.offset});
  }
  CHECK(reader.position() == text.size());
  CHECK(reader.read_to() == text.size());
  ::close(file);
  return got;
}

TEST_CASE("lines and where they stand") {
  struct {
    std::string name, text;
    uint64_t offset;
    std::vector<Got> lines;
    uint64_t next_position;
  } const cases[] = {
      {"nothing", "", 0, {}, 0},
      {"one line", "ab\n", 0, {{"ab", 0}}, 3},
      {"a last line without a line feed", "ab\ncd", 0, {{"ab", 0}, {"cd", 3}}, 3},
      {"blank lines are no records", "\n  \nab\n\n  ", 0, {{"ab", 4}}, 8},
      {"a tab or carriage return alone is one", "\t\n\r\n", 0, {{"\t", 0}, {"\r", 2}}, 4},
      {"a carriage return stays", "ab\r\ncd\n", 0, {{"ab\r", 0}, {"cd", 4}}, 7},
      {"from an offset", "ab\ncd\n", 3, {{"cd", 3}}, 6},
      {"NUL bytes and bad UTF-8 are bytes",
       std::string("a\0\xff\n", 4),
       0,
       {{std::string("a\0\xff", 3), 0}},
       4},
  };
  for (const auto& row : cases) {
    CAPTURE(row.name);
    uint64_t next_position = 0;
    CHECK(lines_of(row.text, row.offset, next_position) == row.lines);
    CHECK(next_position == row.next_position);
  }
}

TEST_CASE("lines across block borders come whole") {
  std::string text;
  std::vector<Got> want;
  for (size_t i = 0; i < 3000; ++i) {
    const std::string line = std::to_string(i) + std::string(i % 700, 'x');
    want.push_back({line, text.size()});
    text += line + "\n";
  }
  uint64_t next_position = 0;
  CHECK(lines_of(text, 0, next_position) == want);
}

TEST_CASE("of an overlong line its head is kept, and the next line is found") {
  for (const size_t length : {kLineBytesMax - 1, kLineBytesMax, kLineBytesMax + 1,
                              kLineBytesMax + 300'000, 2 * kLineBytesMax + 77}) {
    CAPTURE(length);
    uint64_t next_position = 0;
    const auto got =
        lines_of(std::string(length, 'x') + "\nab\n" + std::string(length, 'y'), 0, next_position);
    REQUIRE(got.size() == 3);
    CHECK(got[0].bytes == std::string(std::min(length, kLineBytesMax), 'x'));
    CHECK(got[1] == Got{"ab", length + 1});
    CHECK(got[2].position == length + 4);
    CHECK(got[2].bytes == std::string(std::min(length, kLineBytesMax), 'y'));
    CHECK(next_position == length + 4);
  }
}

TEST_CASE("a pipe gives lines as they come") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_NONBLOCK) == 0);
  LineReader reader(ends[0]);
  REQUIRE(::write(ends[1], "ab\nc", 4) == 4);
  LineReader::Line line;
  Expected<bool> more = reader.next(line);
  REQUIRE(more);
  CHECK(line.bytes == "ab");
  more = reader.next(line);
  REQUIRE(more);
  CHECK_FALSE(*more);
  CHECK(reader.read_to() == 4);
  REQUIRE(::write(ends[1], "d\n", 2) == 2);
  more = reader.next(line);
  REQUIRE(more);
  CHECK(line.bytes == "cd");
  CHECK(line.offset == 3);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace fengsui::source
