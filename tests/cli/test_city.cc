#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/city.h"

using namespace fengsui;
using cli::NoisyCity;
using nlohmann::literals::operator""_json_pointer;

namespace {

std::vector<std::string> lines(uint64_t seed, cli::NoiseOptions noise, uint64_t events = 3000) {
  NoisyCity city(cli::make_default_city({.seed = seed}), noise, seed);
  std::vector<std::string> out;
  for (std::string line; city.next(events, line);) out.push_back(line);
  return out;
}

}  // namespace

TEST_CASE("the same seed gives the same bytes, another seed others") {
  const cli::NoiseOptions noise{.disorder_ms = 2000, .duplicates = 0.05, .bad = 0.02};
  CHECK(lines(7, noise) == lines(7, noise));
  CHECK(lines(7, noise) != lines(8, noise));
}

TEST_CASE("without noise events come in time order, each once") {
  for (const auto& make : {cli::make_default_city, cli::make_reference_city}) {
    const auto city = make({.seed = 3});
    EventTime last = kEventTimeMin;
    std::set<std::string> ids;
    for (int i = 0; i < 2000; ++i) {
      const cli::CityEvent event = city->next();
      const auto json = nlohmann::json::parse(event.line);
      CHECK(json["time"] == format_event_time(event.time));
      CHECK(event.time > last);
      last = event.time;
      ids.insert(json["id"].get<std::string>());
    }
    CHECK(ids.size() == 2000);
  }
}

// What trips a rule after so many parcels in so many minutes must not hang on how busy the city is.
TEST_CASE("a situation keeps its own time, whatever the rate") {
  for (const double rate : {200.0, 2.0, 0.02}) {
    CAPTURE(rate);
    const auto city = cli::make_default_city({.rate = rate});
    // A busy city has the next situation before the last is over: the first one's last parcel is
    // looked for at its time.
    std::optional<EventTime> first;
    bool last_in_time = false;
    for (;;) {
      const cli::CityEvent event = city->next();
      if (first && event.time > *first + std::chrono::milliseconds{31'600}) break;
      const auto data = nlohmann::json::parse(event.line)["data"];
      const bool suspended = data.value("/outlet/lic_status"_json_pointer, "") == "suspended";
      if (!suspended || data["stage"] != "accepted") continue;
      if (!first) first = event.time;
      last_in_time |= event.time >= *first + std::chrono::milliseconds{31'400};
    }
    CHECK(last_in_time);
  }
}

TEST_CASE("disorder moves arrivals by no more than was asked for, and loses nothing") {
  const auto ordered = lines(5, {});
  const auto shuffled = lines(5, {.disorder_ms = 5000});
  CHECK(ordered != shuffled);
  CHECK(std::multiset<std::string>(ordered.begin(), ordered.end()) ==
        std::multiset<std::string>(shuffled.begin(), shuffled.end()));
  std::string latest;
  for (const std::string& line : shuffled) {
    const auto time = nlohmann::json::parse(line)["time"].get<std::string>();
    if (!latest.empty()) {
      const auto behind =
          to_event_time(*parse_rfc3339(latest)) - to_event_time(*parse_rfc3339(time));
      CHECK(behind <= std::chrono::milliseconds{5000});
    }
    latest = std::max(latest, time);
  }
}

TEST_CASE("duplicates and bad lines come on top of the events asked for") {
  const size_t plain = lines(5, {}).size();
  CHECK(plain == 3000);
  CHECK(lines(5, {.duplicates = 1}).size() == 6000);
  CHECK(lines(5, {.bad = 1}).size() == 6000);
}

TEST_CASE("identities are objects of tokens, or strings for an engine with keys") {
  cli::CityOptions options{.seed = 1};
  const auto tokens = nlohmann::json::parse(cli::make_default_city(options)->next().line);
  options.identity = cli::IdentityForm::Strings;
  const auto strings = nlohmann::json::parse(cli::make_default_city(options)->next().line);
  const auto* field = tokens["type"] == "courier.parcel" ? "/data/sender/tok" : "/data/caller/tok";
  const nlohmann::json::json_pointer place(field);
  REQUIRE(tokens.contains(place));
  CHECK(tokens.at(place).is_object());
  CHECK(strings.at(place).is_string());
}
