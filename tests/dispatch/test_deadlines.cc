#include <doctest/doctest.h>

#include <fstream>

#include "dispatch/dispatch_file.h"
#include "refused.h"
#include "state/scratch_folder.h"

namespace fengsui::dispatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

EventTime at(const std::string& text) {
  const std::optional<Instant> instant = parse_rfc3339(text);
  REQUIRE(instant);
  return to_event_time(*instant);
}

TEST_CASE("working time runs while people are at work") {
  WorkingTime time;
  time.holidays = {std::chrono::floor<std::chrono::days>(at("2026-11-30T00:00:00Z"))};  // a Monday
  time.workdays = {std::chrono::floor<std::chrono::days>(at("2026-11-28T00:00:00Z"))};  // Saturday
  const struct {
    const char* start;
    Duration work;
    const char* end;
  } cases[] = {
      // A Thursday; 08:30 to 17:30 in Shanghai.
      {"2026-11-26T10:00:00+08:00", hours{2}, "2026-11-26T12:00:00+08:00"},
      {"2026-11-26T07:00:00+08:00", minutes{15}, "2026-11-26T08:45:00+08:00"},
      {"2026-11-26T17:00:00+08:00", minutes{30}, "2026-11-26T17:30:00+08:00"},
      {"2026-11-26T17:00:00+08:00", hours{1}, "2026-11-27T09:00:00+08:00"},
      {"2026-11-26T23:59:00+08:00", hours{1}, "2026-11-27T09:30:00+08:00"},
      // Friday's evening, the Saturday is worked, Sunday and Monday are not.
      {"2026-11-27T17:00:00+08:00", hours{1}, "2026-11-28T09:00:00+08:00"},
      {"2026-11-28T17:00:00+08:00", hours{1}, "2026-12-01T09:00:00+08:00"},
      {"2026-11-26T08:30:00+08:00", hours{9 * 5}, "2026-12-02T17:30:00+08:00"},
      {"2026-11-26T08:30:00+08:00", hours{0}, "2026-11-26T08:30:00+08:00"},
  };
  for (const auto& row : cases) {
    CAPTURE(row.start);
    CHECK(time.after(at(row.start), row.work) == at(row.end));
  }
  CHECK(time.work_in(hours{24 * 5}) == hours{45});
  CHECK(time.work_in(hours{26}) == hours{11});
  CHECK(time.work_in(minutes{15}) == minutes{15});
  time.location = "America/New_York";  // summer time ends on 2026-11-01, a Sunday
  CHECK(time.after(at("2026-10-30T17:00:00-04:00"), hours{1}) == at("2026-11-02T09:00:00-05:00"));
}

TEST_CASE("stages go by the calendar for red and orange, by working time for the others") {
  const WorkingTime time;
  const EventTime since = at("2026-11-26T16:30:00+08:00");
  const auto red = stages_of(since, hours{2}, rules::Grade::Red, time);
  CHECK(red ==
        board::Stages{since + hours{1}, since + minutes{96}, since + hours{2}, since + hours{3}});
  const auto yellow = stages_of(since, hours{2}, rules::Grade::Yellow, time);
  CHECK(yellow == board::Stages{at("2026-11-26T17:30:00+08:00"), at("2026-11-27T09:06:00+08:00"),
                                at("2026-11-27T09:30:00+08:00"), at("2026-11-27T10:30:00+08:00")});
  const auto blue = stages_of(since, hours{48}, rules::Grade::Blue, time);
  CHECK(blue[2] == at("2026-11-30T16:30:00+08:00"));
}

constexpr const char* kQueues = "queues: [{name: a, sinks: [{file: {path: a}}]}]\n";

