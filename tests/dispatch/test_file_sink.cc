#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "dispatch/file_sink.h"
#include "state/scratch_folder.h"

namespace fengsui::dispatch {
namespace {

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

DeliveryMark deliver(FileSink& sink, uint64_t from, std::vector<std::string> messages) {
  std::vector<OutboxEntry> entries;
  for (const std::string& message : messages) entries.push_back({from++, "key", message});
  const Expected<DeliveryMark> mark = sink.deliver(entries);
  if (!mark) FAIL(mark.error().message);
  return *mark;
}

TEST_CASE("a message a line, in a file whose folders are made") {
  test::ScratchFolder folder;
  const std::string path = folder / "out/deep/duty.ndjson";
  FileSink sink(path);
  REQUIRE(sink.open({}));
  CHECK(deliver(sink, 1, {"{\"a\":1}", "{\"b\":2}"}).sequence == 2);
  CHECK(content(path) == "{\"a\":1}\n{\"b\":2}\n");
}

TEST_CASE("what is behind the mark is cut off at start") {
  test::ScratchFolder folder;
  const std::string path = folder / "duty.ndjson";
  DeliveryMark mark;
  {
    FileSink sink(path);
    REQUIRE(sink.open({}));
    mark = deliver(sink, 1, {"one"});
    deliver(sink, 2, {"two, never marked"});
  }
  struct {
    const char* name;
    std::string left;  // by the crash, behind the mark
  } const cases[] = {
      {"a whole delivery", "two, never marked\n"},
      {"half a line", "tw"},
      {"nothing", ""},
  };
  for (const auto& row : cases) {
    CAPTURE(std::string(row.name));
    std::ofstream(path, std::ios::binary) << "one\n" << row.left;
    FileSink sink(path);
    const auto known = sink.open(mark);
    REQUIRE(known);
    CHECK(*known == 1);
    CHECK(content(path) == "one\n");
    deliver(sink, 2, {"two"});
    CHECK(content(path) == "one\ntwo\n");
  }
}

TEST_CASE("a first start cuts off whatever stands there") {
  test::ScratchFolder folder;
  const std::string path = folder / "duty.ndjson";
  std::ofstream(path) << "of a crash before the first mark\n";
  FileSink sink(path);
  REQUIRE(sink.open({}));
  CHECK(content(path).empty());
}

TEST_CASE("a file that lost delivered lines is refused") {
  test::ScratchFolder folder;
  const std::string path = folder / "duty.ndjson";
  DeliveryMark mark;
  {
    FileSink sink(path);
    REQUIRE(sink.open({}));
    mark = deliver(sink, 1, {"one"});
  }
  std::ofstream(path) << "on";
  {
    FileSink sink(path);
    const auto refused = sink.open(mark);
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.error().retryable);
    CHECK(refused.error().message.find("2 bytes, but 4") != std::string::npos);
  }
  std::filesystem::remove(path);
  FileSink sink(path);
  const auto refused = sink.open(mark);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("is gone") != std::string::npos);
}

TEST_CASE("two writers of one file are refused") {
  test::ScratchFolder folder;
  FileSink first(folder / "duty.ndjson");
  REQUIRE(first.open({}));
  FileSink second(folder / "duty.ndjson");
  const auto refused = second.open({});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("another process") != std::string::npos);
}

TEST_CASE("a file that cannot be made is refused with its name") {
  FileSink sink("/dev/null/duty.ndjson");
  const auto refused = sink.open({});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("/dev/null/duty.ndjson") != std::string::npos);
}

}  // namespace
}  // namespace fengsui::dispatch
