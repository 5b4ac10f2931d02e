#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "source/file_source.h"
#include "state/scratch_folder.h"

namespace fengsui::source {
namespace {

using Strings = std::vector<std::string>;
constexpr std::chrono::seconds kLong{60};  // real time; only a failing test waits so long

void append(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

struct Reader {
  BatchQueue queue{1000, 1 << 30};
  std::optional<uint64_t> position;
  std::unique_ptr<FileSource> source;
  std::string partition;

  Expected<void> start(FileSourceOptions options, std::optional<uint64_t> from = std::nullopt) {
    position = from;
    source = std::make_unique<FileSource>(std::move(options));
    return source->start(queue, [this](const std::string& name) {
      partition = name;
      return position;
    });
  }

  // The next records, until there are `count`.
  Strings take(size_t count) {
    Strings records;
    while (records.size() < count) {
      const std::vector<Batch> batches = queue.pop_up_to(1, kLong);
      if (batches.empty()) break;
      for (const Batch& batch : batches) {
        CHECK(batch.partition == partition);
        for (const Batch::Item& item : batch.items) records.emplace_back(batch.bytes_of(item));
        if (batch.next_position) position = batch.next_position;
      }
    }
    return records;
  }

  // Waits for the source to fail.
  std::string failure() {
    while (!source->failure()) std::this_thread::yield();
    return source->failure()->message;
  }
};

TEST_CASE("a file read once ends, and a last line without a line feed counts") {
  test::ScratchFolder folder;
  const std::string path = folder / "in";
  append(path, "a\n\nb\nc");
  Reader reader;
  REQUIRE(reader.start({.name = "in", .path = path, .follow = false, .batch_records_max = 2}));
  CHECK(reader.partition == "file:" + path);
  CHECK(reader.take(3) == Strings{"a", "b", "c"});
  CHECK(reader.position == 6);
  while (!reader.source->finished()) std::this_thread::yield();
  CHECK_FALSE(reader.source->failure());
}

TEST_CASE("reading goes on where the last commit left off") {
  test::ScratchFolder folder;
  const std::string path = folder / "in";
  append(path, "a\nb\nc\n");
  Reader reader;
  REQUIRE(reader.start({.name = "in", .path = path, .follow = false}, 2));
  CHECK(reader.take(2) == Strings{"b", "c"});
}

TEST_CASE("the partition is announced before any record") {
  test::ScratchFolder folder;
  const std::string path = folder / "in";
  Reader reader;
  REQUIRE(reader.start({.name = "in", .path = path, .follow = true}));
  const std::vector<Batch> batches = reader.queue.pop_up_to(1, kLong);
  REQUIRE(batches.size() == 1);
  CHECK(batches[0].items.empty());
  CHECK(batches[0].partition == "file:" + path);
  CHECK_FALSE(batches[0].next_position);
}

TEST_CASE("a followed file is waited for, and a record waits for its line feed") {
  test::ScratchFolder folder;
  const std::string path = folder / "in";
  Reader reader;
  REQUIRE(reader.start({.name = "in", .path = path, .follow = true, .look_every = Duration{5}}));
  append(path, "a\nhal");
  CHECK(reader.take(1) == Strings{"a"});
  CHECK(reader.position == 2);
  append(path, "f\n");
  CHECK(reader.take(1) == Strings{"half"});
  append(path, "b\nc\n");
  CHECK(reader.take(2) == Strings{"b", "c"});
  CHECK(reader.position == 11);
  CHECK_FALSE(reader.source->finished());
  reader.source->stop();
  CHECK_FALSE(reader.source->failure());
}

TEST_CASE("a full queue holds the source, nothing is dropped") {
  test::ScratchFolder folder;
  const std::string path = folder / "in";
  Strings want;
  for (int i = 0; i < 500; ++i) {
    want.push_back(std::to_string(i));
    append(path, want.back() + "\n");
  }
  Reader reader;
  BatchQueue narrow(2, 1 << 20);
  FileSource source({.name = "in", .path = path, .follow = false, .batch_records_max = 7});
  std::thread starter(
      [&] { REQUIRE(source.start(narrow, [](const std::string&) { return std::nullopt; })); });
  starter.join();
  Strings got;
  while (got.size() < want.size()) {
    for (const Batch& batch : narrow.pop_up_to(1, kLong)) {
      for (const Batch::Item& item : batch.items) got.emplace_back(batch.bytes_of(item));
    }
  }
  CHECK(got == want);
}

TEST_CASE("a queue that is closed ends the source") {
  test::ScratchFolder folder;
  const std::string path = folder / "in";
  append(path, "a\n");
  Reader reader;
  reader.queue.close();
  REQUIRE(reader.start({.name = "in", .path = path, .follow = true}));
  reader.source->stop();
}

TEST_CASE("a file that cannot be read on is refused at start") {
  test::ScratchFolder folder;
  append(folder / "short", "a\n");
  std::filesystem::create_directory(folder / "folder");
  struct {
    std::string name;
    std::string file;
    bool follow;
    std::optional<uint64_t> from;
    std::string message;
  } const cases[] = {
      {"not there, read once", "none", false, std::nullopt, "is not there"},
      {"gone since the last commit", "none", true, 5, "is not there"},
      {"shorter than what was read", "short", true, 5, "2 bytes, but 5"},
      {"a folder", "folder", true, std::nullopt, "is a folder"},
  };
  for (const auto& row : cases) {
    CAPTURE(row.name);
    Reader reader;
    const auto refused =
        reader.start({.name = "in", .path = folder / row.file, .follow = row.follow}, row.from);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == Error::Kind::Outside);
    CHECK(refused.error().message.find(row.message) != std::string::npos);
    CHECK(refused.error().message.find(row.file) != std::string::npos);
  }
}

TEST_CASE("a followed file that is cut or replaced fails in words") {
  test::ScratchFolder folder;
  const std::string path = folder / "in";
  append(path, "a\nb\n");
  {
    Reader reader;
    REQUIRE(reader.start({.name = "in", .path = path, .look_every = Duration{5}}));
    CHECK(reader.take(2) == Strings{"a", "b"});
    std::filesystem::resize_file(path, 2);
    CHECK(reader.failure().find("it was cut") != std::string::npos);
  }
  {
    Reader reader;
    REQUIRE(reader.start({.name = "in", .path = path, .look_every = Duration{5}}));
    CHECK(reader.take(1) == Strings{"a"});
    append(folder / "new", "x\ny\n");
    std::filesystem::rename(folder / "new", path);
    CHECK(reader.failure().find("replaced") != std::string::npos);
  }
}

}  // namespace
}  // namespace fengsui::source
