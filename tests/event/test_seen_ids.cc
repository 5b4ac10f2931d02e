#include "event/seen_ids.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

namespace fengsui::event {
namespace {

EventTime at(int64_t ms) { return EventTime{Duration{ms}}; }
constexpr PartitionId kFirst{0};
constexpr PartitionId kSecond{1};

TEST_CASE("no two pairs run together") {
  CHECK(event_identity("ab", "c") != event_identity("a", "bc"));
  CHECK(event_identity("", "a") != event_identity("a", ""));
  CHECK(event_identity("a#b", "c") != event_identity("a", "b#c"));
  CHECK(event_identity("a", "b") == event_identity("a", "b"));
}

TEST_CASE("a pair holds to the horizon and no further") {
  SeenIds seen(Duration{100});
  const Hash128 pair = event_identity("s", "1");
  CHECK_FALSE(seen.find(pair));
  seen.remember(pair, kFirst, at(1000));
  const std::optional<SeenIds::Entry> entry = seen.find(pair);
  REQUIRE(entry);
  CHECK(seen.holds(*entry, at(900)));
  CHECK(seen.holds(*entry, at(1100)));
  CHECK_FALSE(seen.holds(*entry, at(1101)));

  std::vector<Hash128> forgotten;
  seen.advance(kFirst, at(1100), &forgotten);
  CHECK(forgotten.empty());
  seen.advance(kSecond, at(9999), &forgotten);  // another partition's time does not count
  CHECK(seen.size() == 1);
  seen.advance(kFirst, at(1101), &forgotten);
  CHECK(seen.size() == 0);
  CHECK(forgotten == std::vector<Hash128>{pair});
}

TEST_CASE("a pair that came again goes by its new time") {
  SeenIds seen(Duration{100});
  const Hash128 pair = event_identity("s", "1");
  seen.remember(pair, kFirst, at(0));
  seen.remember(pair, kSecond, at(500));
  std::vector<Hash128> forgotten;
  seen.advance(kFirst, at(700), &forgotten);
  CHECK(seen.find(pair));
  CHECK(forgotten.empty());
  seen.advance(kSecond, at(601), &forgotten);
  CHECK_FALSE(seen.find(pair));
  CHECK(forgotten.size() == 1);
}

// `ids`: so many pairs come again and again.
void compare_with_a_plain_list(int ids, int64_t horizon) {
  std::mt19937 random(11);
  SeenIds seen(Duration{horizon});
  std::map<int, std::pair<PartitionId, int64_t>> plain;
  int64_t high[2] = {0, 0};
  for (int i = 0; i < 20'000; ++i) {
    const PartitionId partition{static_cast<uint32_t>(random() % 2)};
    int64_t& top = high[value_of(partition)];
    const int64_t time = std::max<int64_t>(0, top + static_cast<int64_t>(random() % 20) - 8);
    const int id = static_cast<int>(random() % static_cast<unsigned>(ids));
    const Hash128 pair = event_identity("s", std::to_string(id));
    top = std::max(top, time);
    const auto known = plain.find(id);
    const bool expected = known != plain.end() &&
                          high[value_of(known->second.first)] - known->second.second <= horizon;
    const std::optional<SeenIds::Entry> entry = seen.find(pair);
    const bool got = entry && seen.holds(*entry, at(high[value_of(entry->partition)]));
    REQUIRE(got == expected);
    if (!got) {
      plain[id] = {partition, time};
      seen.remember(pair, partition, at(time));
    }
    if (random() % 4 == 0) seen.advance(partition, at(top));
  }
  CHECK(seen.size() <= static_cast<size_t>(ids));
  for (const PartitionId partition : {kFirst, kSecond}) {
    seen.advance(partition, at(high[value_of(partition)] + horizon + 20));
  }
  CHECK(seen.size() == 0);
}

TEST_CASE("agrees with a plain list") {
  compare_with_a_plain_list(60, 50);
  compare_with_a_plain_list(9'000, 4'000);  // the table grows, and chains close up
}

}  // namespace
}  // namespace fengsui::event