TEST_CASE("a route's deadlines are those above it, and the usual ones where nothing is said") {
  const LoadedDispatchFile loaded = read_dispatch_file("d", std::string(kQueues) + R"(
route:
  queue: a
  routes:
    - matchers: [a=b]
      deadlines: {receive: 5m, handle: {red: 2h, blue: none}}
      routes: [{matchers: [c=d], deadlines: {receive: none}}]
supervision: {queue: a}
working_time: {start_time: "09:00", end_time: "18:00"}
areas: areas.csv
)");
  REQUIRE_MESSAGE(loaded.file, rules::as_text(loaded.issues));
  const Plan& plan = loaded.file->plan;
  CHECK(plan.supervision == "a");
  CHECK(plan.working_time.begin == 540);
  CHECK_FALSE(plan.route.options.deadlines);
  using P = board::Phase;
  using G = rules::Grade;
  const Deadlines& gas = *plan.route.routes[0].options.deadlines;
  CHECK(gas.of(G::Blue, P::Receive) == minutes{5});
  CHECK(gas.of(G::Red, P::Handle) == hours{2});
  CHECK_FALSE(gas.of(G::Blue, P::Handle));
  CHECK(gas.of(G::Orange, P::Handle) == hours{24});
  CHECK(gas.of(G::Yellow, P::Review) == hours{24});
  const Deadlines& below = *plan.route.routes[0].routes[0].options.deadlines;
  CHECK_FALSE(below.of(G::Red, P::Receive));
  CHECK(below.of(G::Red, P::Handle) == hours{2});
}

TEST_CASE("holidays are a table beside the file") {
  test::ScratchFolder folder;
  const std::string name = folder / "dispatch.yaml";
  std::ofstream(folder / "holidays.csv") << "date,kind\n2026-10-01,off\n2026-10-10,work\n";
  const std::string text =
      std::string(kQueues) + "route: {queue: a}\nworking_time: {holidays: holidays.csv}\n";
  const LoadedDispatchFile loaded = read_dispatch_file(name, text);
  REQUIRE_MESSAGE(loaded.file, rules::as_text(loaded.issues));
  const WorkingTime& time = loaded.file->plan.working_time;
  const auto day = [](const char* date) {
    return std::chrono::floor<std::chrono::days>(at(std::string(date) + "T00:00:00Z"));
  };
  CHECK_FALSE(time.is_working_day(day("2026-10-01")));
  CHECK(time.is_working_day(day("2026-10-02")));
  CHECK(time.is_working_day(day("2026-10-10")));
  CHECK_FALSE(time.is_working_day(day("2026-10-11")));
  std::ofstream(folder / "holidays.csv") << "date,kind\nsoon,off\n2026-10-10,half\n";
  const std::string wrong = rules::as_text(read_dispatch_file(name, text).issues);
  CHECK(wrong.find("holidays.csv:2:1: error: `soon` is no date") != wrong.npos);
  CHECK(wrong.find("holidays.csv:3:12: error: `half` is no kind of day") != wrong.npos);
}

TEST_CASE("what is wrong with deadlines is said with its place") {
  const struct {
    const char* text;
    const char* found;
  } cases[] = {
      {"route: {queue: a, deadlines: {recieve: 5m}}", "did you mean `receive`"},
      {"route: {queue: a, deadlines: {receive: soon}}", "d:2:40: error: `soon` is no deadline"},
      {"route: {queue: a, deadlines: {receive: 0}}", "`0` is no deadline"},
      {"route: {queue: a, deadlines: {receive: {pink: 5m}}}", "a deadline by grade has no `pink`"},
      {"route: {queue: a}\nsupervision: {queue: b}", "d:3:22: error: there is no queue `b`"},
      {"route: {queue: a}\nworking_time: {start_time: '18:00'}",
       "the working day does not end after its begin"},
      {"route: {queue: a}\nworking_time: {location: Mars}", "there is no time zone `Mars`"},
      {"route: {queue: a}\nworking_time: {holidays: none.csv}", "none.csv cannot be read"},
      {"route: {queue: a}\nareas: mine.csv", "the areas are the pack's own table"},
  };
  for (const auto& row : cases) {
    CAPTURE(row.text);
    check_refused(read_dispatch_file("d", std::string(kQueues) + row.text), row.found);
  }
}

}  // namespace
}  // namespace fengsui::dispatch
