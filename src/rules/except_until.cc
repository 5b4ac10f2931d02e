#include "rules/except_until.h"

#include <unicode/gregocal.h>

#include <chrono>
#include <memory>

namespace fengsui::rules {
namespace {

// "2026-12-31", of a day that there is.
std::optional<std::chrono::year_month_day> parse_date(const std::string& text) {
  constexpr std::string_view kForm = "0000-00-00";
  if (text.size() != kForm.size()) return std::nullopt;
  int parts[3] = {};
  size_t part = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (is_digit != (kForm[i] == '0')) return std::nullopt;
    if (is_digit) {
      parts[part] = parts[part] * 10 + (text[i] - '0');
    } else if (text[i] == '-') {
      ++part;
    } else {
      return std::nullopt;
    }
  }
  const std::chrono::year_month_day date{std::chrono::year(parts[0]),
                                         std::chrono::month(static_cast<unsigned>(parts[1])),
                                         std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!date.ok() || parts[0] == 0) return std::nullopt;
  return date;
}

// The first instant of the day after.
std::optional<EventTime> end_of(std::chrono::year_month_day date, const std::string& timezone) {
  UErrorCode status = U_ZERO_ERROR;
  icu::GregorianCalendar calendar(
      icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(timezone)), status);
  if (U_FAILURE(status)) return std::nullopt;
  const std::chrono::year_month_day next = std::chrono::sys_days(date) + std::chrono::days(1);
  calendar.clear();
  // Midnight may stand twice, or not at all: then the day begins where the clock is put forward.
  calendar.setRepeatedWallTimeOption(UCAL_WALLTIME_FIRST);
  calendar.setSkippedWallTimeOption(UCAL_WALLTIME_NEXT_VALID);
  calendar.set(int(next.year()), static_cast<int>(unsigned(next.month())) - 1,
               static_cast<int>(unsigned(next.day())), 0, 0, 0);
  const UDate at = calendar.getTime(status);
  if (U_FAILURE(status)) return std::nullopt;
  return EventTime{Duration{static_cast<int64_t>(at)}};
}

}  // namespace

std::optional<EventTime> parse_until(const std::string& text, const std::string& timezone) {
  if (const std::optional<Instant> instant = parse_rfc3339(text)) {
    // Events' times are cut to milliseconds: what lies within one is behind its begin.
    const bool is_whole = instant->nanos % 1'000'000 == 0;
    return to_event_time(*instant) + Duration{is_whole ? 0 : 1};
  }
  const auto date = parse_date(text);
  return date ? end_of(*date, timezone) : std::nullopt;
}

}  // namespace fengsui::rules
