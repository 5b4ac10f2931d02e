#include <doctest/doctest.h>

#include "dispatch/dispatch_file.h"
#include "refused.h"

namespace fengsui::dispatch {
namespace {

EventTime at(const char* text) {
  const std::optional<Instant> instant = parse_rfc3339(text);
  REQUIRE(instant);
  return to_event_time(*instant);
}

TimeInterval interval(const std::string& yaml) {
  const LoadedDispatchFile loaded = read_dispatch_file(
      "d", "route: {queue: q}\ntime_intervals: [{name: i, time_intervals: [" + yaml + "]}]\n",
      DispatchUse::Routing);
  REQUIRE_MESSAGE(loaded.file, rules::as_text(loaded.issues));
  return loaded.file->plan.time_intervals.at("i").at(0);
}

TEST_CASE("what an interval contains") {
  const struct {
    const char* interval;
    const char* time;
    bool is_in;
  } cases[] = {
      {"{}", "2026-11-27T00:00:00Z", true},
      {"{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-11-27T08:59:59.999Z", false},
      {"{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-11-27T09:00:00Z", true},
      {"{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-11-27T17:00:00Z", false},
      {"{times: [{start_time: '09:00', end_time: '24:00'}]}", "2026-11-27T23:59:59Z", true},
      {"{times: [{start_time: '00:00', end_time: '06:00'}, {start_time: '22:00', end_time: "
       "'24:00'}]}",
       "2026-11-27T22:30:00Z", true},
      {"{weekdays: ['monday:friday']}", "2026-11-27T12:00:00Z", true},  // a Friday
      {"{weekdays: ['Monday:Friday', sunday]}", "2026-11-28T12:00:00Z", false},
      {"{weekdays: [sunday]}", "2026-11-29T12:00:00Z", true},
      {"{weekdays: [friday], location: Asia/Shanghai}", "2026-11-26T16:00:00Z", true},
      {"{weekdays: [friday], location: Asia/Shanghai}", "2026-11-27T16:00:00Z", false},
      {"{times: [{start_time: '12:00', end_time: '13:00'}], location: America/New_York}",
       "2026-07-01T16:30:00Z", true},  // summer time
      {"{times: [{start_time: '12:00', end_time: '13:00'}], location: America/New_York}",
       "2026-12-01T16:30:00Z", false},
      {"{days_of_month: ['1:5', '-3:-1']}", "2026-02-25T00:00:00Z", false},
      {"{days_of_month: ['1:5', '-3:-1']}", "2026-02-26T00:00:00Z", true},
      {"{days_of_month: ['1:5', '-3:-1']}", "2028-02-26T00:00:00Z", false},
      {"{days_of_month: ['1:5', '-3:-1']}", "2026-02-05T00:00:00Z", true},
      {"{days_of_month: ['30:31']}", "2026-02-28T00:00:00Z", false},
      {"{days_of_month: [-31]}", "2026-04-01T00:00:00Z", false},
      {"{days_of_month: ['-31:-1']}", "2026-04-01T00:00:00Z", true},
      {"{months: ['january:march', 12]}", "2026-03-31T23:59:59Z", true},
      {"{months: ['january:march', 12]}", "2026-11-30T00:00:00Z", false},
      {"{months: ['january:march', 12]}", "2026-12-01T00:00:00Z", true},
      {"{years: [2026, '2028:2030']}", "2027-06-01T00:00:00Z", false},
      {"{years: [2026, '2028:2030']}", "2030-06-01T00:00:00Z", true},
      {"{weekdays: [friday], months: [may]}", "2026-11-27T00:00:00Z", false},
  };
  for (const auto& row : cases) {
    CAPTURE(row.interval);
    CAPTURE(row.time);
    CHECK(interval(row.interval).contains(at(row.time)) == row.is_in);
  }
}

TEST_CASE("what is no interval is said with its place") {
  const struct {
    const char* interval;
    const char* found;
  } cases[] = {
      {"{times: [{start_time: '9:00', end_time: '17:00'}]}",
       "d:2:67: error: `9:00` is no time of the day"},
      {"{times: [{start_time: '17:00', end_time: '09:00'}]}",
       "d:2:54: error: the time range does not end after its begin"},
      {"{times: [{start_time: '17:00'}]}", "d:2:54: error: a time range needs `end_time`"},
      {"{times: [{start_time: '24:01', end_time: '24:02'}]}", "`24:01` is no time of the day"},
      {"{weekdays: ['friday:monday']}", "`friday:monday` is no range of `weekdays`"},
      {"{weekdays: [someday]}", "`someday` is no range of `weekdays`"},
      {"{days_of_month: [0]}", "`0` is no range of `days_of_month`"},
      {"{days_of_month: ['-1:1']}", "`-1:1` is no range of `days_of_month`"},
      {"{days_of_month: ['5:-27']}", "`5:-27` is no range of `days_of_month`"},
      {"{days_of_month: [32]}", "`32` is no range of `days_of_month`"},
      {"{months: [13]}", "`13` is no range of `months`"},
      {"{months: ['may:april']}", "`may:april` is no range of `months`"},
      {"{years: [soon]}", "`soon` is no range of `years`"},
      {"{location: Asia/Nowhere}", "there is no time zone `Asia/Nowhere`"},
      {"{time: []}", "a time interval has no `time`; did you mean"},
  };
  for (const auto& row : cases) {
    CAPTURE(row.interval);
    check_refused(
        read_dispatch_file(
            "d",
            std::string("route: {queue: q}\ntime_intervals: [{name: i, time_intervals: [") +
                row.interval + "]}]\n",
            DispatchUse::Routing),
        row.found);
  }
}

}  // namespace
}  // namespace fengsui::dispatch
