// A stored event is the event again: slot by slot, and as the JSON that a source may send.
#include <doctest/doctest.h>

#include "archive/archive_fixture.h"
#include "event/sample_types.h"

namespace fengsui::archive {
namespace {

constexpr const char* kRich =
    R"({"specversion":"1.0","id":"e1","source":"s/1","type":"sample.all",)"
    R"("time":"2026-03-01T00:00:00.250Z","data":{"plain":"p\"1","real":2.5,"count":-7,"open":true,)"
    R"("grid":"620501","secret":"gone","hidden":{"part":"gone"},)"
    R"("person":{"safety":"p1.k1.abcdefghijklmnopqrstuv"},)"
    R"("outlet":{"code":"O1","spot":{"x":1.0},"secret":"gone"},)"
    R"("goods":[{"weight":1.5,"kind":"k","secret":"gone"}],"tags":["a","b"],"any":[1,null,"x"],)"
    R"("odd\"\\name":3}})";

StoredEvent stored(const event::Event& event) {
  BatchWriter writer;
  writer.add(event, {.arrival = Arrival{7},
                     .partition = PartitionId{3},
                     .late = true,
                     .watermark = EventTime{Duration{99}}});
  const std::string record = writer.take(LogPosition{5}, {});
  const Expected<Record> read = read_record(record);
  REQUIRE(read.has_value());
  std::string_view rest = read->payload;
  Expected<Batch> batch = BatchReader().next(rest);
  REQUIRE(batch.has_value());
  REQUIRE(rest.empty());
  REQUIRE(batch->events.size() == 1);
  return std::move(batch->events[0]);
}

// Errors compare by code: equal() wants none.
bool same(const cel::Value& a, const cel::Value& b) {
  if (a.is_error() || b.is_error()) {
    return a.is_error() && b.is_error() && a.error_code() == b.error_code();
  }
  return a.kind() == b.kind() && cel::equal(a, b);
}

TEST_CASE("every slot of an event comes back from the archive as decode left it") {
  Sample sample;
  for (const char* json :
       {kRich, R"({"specversion":"1.0","id":"e2","source":"s","type":"sample.all",)"
               R"("time":"2026-03-01T00:00:00Z","data":{"plain":"p"}})"}) {
    const event::Event event = sample.decode(json);
    const StoredEvent kept = stored(event);
    CHECK(kept.arrival == Arrival{7});
    CHECK(kept.position == LogPosition{5});
    CHECK(kept.partition == PartitionId{3});
    CHECK(kept.late);
    CHECK(kept.watermark == EventTime{Duration{99}});
    event::Event again;
    EventMapper mapper(sample.types());
    REQUIRE(mapper.map(kept, again));
    CHECK(again.type == event.type);
    CHECK(again.time == event.time);
    REQUIRE(again.slots.size() == event.slots.size());
    for (size_t i = 0; i < event.slots.size(); ++i) {
      CAPTURE(i);
      CHECK(same(again.slots[i], event.slots[i]));
    }
  }
}

TEST_CASE("a stored event is printed as an event that decodes to the same, protected fields gone") {
  Sample sample;
  const event::Event event = sample.decode(kRich);
  const std::string json = cloud_event(stored(event));
  CHECK(json.find("gone") == std::string::npos);
  CHECK(json.find(R"("person":{"safety":"p1.k1.abcdefghijklmnopqrstuv"})") != std::string::npos);
  const event::Event again = sample.decode(json);
  for (size_t i = 0; i < event.slots.size(); ++i) {
    CAPTURE(i);
    CHECK(same(again.slots[i], event.slots[i]));
  }
}

TEST_CASE("a schema that has changed since reads what still fits, by path") {
  Sample sample;
  const StoredEvent kept = stored(sample.decode(kRich));
  using event::FieldType;
  event::Field text = event::field("count", FieldType::String);  // was an integer
  event::Field wide = event::field("real", FieldType::Integer);  // 2.5 is not whole
  event::Field number = event::field("odd\"\\name", FieldType::Number);
  event::Field outlet = event::object("outlet", {event::field("is_new", FieldType::String),
                                                 event::field("code", FieldType::String)});
  auto type = std::make_shared<event::EventType>("sample.all", "",
                                                 event::object("", {text, wide, number, outlet}));
  event::EventTypes types;
  types.emplace("sample.all", type);
  event::Event again;
  EventMapper mapper(types);
  REQUIRE(mapper.map(kept, again));
  const auto slot = [&](const char* path) {
    return again.slots[static_cast<size_t>(type->find(path)->slot)];
  };
  CHECK(slot("count").is_error());
  CHECK(slot("real").is_error());
  CHECK(same(slot("odd\"\\name"), cel::Value::real(3)));
  CHECK(slot("outlet.is_new").is_error());
  CHECK(same(slot("outlet.code"), cel::Value::string("O1")));
  CHECK(slot("outlet").as_map().size() == 1);

  event::EventTypes none;
  CHECK_FALSE(EventMapper(none).map(kept, again));
}

}  // namespace
}  // namespace fengsui::archive
