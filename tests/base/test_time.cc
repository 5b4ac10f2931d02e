#include <doctest/doctest.h>

#include <string>

#include "base/time.h"

using namespace fengsui;

TEST_CASE("an RFC 3339 time is read to the instant, or refused") {
  struct Case {
    const char* text;
    const char* utc;  // null: refused
  };
  const Case cases[] = {
      {"2026-03-01T00:12:09.480Z", "2026-03-01T00:12:09.480Z"},
      {"2026-03-01t08:12:09z", "2026-03-01T08:12:09.000Z"},
      {"2026-03-01T08:00:00+08:00", "2026-03-01T00:00:00.000Z"},
      {"2026-02-28T23:30:00-01:30", "2026-03-01T01:00:00.000Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
      {"2026-03-01T00:00:00.9999999Z", "2026-03-01T00:00:00.999Z"},
      {"1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
      {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"},
      {"2023-02-29T00:00:00Z", nullptr},
      {"0000-01-01T00:00:00Z", nullptr},
      {"2026-03-01T00:00:60Z", nullptr},
      {"2026-03-01T24:00:00Z", nullptr},
      {"2026-03-01 00:00:00Z", nullptr},
      {"2026-03-01T00:00:00", nullptr},
      {"2026-03-01T00:00:00.Z", nullptr},
      {"2026-03-01T00:00:00+24:00", nullptr},
      {"2026-03-01T00:00:00+0800", nullptr},
      {"2026-3-01T00:00:00Z", nullptr},
      {"2026-03-01T00:00:00Z ", nullptr},
      {"yesterday", nullptr},
      {"", nullptr},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto instant = parse_rfc3339(c.text);
    REQUIRE(instant.has_value() == (c.utc != nullptr));
    if (instant) CHECK(format_event_time(to_event_time(*instant)) == c.utc);
  }
}

TEST_CASE("an instant keeps nanoseconds and comes back from an event time") {
  CHECK(parse_rfc3339("1970-01-01T00:00:01.123456789123Z") == Instant{1, 123456789});
  CHECK(to_instant(EventTime{Duration{-1}}) == Instant{-1, 999'000'000});
  CHECK(format_event_time(kEventTimeMax) == "2199-12-31T23:59:59.999Z");
}

TEST_CASE("a duration is integers with units, written together") {
  struct Case {
    const char* text;
    int64_t milliseconds;  // -1: refused
    const char* shortest;
  };
  const Case cases[] = {
      {"0", 0, "0"},
      {"0s", 0, "0"},
      {"250ms", 250, "250ms"},
      {"1h30m", 5'400'000, "1h30m"},
      {"90m", 5'400'000, "1h30m"},
      {"30d", 2'592'000'000, "30d"},
      {"1m1ms", 60'001, "1m1ms"},
      {"1", -1, nullptr},
      {"", -1, nullptr},
      {"1h ", -1, nullptr},
      {"-1h", -1, nullptr},
      {"1.5h", -1, nullptr},
      {"h", -1, nullptr},
      {"1w", -1, nullptr},
      {"99999999999999999999d", -1, nullptr},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto duration = parse_duration(c.text);
    REQUIRE(duration.has_value() == (c.milliseconds >= 0));
    if (!duration) continue;
    CHECK(duration->count() == c.milliseconds);
    CHECK(format_duration(*duration) == c.shortest);
  }
}
