#include "cel/time_math.h"

#include <utility>

namespace fengsui::cel {
namespace {

struct Unit {
  std::string_view name;
  int64_t nanos;
};
// Those that another begins with come after it.
constexpr Unit kUnits[] = {
    {"ns", 1},         {"us", 1'000},        {"µs", 1'000},         {"μs", 1'000},
    {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000}};

// Beyond it a sum is out of range whatever follows; it keeps the arithmetic far from its own
// limits.
constexpr Nanos kFarBeyond = Nanos{kSpanSecondsMax} * kNanosPerSecond * 1000;

bool is_digit(std::string_view text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }

struct Number {
  Nanos whole = 0;
  int64_t fraction = 0;  // over `scale`
  int64_t scale = 1;
  bool any = false;
};

Number take_number(std::string_view& text) {
  Number out;
  for (; is_digit(text); text.remove_prefix(1)) {
    if (out.whole < kFarBeyond) out.whole = out.whole * 10 + (text[0] - '0');
    out.any = true;
  }
  if (!text.starts_with('.')) return out;
  text.remove_prefix(1);
  for (; is_digit(text); text.remove_prefix(1)) {
    out.any = true;
    // Further digits are below a nanosecond, of an hour even.
    if (out.scale >= 100'000'000'000'000) continue;
    out.fraction = out.fraction * 10 + (text[0] - '0');
    out.scale *= 10;
  }
  return out;
}

const Unit* take_unit(std::string_view& text) {
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

}  // namespace

Value timestamp_value(Nanos since_1970) {
  Nanos seconds = since_1970 / kNanosPerSecond;
  Nanos nanos = since_1970 % kNanosPerSecond;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --seconds;
  }
  if (seconds < kInstantSecondsMin || seconds > kInstantSecondsMax) {
    return Value::error(ErrorCode::OutOfRange, "a timestamp outside years 0001 to 9999");
  }
  return Value::timestamp({static_cast<int64_t>(seconds), static_cast<int32_t>(nanos)});
}

Value duration_value(Nanos nanos) {
  constexpr Nanos kMost = kSpanSecondsMax * kNanosPerSecond;
  if (nanos > kMost || nanos < -kMost) {
    return Value::error(ErrorCode::OutOfRange, "a duration beyond 10000 years");
  }
  return Value::duration({static_cast<int64_t>(nanos / kNanosPerSecond),
                          static_cast<int32_t>(nanos % kNanosPerSecond)});
}

std::optional<Value> parse_cel_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return Value::duration({});
  if (text.empty()) return std::nullopt;
  Nanos sum = 0;
  while (!text.empty()) {
    const Number number = take_number(text);
    const Unit* unit = take_unit(text);
    if (!number.any || !unit) return std::nullopt;
    if (number.whole >= kFarBeyond || sum >= kFarBeyond) {
      sum = kFarBeyond;
      continue;
    }
    sum += number.whole * unit->nanos + Nanos{number.fraction} * unit->nanos / number.scale;
  }
  return duration_value(negative ? -sum : sum);
}

}  // namespace fengsui::cel
