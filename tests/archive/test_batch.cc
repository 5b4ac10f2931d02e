// The record of a commit, and what becomes of one that is damaged.
#include <doctest/doctest.h>

#include <random>

#include "archive/archive_fixture.h"
#include "archive/block.h"

namespace fengsui::archive {
namespace {

const EventTime kStart{Duration{1'772'323'200'000}};

TEST_CASE("a commit without events and marks has no record; one with a mark alone has") {
  BatchWriter writer;
  CHECK(writer.take(LogPosition{1}, {}).empty());
  const std::string record = writer.take(LogPosition{2}, {{PartitionId{4}, kStart, false}});
  const Expected<Record> read = read_record(record);
  REQUIRE(read.has_value());
  CHECK(read->span.events == 0);
  std::string_view rest = read->payload;
  const Expected<Batch> batch = BatchReader().next(rest);
  REQUIRE(batch.has_value());
  REQUIRE(batch->marks.size() == 1);
  CHECK(batch->marks[0].partition == PartitionId{4});
  CHECK(batch->marks[0].watermark == kStart);
  CHECK_FALSE(batch->marks[0].active);
}

TEST_CASE("a large batch is compressed in its record, a small one is not") {
  Sample sample;
  const std::string small = batch(sample, 1, 1, 3, kStart);
  const std::string large = batch(sample, 2, 4, 2000, kStart);
  const Expected<Record> of_small = read_record(small);
  const Expected<Record> of_large = read_record(large);
  REQUIRE(of_small.has_value());
  REQUIRE(of_large.has_value());
  CHECK_FALSE(of_small->compressed);
  CHECK(of_large->compressed);
  CHECK(of_large->span.events == 2000);
  CHECK(of_large->span.first == Arrival{4});
  CHECK(of_large->span.last == Arrival{2003});
  CHECK(of_large->span.types == std::vector<std::string>{"sample.all"});
  CHECK(large.size() * 3 < of_large->span.raw_bytes);
  const std::optional<std::string> raw = decompress(of_large->payload, of_large->span.raw_bytes);
  REQUIRE(raw.has_value());
  std::string_view rest = *raw;
  const Expected<Batch> read = BatchReader().next(rest);
  REQUIRE(read.has_value());
  CHECK(arrivals(read->events) == numbers(4, 2003));
}

TEST_CASE("bytes that no writer wrote are an error or a batch, never a crash") {
  Sample sample;
  const std::string record = batch(sample, 1, 1, 20, kStart);
  const std::string payload(read_record(record)->payload);
  std::mt19937 random(20260301);
  size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = payload;
    const size_t changes = 1 + random() % 4;
    for (size_t i = 0; i < changes; ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    std::string_view rest = bytes;
    const Expected<Batch> read = BatchReader().next(rest);
    if (!read) {
      ++refused;
      continue;
    }
    for (const StoredEvent& event : read->events) {
      CHECK(event.values.size() == event.type->fields.size());
      event::Event mapped;
      EventMapper(sample.types()).map(event, mapped);
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("bytes that are no record are refused") {
  CHECK_FALSE(read_record("").has_value());
  CHECK_FALSE(read_record("\x02").has_value());
  Sample sample;
  const std::string record = batch(sample, 1, 1, 2, kStart);
  for (size_t size = 0; size < record.size(); ++size) {
    CHECK_FALSE(read_record(std::string_view(record).substr(0, size)).has_value());
  }
}

}  // namespace
}  // namespace fengsui::archive
