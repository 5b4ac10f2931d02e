// Who is told of an alert and when, in virtual time. What Alertmanager's documentation says of
// groups, inhibition, silences and time intervals, and what is ours: alerts.md.
#include <doctest/doctest.h>

#include "town.h"

namespace fengsui::dispatch {
namespace {

constexpr const char* kPlain = "route: {queue: duty}";
constexpr const char* kGrouped =
    "route: {queue: duty, group_by: [rule], group_wait: 30s, group_interval: 5m, "
    "repeat_interval: 1h}";

TEST_CASE("without a word of grouping each record is told at once, and nothing is kept") {
  Town town(kPlain);
  town.alert("a", labels("x"));
  town.alert("b", labels("x"));
  town.alert("a", labels("x", "red"));
  town.clear("a");
  CHECK(town.take() == Strings{"0s duty a#1", "0s duty b#1", "0s duty a#2", "0s duty a#3"});
  CHECK_FALSE(town.dispatcher().due());
  CHECK(town.kept() == 0);
}

TEST_CASE("a group waits, then tells of what is new in intervals, then repeats") {
  Town town(kGrouped);
  town.alert("a", labels("x"));
  town.at(10);
  town.alert("b", labels("x"));
  town.alert("other", labels("y"));
  town.at(29);
  CHECK(town.take().empty());
  town.at(40);
  CHECK(town.take() == Strings{"30s duty a#1", "30s duty b#1", "40s duty other#1"});
  town.at(60);
  town.alert("c", labels("x"));
  town.alert("a", labels("x", "red"));
  town.at(330);
  CHECK(town.take() == Strings{"330s duty a#2", "330s duty c#1"});
  // An hour after the last word of the group, at its next interval.
  town.clear("c");
  town.clear("other");
  town.at(330 + 3600 + 300);
  CHECK(town.take() == Strings{"340s duty other#2", "630s duty c#2", "4230s duty a#2 again",
                               "4230s duty b#1 again"});
  town.clear("a");
  town.clear("b");
  town.at(9000);
  CHECK(town.take() == Strings{"4530s duty a#3", "4530s duty b#2"});
  CHECK(town.kept() == 0);
}

TEST_CASE("what ends before its group speaks is told to nobody") {
  Town town(kGrouped);
  town.alert("a", labels("x"));
  town.alert("b", labels("x"));
  town.at(10);
  town.clear("a");
  town.at(31);
  CHECK(town.take() == Strings{"30s duty b#1"});
}

TEST_CASE("people who close an alert hear no more of it, but its end if it was told") {
  Town town(kGrouped);
  town.alert("a", labels("x"));
  town.at(31);
  town.close("a");
  town.at(10'000);
  CHECK(town.take() == Strings{"30s duty a#1"});
  CHECK(town.kept() == 0);
  town.clear("a");
  town.at(11'000);
  CHECK(town.take() == Strings{"10000s duty a#2"});
}

TEST_CASE("a raise that leads elsewhere is heard there from then on, and where it was before") {
  Town town(R"(
route:
  queue: duty
  routes:
    - matchers: [grade=red]
      queue: city
      group_wait: 10s
)");
  town.alert("a", labels("x"));
  town.alert("a", labels("x", "red"));
  town.at(60);
  town.clear("a");
  town.at(1000);
  CHECK(town.take() ==
        Strings{"0s duty a#1", "0s duty a#2", "10s city a#2", "60s duty a#3", "310s city a#3"});
  CHECK(town.kept() == 0);
}

TEST_CASE("a quiet alert is told to nobody, its end neither, until a record of it is not") {
  Town town(kGrouped);
  town.quiet_alert("a", labels("x"));
  town.quiet_alert("b", labels("x"));
  town.at(100);
  CHECK(town.take().empty());
  CHECK(town.dispatcher().may_be_quiet("a", false));
  CHECK_FALSE(town.dispatcher().may_be_quiet("c", false));
  town.restart();
  town.clear("a");
  town.alert("b", labels("x", "red"));
  town.at(200);
  CHECK(town.take() == Strings{"100s duty b#2"});
  CHECK_FALSE(town.dispatcher().may_be_quiet("b", false));
  town.clear("b");
  town.at(1000);
  CHECK(town.take() == Strings{"400s duty b#3"});
  CHECK(town.kept() == 0);
}

constexpr const char* kInhibits = R"(
route: {queue: duty}
inhibit_rules:
  - name: worse
    source_matchers: [grade="red"]
    target_matchers: [grade=~"blue|yellow"]
    equal: [area]
)";

TEST_CASE("a source holds its targets back, and they are told when it ends, if they still fire") {
  Town town(kInhibits);
  town.alert("elsewhere", labels("x", "blue", "2"));
  town.alert("s", labels("x", "red"));
  town.alert("t", labels("y", "blue"));
  town.alert("u", labels("y", "yellow"));
  town.alert("v", labels("y", "orange"));
  CHECK(town.take() == Strings{"0s duty elsewhere#1", "0s duty s#1",
                               "0s t inhibited by alert s (worse)",
                               "0s u inhibited by alert s (worse)", "0s duty v#1"});
  SUBCASE("in one go") {}
  SUBCASE("with a restart between") { town.restart(); }
  town.at(60);
  town.clear("u");
  CHECK(town.take() == Strings{"60s u held by nothing"});
  town.at(70);
  town.clear("s");
  CHECK(town.take() == Strings{"70s duty s#2", "70s t held by nothing", "70s duty t#1"});
  CHECK(town.kept() == 0);
}

TEST_CASE("a target that is raised out of reach is told, with what was held") {
  Town town(kInhibits);
  town.alert("s", labels("x", "red"));
  town.alert("t", labels("y", "blue"));
  town.take();
  town.alert("t", labels("y", "orange"));
  CHECK(town.take() == Strings{"0s t held by nothing", "0s duty t#1", "0s duty t#2"});
}

TEST_CASE("a source that people have closed holds nothing back") {
  Town town(kInhibits);
  town.alert("s", labels("x", "red"));
  town.alert("t", labels("y", "blue"));
  town.take();
  town.close("s");
  town.at(1);
  CHECK(town.take() == Strings{"0s t held by nothing", "0s duty t#1"});
}

TEST_CASE("who inhibits whom") {
  const char* const both = R"(
route: {queue: duty}
inhibit_rules:
  - {source_matchers: [s1=1], target_matchers: [t1=1], equal: [e]}
  - {source_matchers: [s2=1], target_matchers: [t2=1], equal: [e]}
)";
  const struct {
    const char* what;
    const char* plan;
    std::vector<Labels> sources;
    Labels target;
    bool is_held;
  } cases[] = {
      {"of the first", both, {{{"s1", "1"}, {"e", "1"}}}, {{"t1", "1"}, {"e", "1"}}, true},
      {"another value", both, {{{"s1", "1"}, {"e", "1"}}}, {{"t1", "1"}, {"e", "0"}}, false},
      {"no target", both, {{{"s1", "1"}, {"e", "1"}}}, {{"t1", "0"}, {"e", "1"}}, false},
      {"missing and empty are equal", both, {{{"s1", "1"}}}, {{"t1", "1"}, {"e", ""}}, true},
      {"two-sided by a source alone",
       both,
       {{{"s1", "1"}, {"e", "1"}}},
       {{"s1", "1"}, {"t1", "1"}, {"e", "1"}},
       true},
      {"two-sided by a two-sided",
       both,
       {{{"s2", "1"}, {"t2", "1"}, {"e", "1"}}},
       {{"s2", "1"}, {"t2", "1"}, {"e", "1"}},
       false},
      {"two-sided by either, one of which is a source alone",
       both,
       {{{"s2", "1"}, {"t2", "1"}, {"e", "1"}}, {{"s2", "1"}, {"e", "1"}}},
       {{"s2", "1"}, {"t2", "1"}, {"e", "1"}},
       true},
      {"a target by a two-sided",
       both,
       {{{"s2", "1"}, {"t2", "1"}, {"e", "1"}}},
       {{"t2", "1"}, {"e", "1"}},
       true},
      {"nothing must be equal",
       "route: {queue: duty}\ninhibit_rules: [{source_matchers: [s=1], target_matchers: [t=1]}]",
       {{{"s", "1"}, {"e", "1"}}},
       {{"t", "1"}, {"e", "2"}},
       true},
      {"values that join to the same text are two",
       "route: {queue: duty}\n"
       "inhibit_rules: [{source_matchers: [s=1], target_matchers: [t=1], equal: [e, f]}]",
       {{{"s", "1"}, {"e", "ab"}, {"f", "c"}}},
       {{"t", "1"}, {"e", "a"}, {"f", "bc"}},
       false},
  };
  for (const auto& row : cases) {
    CAPTURE(row.what);
    Town town(row.plan);
    for (size_t i = 0; i < row.sources.size(); ++i) {
      town.alert("s" + std::to_string(i), row.sources[i]);
    }
    town.take();
    town.alert("t", row.target);
    const Strings said = town.take();
    REQUIRE(said.size() == 1);
    CHECK((said[0].find("inhibited") != said[0].npos) == row.is_held);
  }
}

TEST_CASE("a silence holds back until it ends, and never red") {
  Town town(kPlain);
  const std::string id = town.silence("rule=x", 10, 100);
  town.alert("before", labels("x"));
  town.at(10);
  town.alert("a", labels("x"));
  town.alert("other", labels("y"));
  town.alert("red", labels("x", "red"));
  CHECK(town.take() == Strings{"0s duty before#1", "10s a held by silence s1 of li",
                               "10s duty other#1", "10s duty red#1"});
  SUBCASE("when its time has come") {
    town.at(99);
    CHECK(town.take().empty());
    SUBCASE("in one go") {}
    SUBCASE("with a restart between") { town.restart(); }
    town.at(200);
    CHECK(town.take() == Strings{"100s a held by nothing", "100s duty a#1"});
  }
  SUBCASE("when people end it") {
    town.at(50);
    town.end_silence(id);
    CHECK(town.take() == Strings{"50s a held by nothing", "50s duty a#1"});
    CHECK(town.dispatcher().end_silence(id, EventTime{Duration{60'000}}) == false);
    CHECK_FALSE(town.dispatcher().end_silence("none", EventTime{Duration{60'000}}));
  }
  SUBCASE("a raise to red does not wait for it") {
    town.at(20);
    town.alert("a", labels("x", "red"));
    CHECK(town.take() == Strings{"20s a held by nothing", "20s duty a#1", "20s duty a#2"});
  }
  SUBCASE("an end does not wait for it, where the alert was told") {
    town.at(20);
    town.clear("before");
    town.clear("a");
    CHECK(town.take() == Strings{"20s duty before#2", "20s a held by nothing"});
  }
  SUBCASE("a raise is held, and its end is heard by who heard of it before") {
    town.at(20);
    town.alert("before", labels("x", "orange"));
    town.clear("before");
    CHECK(town.take() == Strings{"20s before held by silence s1 of li",
                                 "20s before held by nothing", "20s duty before#2",
                                 "20s duty before#3"});
  }
}

TEST_CASE("a silence that is changed stays itself where it can") {
  Town town(kPlain);
  town.at(5);
  const std::string id = town.silence("rule=x", 5, 100);
  town.at(10);
  CHECK(town.silence("rule=x", 5, 200, id) == id);
  const std::string other = town.silence("rule=y", 5, 200, id);
  CHECK(other != id);
  const auto all = town.dispatcher().silences().all();
  REQUIRE(all->size() == 2);
  CHECK(all->front().id == other);
  CHECK(all->front().starts == EventTime{Duration{10'000}});
  CHECK(all->back().ends == EventTime{Duration{10'000}});
  const auto refused = town.dispatcher().set_silence(
      silence_of("a=b", {}, EventTime{Duration{9'000}}), "n", EventTime{Duration{10'000}});
  CHECK_FALSE(refused);
}

TEST_CASE("what a silence must have") {
  const EventTime now{Duration{1000}}, later{Duration{2000}};
  const auto wrong = [&](Silence silence) {
    const Expected<Silence> is = checked(std::move(silence), now);
    return is ? std::string("nothing") : is.error().message;
  };
  CHECK(wrong(silence_of("a=b", {}, later)) == "nothing");
  CHECK(checked(silence_of("a=b", {}, later), now)->starts == now);
  CHECK(wrong(silence_of("", {}, later)) == "A silence has a matcher.");
  CHECK(wrong(silence_of("a!=b,c=~\".*\"", {}, later)) ==
        "At least one matcher must not match the empty value.");
  CHECK(wrong(silence_of("a=b", {}, {})) == "A silence has an end.");
  CHECK(wrong(silence_of("a=b", later, later)) == "A silence ends after its start.");
  CHECK(wrong(silence_of("a=b", EventTime{Duration{1}}, now)) ==
        "The end of the silence has passed.");
  Silence silence = silence_of("a=b", {}, later);
  silence.reason.clear();
  CHECK(wrong(silence) == "A silence has a reason.");
  silence.author.clear();
  CHECK(wrong(silence) == "A silence has an author.");
}

TEST_CASE("a route is silent outside of its active times and within its mute ones") {
  const std::string plan = R"(
route:
  queue: duty
  routes:
    - {matchers: [area=1], queue: office, active_time_intervals: [hours]}
    - {matchers: [area=2], queue: night, mute_time_intervals: [hours], group_interval: 1h}
time_intervals:
  - name: hours
    time_intervals:
      - {times: [{start_time: "08:00", end_time: "18:00"}], location: Asia/Shanghai}
)";
  // 07:00 in Shanghai
  Town town(plan, EventTime{std::chrono::hours{24 * 20'000 - 1}});
  town.alert("a", labels("x"));
  town.alert("b", labels("x", "orange", "2"));
  CHECK(town.take() == Strings{"0s a held by outside of the time interval hours", "0s night b#1"});
  town.at(3600);
  town.alert("c", labels("x", "orange", "2"));
  town.at(13 * 3600);
  Strings said = town.take();
  CHECK(said == Strings{"3600s a held by nothing", "3600s office a#1",
                        "7200s c held by within the time interval hours",
                        "39600s c held by nothing", "39600s night c#1"});
}

TEST_CASE("a clock that is set back does nothing twice, and holds nothing up for long") {
  Town town(kGrouped);
  town.at(1000);
  town.alert("a", labels("x"));
  town.at(1031);
  CHECK(town.take() == Strings{"1030s duty a#1"});
  town.set_back(100);
  town.restart();
  town.at(1000);
  CHECK(town.take().empty());
  town.alert("b", labels("x"));
  town.at(2000);
  CHECK(town.take() == Strings{"1330s duty b#1"});
}

TEST_CASE("another plan keeps the groups that stay, and tells those that it makes") {
  Town town(kGrouped);
  town.alert("a", labels("x"));
  town.at(31);
  town.take();
  const std::string both = std::string(kGrouped);
  town.reload(both.substr(0, both.size() - 1) +
              ", routes: [{matchers: [rule=x], queue: duty, continue: true}, {matchers: [rule=x], "
              "queue: city}]}");
  town.at(40);
  CHECK(town.take() == Strings{"31s city a#1"});
  town.clear("a");
  town.at(1000);
  const Strings ends = town.take();
  CHECK(ends == Strings{"331s city a#2", "331s duty a#2"});
  CHECK(town.kept() == 0);
}

}  // namespace
}  // namespace fengsui::dispatch
