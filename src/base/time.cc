#include "base/time.h"

#include <array>

namespace fengsui {
namespace {

using std::chrono::days;
using std::chrono::seconds;

constexpr int64_t kSecondsPerDay = 86400;

// Reads exactly `digits` decimal digits and drops them from `text`; -1: there are not so many.
int take_digits(std::string_view& text, int digits) {
  if (text.size() < static_cast<size_t>(digits)) return -1;
  int value = 0;
  for (int i = 0; i < digits; ++i) {
    const char c = text[static_cast<size_t>(i)];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(static_cast<size_t>(digits));
  return value;
}

bool take(std::string_view& text, char a, char b) {
  if (text.empty() || (text[0] != a && text[0] != b)) return false;
  text.remove_prefix(1);
  return true;
}

bool take(std::string_view& text, char c) { return take(text, c, c); }

// "Z" or "±hh:mm", in seconds east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z', 'z')) return 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const int hours = take_digits(text, 2);
  if (hours < 0 || hours > 23 || !take(text, ':')) return std::nullopt;
  const int minutes = take_digits(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  return sign * (hours * 3600 + minutes * 60);
}

// ".25" -> 250000000; no fraction -> 0; a dot without a digit -> -1.
int32_t take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  int32_t nanos = 0;
  int digits = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
    if (digits < 9) nanos = nanos * 10 + (text[0] - '0');
  }
  if (digits == 0) return -1;
  for (; digits < 9; ++digits) nanos *= 10;
  return nanos;
}

void append_padded(std::string& out, int64_t value, int width) {
  std::array<char, 20> digits;
  int n = 0;
  for (; value > 0 || n < width; value /= 10) digits[static_cast<size_t>(n++)] = '0' + value % 10;
  while (n > 0) out.push_back(digits[static_cast<size_t>(--n)]);
}

struct Unit {
  std::string_view name;
  int64_t milliseconds;
};
constexpr Unit kUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"ms", 1}, {"m", 60'000}, {"s", 1'000}};

}  // namespace

std::optional<Instant> parse_rfc3339(std::string_view text) {
  const int year = take_digits(text, 4);
  if (year < 1 || !take(text, '-')) return std::nullopt;
  const int month = take_digits(text, 2);
  if (month < 1 || !take(text, '-')) return std::nullopt;
  const int day = take_digits(text, 2);
  if (day < 1 || !take(text, 'T', 't')) return std::nullopt;
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) return std::nullopt;
  const int second = take_digits(text, 2);
  if (second < 0 || second > 59) return std::nullopt;
  const int32_t nanos = take_fraction(text);
  if (nanos < 0) return std::nullopt;
  const std::optional<int> offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const int64_t day_number = std::chrono::sys_days{date}.time_since_epoch().count();
  return Instant{day_number * kSecondsPerDay + hour * 3600 + minute * 60 + second - *offset, nanos};
}

EventTime to_event_time(Instant instant) {
  return EventTime{Duration{instant.seconds * 1000 + instant.nanos / 1'000'000}};
}

Instant to_instant(EventTime time) {
  const auto whole = std::chrono::floor<seconds>(time);
  return {whole.time_since_epoch().count(),
          static_cast<int32_t>((time - whole).count() * 1'000'000)};
}

std::string format_event_time(EventTime time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const int64_t in_day = (time - day).count();
  std::string out;
  out.reserve(24);
  append_padded(out, static_cast<int>(date.year()), 4);
  out.push_back('-');
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out.push_back('-');
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out.push_back('T');
  append_padded(out, in_day / 3'600'000, 2);
  out.push_back(':');
  append_padded(out, in_day / 60'000 % 60, 2);
  out.push_back(':');
  append_padded(out, in_day / 1000 % 60, 2);
  out.push_back('.');
  append_padded(out, in_day % 1000, 3);
  out.push_back('Z');
  return out;
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  if (text.empty()) return std::nullopt;
  int64_t total = 0;
  while (!text.empty()) {
    int64_t count = 0;
    size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
      if (__builtin_mul_overflow(count, int64_t{10}, &count) ||
          __builtin_add_overflow(count, int64_t{text[digits] - '0'}, &count)) {
        return std::nullopt;
      }
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    const Unit* unit = nullptr;
    for (const Unit& known : kUnits) {
      // "ms" stands before "m" in the table.
      if (unit == nullptr && text.starts_with(known.name)) unit = &known;
    }
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(unit->name.size());
    int64_t part = 0;
    if (__builtin_mul_overflow(count, unit->milliseconds, &part) ||
        __builtin_add_overflow(total, part, &total)) {
      return std::nullopt;
    }
  }
  return Duration{total};
}

std::string format_duration(Duration duration) {
  int64_t left = duration.count();
  if (left == 0) return "0";
  constexpr Unit kDescending[] = {
      {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
  std::string out;
  for (const Unit& unit : kDescending) {
    if (left / unit.milliseconds == 0) continue;
    out += std::to_string(left / unit.milliseconds);
    out += unit.name;
    left %= unit.milliseconds;
  }
  return out;
}

}  // namespace fengsui
