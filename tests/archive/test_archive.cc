// Segments: what is appended can be read by position, time and type, and goes when its time is
// over.
#include <doctest/doctest.h>

#include <filesystem>

#include "archive/archive_fixture.h"

namespace fengsui::archive {
namespace {

const EventTime kStart{Duration{1'772'323'200'000}};  // 2026-03-01T00:00:00Z

void append(Archive& archive, const std::string& record) {
  const Expected<void> done = archive.append(record);
  REQUIRE(done.has_value());
}

TEST_CASE("what was appended is read in arrival order, once it is flushed") {
  const test::ScratchFolder folder;
  Sample sample;
  const auto archive = open_archive(folder / "archive");
  append(*archive, batch(sample, 1, 1, 10, kStart));
  append(*archive, batch(sample, 2, 11, 3000, kStart));  // compressed by itself
  append(*archive, batch(sample, 3, 3011, 5, kStart));
  CHECK(read_all(archive->segments()).size() < 3015);
  REQUIRE(archive->flush().has_value());
  const std::vector<StoredEvent> events = read_all(archive->segments());
  CHECK(arrivals(events) == numbers(1, 3015));
  CHECK(events[2].id == "e3");
  CHECK(events[2].position == LogPosition{1});
  CHECK(events[3014].position == LogPosition{3});
  CHECK(archive->events_appended() == 3015);
  // From outside, by the folder.
  const Expected<std::vector<Segment>> listed = list_segments(folder / "archive");
  REQUIRE(listed.has_value());
  CHECK(arrivals(read_all(*listed)) == numbers(1, 3015));
}

TEST_CASE("events are found by position, by time range and by type") {
  const test::ScratchFolder folder;
  Sample sample;
  const auto archive = open_archive(folder / "archive");
  for (uint64_t i = 0; i < 20; ++i) {
    const std::string type = i % 2 == 0 ? "sample.all" : "sample.other";
    append(*archive, batch(sample, i + 1, i * 10 + 1, 10, kStart + i * kHour / 4, type));
    if (i % 3 == 0) REQUIRE(archive->flush().has_value());
  }
  REQUIRE(archive->flush().has_value());
  for (const uint64_t wanted : {1, 95, 200}) {
    const Expected<std::optional<StoredEvent>> found =
        Reader(archive->segments()).at(Arrival{wanted});
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    CHECK((*found)->id == "e" + std::to_string(wanted));
  }
  CHECK_FALSE(Reader(archive->segments()).at(Arrival{201})->has_value());

  const std::vector<StoredEvent> hour =
      read_all(archive->segments(), {.from = kStart + kHour, .to = kStart + 2 * kHour});
  CHECK(arrivals(hour) == numbers(41, 80));
  const std::vector<StoredEvent> other =
      read_all(archive->segments(),
               {.from = kStart + kHour, .to = kStart + 2 * kHour, .types = {"sample.other"}});
  CHECK(other.size() == 20);
  for (const StoredEvent& event : other) CHECK(event.type->name == "sample.other");
  CHECK(arrivals(read_all(archive->segments(), {.after = Arrival{190}})) == numbers(191, 200));
}

TEST_CASE("a segment holds an hour of event time, and late events of any") {
  const test::ScratchFolder folder;
  Sample sample;
  const auto archive = open_archive(folder / "archive");
  append(*archive, batch(sample, 1, 1, 1, kStart));
  append(*archive, batch(sample, 2, 2, 1, kStart + kHour / 2));
  append(*archive, batch(sample, 3, 3, 1, kStart + kHour));
  append(*archive, batch(sample, 4, 4, 1, kStart - 5 * kHour));  // late: no segment of its own
  append(*archive, batch(sample, 5, 5, 1, kStart + 7 * kHour));
  REQUIRE(archive->flush().has_value());
  REQUIRE(archive->segments().size() == 3);
  CHECK(archive->segments()[0].span.events == 2);
  CHECK(archive->segments()[1].span.events == 2);
  CHECK(archive->segments()[1].span.earliest == kStart - 5 * kHour);
  CHECK(archive->segments()[2].span.events == 1);
}

TEST_CASE("a segment that grows too long is followed by another") {
  const test::ScratchFolder folder;
  Sample sample;
  const auto archive = open_archive(folder / "archive", {}, 4 << 10);
  for (uint64_t i = 0; i < 20; ++i) {
    append(*archive, batch(sample, i + 1, i * 500 + 1, 500, kStart));
  }
  REQUIRE(archive->flush().has_value());
  CHECK(archive->segments().size() > 2);
  CHECK(read_all(archive->segments()).size() == 10'000);
}

TEST_CASE("a segment goes when the longest retention of its types has passed") {
  const test::ScratchFolder folder;
  Sample sample;
  const auto archive = open_archive(folder / "archive");
  append(*archive, batch(sample, 1, 1, 1, kStart));
  append(*archive, batch(sample, 2, 2, 1, kStart + kHour, "sample.other"));
  append(*archive, batch(sample, 3, 3, 1, kStart + 2 * kHour));
  const auto retain = [](std::string_view type) {
    return type == "sample.all" ? 10 * kHour : 20 * kHour;
  };
  // Nothing goes before a checkpoint can do without it.
  REQUIRE(archive->expire(kStart + 100 * kHour, retain).has_value());
  CHECK(archive->segments().size() == 3);
  REQUIRE(archive->sync().has_value());
  REQUIRE(archive->expire(kStart + 10 * kHour, retain).has_value());
  CHECK(archive->segments().size() == 3);
  const std::string first = archive->segments()[0].path;
  REQUIRE(archive->expire(kStart + 10 * kHour + Duration{1}, retain).has_value());
  REQUIRE(archive->segments().size() == 2);
  CHECK_FALSE(std::filesystem::exists(first));
  CHECK(archive->segments_expired() == 1);
  REQUIRE(archive->expire(kStart + 100 * kHour, retain).has_value());
  CHECK(archive->segments().size() == 1);  // the open one stays
}

TEST_CASE("a folder of another state is refused") {
  const test::ScratchFolder folder;
  (void)open_archive(folder / "archive");
  const auto other = Archive::open({.directory = folder / "archive", .state_id = "another"}, {});
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().kind == Error::Kind::Usage);
}

}  // namespace
}  // namespace fengsui::archive
