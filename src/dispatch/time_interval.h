// Times of the day and days of the calendar: when a route is active, or mute. Words and semantics
// are Alertmanager's (its documentation, "time_interval"). Plain values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace fengsui::dispatch {

// Both ends belong to it; of minutes the end does not.
struct Range {
  int begin = 0;
  int end = 0;
};

// What of it is empty does not restrict.
struct TimeInterval {
  std::vector<Range> minutes;        // of the day, 0 to 1440
  std::vector<Range> weekdays;       // 0 is Sunday
  std::vector<Range> days_of_month;  // 1 to 31; from the month's end -1 to -31
  std::vector<Range> months;         // 1 to 12
  std::vector<Range> years;
  std::string location = "UTC";  // a time zone

  bool contains(EventTime time) const;
};

// By name: a time is in it if one of them contains it.
using TimeIntervals = std::map<std::string, std::vector<TimeInterval>, std::less<>>;

// "monday:friday", "-3:-1", "january", "2026:2028"; letters' case does not count. nullopt: no such
// range, or its end is before its begin.
std::optional<Range> parse_weekdays(std::string_view text);
std::optional<Range> parse_days_of_month(std::string_view text);
std::optional<Range> parse_months(std::string_view text);
std::optional<Range> parse_years(std::string_view text);
// "08:30" as minutes, to "24:00".
std::optional<int> parse_minute_of_day(std::string_view text);

}  // namespace fengsui::dispatch
