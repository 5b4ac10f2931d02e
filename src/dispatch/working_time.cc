#include "dispatch/working_time.h"

#include <algorithm>

#include "cel/time_zone.h"

namespace fengsui::dispatch {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

Duration offset_at(const std::string& location, EventTime time) {
  return seconds{cel::utc_offset_seconds(location, to_instant(time)).value_or(0)};
}

// Where the clocks of the place show this time of this day.
EventTime local(const std::string& location, sys_days day, int minute) {
  const EventTime shown = EventTime{day} + minutes{minute};
  const Duration first = offset_at(location, shown);
  return shown - offset_at(location, shown - first);
}

}  // namespace

bool WorkingTime::is_working_day(sys_days day) const {
  if (workdays.contains(day)) return true;
  if (holidays.contains(day)) return false;
  const unsigned weekday = std::chrono::weekday{day}.iso_encoding();
  return weekday <= 5;
}

Duration WorkingTime::work_in(Duration length) const {
  const auto whole = std::chrono::floor<days>(length);
  return whole.count() * Duration{minutes{end - begin}} + (length - whole);
}

EventTime WorkingTime::after(EventTime start, Duration work) const {
  constexpr int kDaysMost = 3653;
  const sys_days first = std::chrono::floor<days>(start + offset_at(location, start));
  for (sys_days day = first; day < first + days{kDaysMost}; day += days{1}) {
    if (!is_working_day(day)) continue;
    const EventTime from = std::max(start, local(location, day, begin));
    const EventTime to = local(location, day, end);
    if (from >= to) continue;
    if (work <= to - from) return from + work;
    work -= to - from;
  }
  return start + days{kDaysMost};
}

}  // namespace fengsui::dispatch
