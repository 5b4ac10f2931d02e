#include "dispatch/time_interval.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <span>

#include "cel/time_zone.h"

namespace fengsui::dispatch {
namespace {

constexpr std::string_view kWeekdays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                          "thursday", "friday", "saturday"};
constexpr std::string_view kMonths[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};

std::optional<int> number_in(std::string_view text) {
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int> place_of(std::span<const std::string_view> names, std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<int>(at - names.begin());
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// "a" or "a:b", each read by `member`.
template <class Member>
std::optional<Range> parse_range(std::string_view written, const Member& member) {
  const std::string text = lower(written);
  const size_t colon = text.find(':');
  const std::optional<int> begin = member(std::string_view(text).substr(0, colon));
  if (!begin) return std::nullopt;
  if (colon == text.npos) return Range{*begin, *begin};
  const std::optional<int> end = member(std::string_view(text).substr(colon + 1));
  if (!end) return std::nullopt;
  return Range{*begin, *end};
}

std::optional<Range> in_order(std::optional<Range> range, int least, int most) {
  if (!range || range->begin < least || range->end > most || range->begin > range->end) {
    return std::nullopt;
  }
  return range;
}

bool is_in(const std::vector<Range>& ranges, int value) {
  if (ranges.empty()) return true;
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return value >= range.begin && value <= range.end;
  });
}

bool is_day_in(const std::vector<Range>& ranges, int day, int days) {
  if (ranges.empty()) return true;
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    const int begin = range.begin < 0 ? days + range.begin + 1 : range.begin;
    const int end = range.end < 0 ? days + range.end + 1 : range.end;
    return day >= begin && day <= end;
  });
}

}  // namespace

bool TimeInterval::contains(EventTime time) const {
  using namespace std::chrono;
  const std::optional<int64_t> offset = cel::utc_offset_seconds(location, to_instant(time));
  const EventTime local = time + seconds{offset.value_or(0)};
  const sys_days day = floor<days>(local);
  const year_month_day date{day};
  const int minute = static_cast<int>(floor<std::chrono::minutes>(local - day).count());
  const bool at_that_time =
      minutes.empty() || std::any_of(minutes.begin(), minutes.end(), [&](const Range& range) {
        return minute >= range.begin && minute < range.end;
      });
  const year_month_day_last last{date.year() / date.month() / std::chrono::last};
  return at_that_time &&
         is_day_in(days_of_month, static_cast<int>(static_cast<unsigned>(date.day())),
                   static_cast<int>(static_cast<unsigned>(last.day()))) &&
         is_in(months, static_cast<int>(static_cast<unsigned>(date.month()))) &&
         is_in(weekdays, static_cast<int>(weekday{day}.c_encoding())) &&
         is_in(years, static_cast<int>(date.year()));
}

std::optional<Range> parse_weekdays(std::string_view text) {
  return in_order(
      parse_range(text, [](std::string_view name) { return place_of(kWeekdays, name); }), 0, 6);
}

std::optional<Range> parse_months(std::string_view text) {
  const auto month = [](std::string_view name) -> std::optional<int> {
    if (const std::optional<int> at = place_of(kMonths, name)) return *at + 1;
    return number_in(name);
  };
  return in_order(parse_range(text, month), 1, 12);
}

std::optional<Range> parse_years(std::string_view text) {
  return in_order(parse_range(text, number_in), 1, 9999);
}

// Where one end counts from the month's begin and one from its end, a month of 28 days decides.
std::optional<Range> parse_days_of_month(std::string_view text) {
  const std::optional<Range> range = parse_range(text, number_in);
  const auto is_day = [](int day) { return day != 0 && day >= -31 && day <= 31; };
  if (!range || !is_day(range->begin) || !is_day(range->end)) return std::nullopt;
  if (range->begin < 0 && range->end > 0) return std::nullopt;
  const int begin = range->begin < 0 ? 28 + range->begin : range->begin;
  const int end = range->end < 0 ? 28 + range->end : range->end;
  if (begin > end) return std::nullopt;
  return range;
}

std::optional<int> parse_minute_of_day(std::string_view text) {
  if (text == "24:00") return 24 * 60;
  const auto is_digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !is_digit(0) || !is_digit(1) || !is_digit(3) ||
      !is_digit(4)) {
    return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

}  // namespace fengsui::dispatch
