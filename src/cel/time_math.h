// CEL's times as one number of nanoseconds, and back within their ranges.
#pragma once

#include <optional>
#include <string_view>

#include "cel/value.h"

namespace fengsui::cel {

// Years 0001 to 9999, and ten thousand years, in nanoseconds, are more than 64 bits hold.
__extension__ using Nanos = __int128;

inline constexpr int64_t kInstantSecondsMin = -62135596800;  // 0001-01-01T00:00:00Z
inline constexpr int64_t kInstantSecondsMax = 253402300799;  // 9999-12-31T23:59:59Z
inline constexpr int64_t kSpanSecondsMax = 315576000000;     // either way
inline constexpr Nanos kNanosPerSecond = 1'000'000'000;

inline Nanos nanos_of(Instant v) { return v.seconds * kNanosPerSecond + v.nanos; }
inline Nanos nanos_of(Span v) { return v.seconds * kNanosPerSecond + v.nanos; }

// A timestamp, a duration, or an error of code OutOfRange.
Value timestamp_value(Nanos since_1970);
Value duration_value(Nanos nanos);

// CEL's text: an optional sign, then "0" or numbers with fractions and units (h m s ms us µs ns).
// nullopt: another form; beyond the range it is an error of code OutOfRange.
std::optional<Value> parse_cel_duration(std::string_view text);

}  // namespace fengsui::cel
