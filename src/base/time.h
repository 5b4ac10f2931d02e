// Event time and the text forms of times and durations. Pure functions: no wall clock, no locale,
// no libc time zone. Safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fengsui {

// Milliseconds since 1970-01-01T00:00:00Z. Events lie in [kEventTimeMin, kEventTimeMax].
using EventTime = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

inline constexpr EventTime kEventTimeMin{Duration{0}};
// The last millisecond of 2199.
inline constexpr EventTime kEventTimeMax{Duration{7258118399999}};
// A watermark that nothing has moved yet, and one that a flush has taken to infinity.
inline constexpr EventTime kBeforeAllTime{Duration{INT64_MIN / 4}};
inline constexpr EventTime kAfterAllTime{Duration{INT64_MAX / 4}};

// An instant to the nanosecond, as CEL's timestamp needs it. nanos in [0, 999999999].
struct Instant {
  int64_t seconds = 0;
  int32_t nanos = 0;
  friend auto operator<=>(const Instant&, const Instant&) = default;
};

// RFC 3339 date-time, strict: "2026-03-01T08:00:00.25+08:00", 'T' and 'Z' in either case, any
// number of fraction digits (cut after nine), offsets to ±23:59, second 60 refused. Years 0001 to
// 9999.
std::optional<Instant> parse_rfc3339(std::string_view text);

// Cut to milliseconds (towards the past).
EventTime to_event_time(Instant instant);
Instant to_instant(EventTime time);

// "2026-03-01T00:12:09.480Z": UTC, always three digits of milliseconds.
std::string format_event_time(EventTime time);

// The rule language's duration: one or more integers with a unit (ms s m h d), "1h30m"; "0" alone
// needs no unit. nullopt: another form, or beyond int64 milliseconds.
std::optional<Duration> parse_duration(std::string_view text);
// The shortest such text: "1h30m", "0".
std::string format_duration(Duration duration);

}  // namespace fengsui
