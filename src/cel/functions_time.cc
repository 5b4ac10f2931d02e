// What a clock and a calendar show of a timestamp, in UTC or a time zone; and parts of a duration.
#include <chrono>

#include "cel/overloads.h"
#include "cel/time_math.h"
#include "cel/time_zone.h"

namespace fengsui::cel {
namespace {

constexpr int64_t kSecondsPerDay = 86400;

struct LocalTime {
  std::chrono::year_month_day date;
  std::chrono::sys_days day;
  int64_t second_of_day;
};

// Seconds since 1970, as the clocks of the place show them.
Expected<LocalTime, Value> local_time(Arguments arguments, const char* function) {
  const bool zoned = arguments.size() == 2;
  if (arguments[0]->kind() != Kind::Timestamp || (zoned && arguments[1]->kind() != Kind::String)) {
    return fail(Value::error(ErrorCode::NoMatchingOverload, function));
  }
  const Instant instant = arguments[0]->as_timestamp();
  int64_t seconds = instant.seconds;
  if (zoned) {
    const std::optional<int64_t> offset = utc_offset_seconds(arguments[1]->as_string(), instant);
    if (!offset) return fail(Value::error(ErrorCode::InvalidArgument, "no such time zone"));
    seconds += *offset;
  }
  int64_t second_of_day = seconds % kSecondsPerDay;
  if (second_of_day < 0) second_of_day += kSecondsPerDay;
  const std::chrono::sys_days day{
      std::chrono::days{static_cast<int>((seconds - second_of_day) / kSecondsPerDay)}};
  return LocalTime{std::chrono::year_month_day{day}, day, second_of_day};
}

template <class Get>
Value of_local_time(Arguments arguments, const char* function, Get get) {
  const Expected<LocalTime, Value> local = local_time(arguments, function);
  return local ? Value::integer(static_cast<int64_t>(get(*local))) : local.error();
}

bool is_duration(Arguments arguments) {
  return arguments.size() == 1 && arguments[0]->kind() == Kind::Duration;
}

}  // namespace

Value time_full_year(Arguments arguments, Budget&) {
  return of_local_time(arguments, "getFullYear()",
                       [](const LocalTime& t) { return static_cast<int>(t.date.year()); });
}

Value time_month(Arguments arguments, Budget&) {  // January is 0
  return of_local_time(arguments, "getMonth()", [](const LocalTime& t) {
    return static_cast<unsigned>(t.date.month()) - 1;
  });
}

Value time_date(Arguments arguments, Budget&) {  // the first is 1
  return of_local_time(arguments, "getDate()",
                       [](const LocalTime& t) { return static_cast<unsigned>(t.date.day()); });
}

Value time_day_of_month(Arguments arguments, Budget&) {  // the first is 0
  return of_local_time(arguments, "getDayOfMonth()",
                       [](const LocalTime& t) { return static_cast<unsigned>(t.date.day()) - 1; });
}

Value time_day_of_week(Arguments arguments, Budget&) {  // Sunday is 0
  return of_local_time(arguments, "getDayOfWeek()",
                       [](const LocalTime& t) { return std::chrono::weekday{t.day}.c_encoding(); });
}

Value time_day_of_year(Arguments arguments, Budget&) {  // January 1st is 0
  return of_local_time(arguments, "getDayOfYear()", [](const LocalTime& t) {
    return (t.day - std::chrono::sys_days{t.date.year() / std::chrono::January / 1}).count();
  });
}

Value time_hours(Arguments arguments, Budget&) {
  if (is_duration(arguments)) return Value::integer(arguments[0]->as_duration().seconds / 3600);
  return of_local_time(arguments, "getHours()",
                       [](const LocalTime& t) { return t.second_of_day / 3600; });
}

Value time_minutes(Arguments arguments, Budget&) {
  if (is_duration(arguments)) return Value::integer(arguments[0]->as_duration().seconds / 60);
  return of_local_time(arguments, "getMinutes()",
                       [](const LocalTime& t) { return t.second_of_day / 60 % 60; });
}

Value time_seconds(Arguments arguments, Budget&) {
  if (is_duration(arguments)) return Value::integer(arguments[0]->as_duration().seconds);
  return of_local_time(arguments, "getSeconds()",
                       [](const LocalTime& t) { return t.second_of_day % 60; });
}

Value time_milliseconds(Arguments arguments, Budget&) {
  // Of a duration too: those within its second (langdef.md's standard functions).
  if (is_duration(arguments)) return Value::integer(arguments[0]->as_duration().nanos / 1'000'000);
  return of_local_time(arguments, "getMilliseconds()", [&](const LocalTime&) {
    return arguments[0]->as_timestamp().nanos / 1'000'000;
  });
}

}  // namespace fengsui::cel
