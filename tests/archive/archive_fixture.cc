#include "archive/archive_fixture.h"

#include <doctest/doctest.h>

#include "event/sample_types.h"

namespace fengsui::archive {

Sample::Sample() {
  for (const char* name : {"sample.all", "sample.other"}) {
    types_.emplace(name, event::sample_type(event::Need::All, name));
  }
  decoder_ = std::make_unique<event::Decoder>(types_, nullptr, event::DecodeOptions{});
}

event::Event Sample::decode(const std::string& json) {
  Expected<event::Event, event::Rejected> event = decoder_->decode(json);
  REQUIRE_MESSAGE(event.has_value(), json);
  return std::move(*event);
}

event::Event Sample::event(uint64_t n, EventTime time, const std::string& type) {
  const std::string number = std::to_string(n);
  return decode(R"({"specversion":"1.0","id":"e)" + number + R"(","source":"s","type":")" + type +
                R"(","time":")" + format_event_time(time) + R"(","data":{"plain":"p)" + number +
                R"(","real":)" + number + R"(,"outlet":{"code":"O)" + number + R"("}}})");
}

std::string batch(Sample& sample, uint64_t position, uint64_t first, uint64_t count, EventTime time,
                  const std::string& type) {
  BatchWriter writer;
  for (uint64_t i = 0; i < count; ++i) {
    const event::Event event = sample.event(first + i, time + std::chrono::seconds{i}, type);
    writer.add(event, {.arrival = Arrival{first + i}});
  }
  return writer.take(LogPosition{position}, {{PartitionId{0}, time, true}});
}

std::unique_ptr<Archive> open_archive(const std::string& directory, std::string_view mark,
                                      uint64_t segment_bytes_max) {
  Expected<std::unique_ptr<Archive>> archive = Archive::open(
      {.directory = directory, .state_id = "a state", .segment_bytes_max = segment_bytes_max},
      mark);
  REQUIRE(archive.has_value());
  return std::move(*archive);
}

std::vector<StoredEvent> read_all(const std::vector<Segment>& segments, const Query& query) {
  std::vector<StoredEvent> events;
  const Expected<void> done = Reader(segments).events(query, [&](const StoredEvent& event) {
    events.push_back(event);
    return true;
  });
  REQUIRE(done.has_value());
  return events;
}

std::vector<uint64_t> arrivals(const std::vector<StoredEvent>& events) {
  std::vector<uint64_t> out;
  for (const StoredEvent& event : events) out.push_back(value_of(event.arrival));
  return out;
}

std::vector<uint64_t> numbers(uint64_t first, uint64_t last) {
  std::vector<uint64_t> out;
  for (uint64_t n = first; n <= last; ++n) out.push_back(n);
  return out;
}

}  // namespace fengsui::archive
