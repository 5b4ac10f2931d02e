// A window's events in one piece of memory, and the names that they keep.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "plain_entry.h"

namespace fengsui::window {
namespace {

using V = cel::Value;

EventTime at(int64_t ms) { return EventTime{Duration{ms}}; }

PlainEntry random_entry(std::mt19937& random, uint64_t arrival, int64_t time) {
  std::string id = random() % 3 == 0 ? std::string(random() % 40, 'x') : "e";
  if (random() % 4 != 0) id += std::to_string(random());
  return {{at(time), Arrival{arrival}},
          "courier/" + std::to_string(random() % 5) + "#" + id,
          {random() % 5 == 0 ? V::missing() : V::real(static_cast<double>(random() % 1000) / 8),
           V::string(std::string(random() % 300, 'c'))}};
}

void check_same(const Entries& entries, const std::vector<PlainEntry>& plain) {
  REQUIRE(entries.size() == plain.size());
  const EntrySpan all = entries.all();
  for (size_t i = 0; i < plain.size(); ++i) {
    REQUIRE(all[i].key == plain[i].key);
    REQUIRE(all.time(i) == plain[i].key.time);
    REQUIRE(all[i].event() == plain[i].event);
    REQUIRE(all[i].captures() == match::bytes_of(plain[i].captures));
    REQUIRE(match::bytes_of({all[i].capture(1)}) == match::bytes_of({plain[i].captures[1]}));
  }
}

TEST_CASE("entries: put in any order, dropped at the front, moved and stored") {
  for (uint32_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Room room;
    Entries entries;
    std::vector<PlainEntry> plain;
    int64_t newest = 0;
    for (uint64_t arrival = 1; arrival <= 300; ++arrival) {
      newest += static_cast<int64_t>(random() % 3);
      const int64_t time =
          random() % 4 == 0 ? newest - static_cast<int64_t>(random() % 50) : newest;
      const PlainEntry entry = random_entry(random, 1000 - arrival, time);
      const auto place =
          std::upper_bound(plain.begin(), plain.end(), entry,
                           [](const PlainEntry& a, const PlainEntry& b) { return a.key < b.key; });
      const auto wanted = static_cast<size_t>(place - plain.begin());
      plain.insert(place, entry);
      const std::string captures = match::bytes_of(entry.captures);
      REQUIRE(entries.put({room, entry.key, entry.event, captures}) == wanted);
      if (random() % 10 == 0) {
        const size_t count = random() % (plain.size() + 1);
        entries.drop_front(count);
        plain.erase(plain.begin(), plain.begin() + static_cast<ptrdiff_t>(count));
      }
      check_same(entries, plain);
      const EventTime from = at(newest - static_cast<int64_t>(random() % 60));
      const auto first = std::find_if(plain.begin(), plain.end(),
                                      [&](const PlainEntry& e) { return e.key.time >= from; });
      REQUIRE(entries.lower_bound(from) == static_cast<size_t>(first - plain.begin()));
      if (random() % 40 != 0) continue;
      std::string bytes;
      ByteWriter out(bytes);
      Entries::encode(out, entries.all());
      ByteReader in(bytes);
      entries = Entries::decode(in, 2, room);
      REQUIRE((in.ok() && in.at_end()));
      check_same(entries, plain);
    }
    entries.clear();
    CHECK(room.slab.bytes_used() == 0);
  }
}

TEST_CASE("entries: bytes that were cut are refused") {
  Room room;
  Entries entries;
  for (uint64_t n = 1; n <= 3; ++n) {
    const std::string captures = match::bytes_of({V::string("a"), V::integer(7)});
    entries.put({room, {at(5), Arrival{n}}, "s#" + std::to_string(n), captures});
  }
  std::string bytes;
  ByteWriter out(bytes);
  Entries::encode(out, entries.all());
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in(std::string_view(bytes).substr(0, size));
    Entries::decode(in, 2, room);
    CHECK_FALSE(in.ok());
  }
}

TEST_CASE("entries: captures are moved to where another pack has them") {
  Room room;
  Entries entries;
  const std::string captures = match::bytes_of({V::integer(1), V::string("b")});
  entries.put({room, {at(5), Arrival{1}}, "s#1", captures});
  entries.move_captures({1, -1, 0});
  const std::string moved = match::bytes_of({V::string("b"), V::missing(), V::integer(1)});
  CHECK(entries[0].captures() == moved);
  CHECK(entries[0].event() == "s#1");
}

std::string put(EventNames& names, const std::string& event) {
  std::string bytes(EventNames::size_max(event), '\0');
  RoomWriter out{RoomOut(bytes.data())};
  names.put(event, out);
  const auto size = static_cast<size_t>(out.out().end() - bytes.data());
  REQUIRE(size <= bytes.size());
  bytes.resize(size);
  return bytes;
}

TEST_CASE("event names: each is what it was") {
  const std::string names[] = {"",
                               "#",
                               "a#",
                               "#1",
                               "7",
                               "s#1234",
                               "s#00001234",
                               "s#000000000000000000",
                               "s#9999999999999999999999999999",
                               "s#a#b#0001",
                               "courier/30#e0000999999",
                               "s#" + std::string(12, 'x'),
                               "s#" + std::string(11, 'x') + "12345",
                               "s#" + std::string(5000, 'x') + "12345",
                               std::string(300, 's') + "#id",
                               "源#编号2026",
                               std::string("s\0#i\0d", 6)};
  EventNames event_names;
  std::string bytes;
  std::vector<size_t> from;
  for (const std::string& name : names) {
    from.push_back(bytes.size());
    bytes += put(event_names, name);
  }
  for (size_t i = 0; i < std::size(names); ++i) {
    CAPTURE(names[i]);
    std::string name;
    event_names.append(bytes.data() + from[i], name);
    CHECK(name == names[i]);
    const size_t end = i + 1 < from.size() ? from[i + 1] : bytes.size();
    CHECK(EventNames::end_of(bytes.data() + from[i]) == bytes.data() + end);
  }
}

TEST_CASE("event names: a source is kept once, and beyond the limit not at all") {
  EventNames names;
  for (size_t i = 0; i < EventNames::kSourcesMax + 10; ++i) {
    for (int twice = 0; twice < 2; ++twice) {
      const std::string name = "source/" + std::to_string(i) + "#1";
      std::string read;
      names.append(put(names, name).data(), read);
      REQUIRE(read == name);
    }
  }
  CHECK(names.sources() == EventNames::kSourcesMax);
}

}  // namespace
}  // namespace fengsui::window
