// Two packs over the same events: what becomes of rules and of alerts.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "author/pack_diff.h"
#include "pack_fixture.h"

namespace fengsui::author {
namespace {

struct Event {
  int minute = 0;
  const char* outlet = "";
  const char* more = "";  // of data
};

std::string text_of(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) {
    const EventTime time =
        EventTime{} + std::chrono::hours(24 * 365) + std::chrono::minutes(event.minute);
    text +=
        R"({"specversion":"1.0","id":"e)" + std::to_string(text.size()) +
        R"(","source":"s","type":"t.parcel","time":")" + format_event_time(time) +
        R"(","data":{"outlet":")" + event.outlet +
        R"(","item":"a","weight":1,"pieces":1,"ok":true,"grid":"g1","place":{"lat":1,"lon":2})" +
        event.more + "}}\n";
  }
  return text;
}

std::string rule(const std::string& id, const std::string& body) {
  return "  - id: " + id + "\n    from: t.parcel\n    by: outlet\n" + body +
         "    purpose: { id: fraud, use: u, basis: b, retain: 30d }\n";
}

const std::string kWindow = "    window: { sliding: 1h }\n    let: { n: count() }\n";

std::shared_ptr<const rules::RuleSet> pack(const std::string& rules) {
  return rules::load({{"schemas/s.yaml", rules::kSchema}, {"r.yaml", "rules:\n" + rules}}).rules;
}

std::unique_ptr<PackDiff> diff(const std::string& before, const std::string& after,
                               const std::vector<Event>& events) {
  const auto a = pack(before), b = pack(after);
  REQUIRE(a);
  REQUIRE(b);
  return diff_packs(a, b, text_of(events), {.flush = true, .progress = nullptr});
}

// "fate old-grade new-grade outlet" of each alert.
std::vector<std::string> alerts(const PackDiff& diff) {
  std::vector<std::string> out;
  for (const AlertPair& pair : diff.alerts) {
    const auto grade = [](const PastAlert* alert) {
      return std::string(alert == nullptr ? "-"
                                          : rules::kGradeNames[static_cast<size_t>(alert->grade)]);
    };
    const PastAlert& any = pair.before != nullptr ? *pair.before : *pair.after;
    out.push_back(std::string(kAlertFateNames[static_cast<size_t>(pair.fate)]) + " " +
                  grade(pair.before) + " " + grade(pair.after) + " " + any.group[0].as_string());
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST_CASE("alerts: same, regraded, moved, added, lost") {
  const std::vector<Event> events = {{0, "x"}, {1, "x"},   {2, "x"},   {3, "y"},
                                     {4, "y"}, {200, "z"}, {201, "x"}, {202, "x"}};
  const auto with = [](const std::string& grade) {
    return rule("r", kWindow + "    grade: " + grade + "\n");
  };
  CHECK(alerts(*diff(with("{ red: n >= 3, blue: n >= 2 }"), with("{ red: n >= 3, blue: n >= 2 }"),
                     events)) == Lines{"same red red x", "same blue blue y", "same blue blue x"});
  CHECK(alerts(*diff(with("{ red: n >= 3, blue: n >= 2 }"),
                     with("{ orange: n >= 3, blue: n >= 2 }"), events)) ==
        Lines{"regraded red orange x", "same blue blue y", "same blue blue x"});
  // An alert that opens at another event, of the same group and while the other was open, moved.
  CHECK(alerts(*diff(with("{ blue: n >= 2 }"), with("{ blue: n >= 3 }"), events)) ==
        Lines{"moved blue blue x", "lost blue - y", "lost blue - x"});
  CHECK(alerts(*diff(with("{ blue: n >= 3 }"), with("{ blue: n >= 2 }"), events)) ==
        Lines{"moved blue blue x", "added - blue y", "added - blue x"});
  CHECK(alerts(*diff(with("{ blue: n >= 3 }"), with("{ red: n >= 2 }"), events)) ==
        Lines{"regraded blue red x", "added - red y", "added - red x"});
}

TEST_CASE("alerts that are moments do not move") {
  const std::string every = "    grade: blue\n    quiet: 0\n";
  CHECK(alerts(*diff(rule("r", "    when: weight < 5.0\n" + every),
                     rule("r", "    when: weight > 0.0 && pieces < 2\n" + every),
                     {{0, "x"}, {1, "x", R"(,"weight_":1)"}})) ==
        Lines{"same blue blue x", "same blue blue x"});
  CHECK(alerts(*diff(rule("r", "    when: has(note)\n" + every),
                     rule("r", "    when: '!has(note)'\n" + every),
                     {{0, "x"}, {1, "x", R"(,"note":"n")"}})) ==
        Lines{"added - blue x", "lost blue - x"});
}

TEST_CASE("rules: what a swap keeps, and what changed") {
  const auto changed = [](const std::string& before, const std::string& after) {
    std::string out;
    for (const RuleChange& change : rule_changes(*pack(before), *pack(after))) {
      out += change.rule + " " + kRuleFateNames[static_cast<size_t>(change.fate)];
      for (const std::string& part : change.changed) out += " [" + part + "]";
      out += "\n";
    }
    return out;
  };
  const std::string base = kWindow + "    grade: blue\n";
  const std::string r = rule("r", base);
  struct Case {
    std::string after;
    const char* expected;
  };
  const Case cases[] = {
      {r, "r kept\n"},
      {rule("r", kWindow + "    grade: red\n"), "r kept [grade blue] [grade red]\n"},
      {rule("r", base + "    message: m\n    quiet: 5m\n    labels: { a: b }\n    title: t\n"),
       "r kept [labels] [message] [quiet] [title]\n"},
      {rule("r", base + "    mode: shadow\n"), "r kept [mode]\n"},
      {rule("r", base + "    when: ok\n"), "r fresh [when]\n"},
      {rule("r",
            "    window: { sliding: 2h }\n    quiet: 1h\n    let: { n: count() }\n    grade: "
            "blue\n"),
       "r fresh [window]\n"},
      {rule("r", "    window: { tumbling: 1h }\n    let: { n: count() }\n    grade: blue\n"),
       "r fresh [window]\n"},
      {rule("r", "    window: { sliding: 1h }\n    let: { n: sum(weight) }\n    grade: blue\n"),
       "r fresh [let n]\n"},
      {rule("r", "    window: { sliding: 1h }\n    let: { n: count(ok) }\n    grade: blue\n"),
       "r fresh [let n]\n"},
      {rule("r",
            "    window: { sliding: 1h }\n    let: { n: count(), m: n + 1 }\n    grade: blue\n"),
       "r kept [let m]\n"},
      {rule("q", base), "q new\nr removed\n"},
      {r + rule("q", base), "q new\nr kept\n"},
      {rule("r", base + "    mode: disabled\n"), "r removed\n"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expected);
    CHECK(changed(r, c.after) == c.expected);
  }
}

TEST_CASE("lists, keywords and areas that change") {
  CHECK(
      changed_tables(
          {{"lists/a.csv", "1"}, {"lists/b.csv", "1"}, {"r.yaml", "1"}},
          {{"lists/a.csv", "2"}, {"lists/b.csv", "1"}, {"r.yaml", "2"}, {"keywords/k.txt", "x"}}) ==
      Lines{"lists/a.csv", "keywords/k.txt"});
}

TEST_CASE("the report, as text and as JSON") {
  const auto d = diff(rule("r", kWindow + "    grade: { red: n >= 3, blue: n >= 2 }\n"),
                      rule("r", kWindow + "    grade: { orange: n >= 3 }\n") +
                          rule("s", "    grade: blue\n    mode: shadow\n"),
                      {{0, "x"}, {1, "x"}, {2, "x"}, {3, "y"}, {4, "y"}});
  CHECK(as_text(*d, {"lists/a.csv"}) == R"(rules: 1 kept, 0 fresh, 1 new, 0 removed
  kept  r  changed without touching state: grade blue, grade orange, grade red
  new   s
tables that change without touching rules: lists/a.csv

alerts over 5 records: 0 same, 1 regraded, 0 moved, 0 added, 1 lost

grade     old  new
  red       1    0
  orange    0    1
  yellow    0    0
  blue      1    0

by rule  same  regraded  moved  added  lost
  r         0         1      0      0     1

by area  same  regraded  moved  added  lost
  g1        0         1      0      0     1

regraded:
  1971-01-01T00:01:00.000Z -> 1971-01-01T00:02:00.000Z  r  red -> orange  {"outlet":"x"}  )" +
                                            d->alerts[0].after->alert + R"(

lost:
  1971-01-01T00:04:00.000Z  r  blue  {"outlet":"y"}  )" +
                                            d->alerts[1].before->alert + "\n");
  const auto json = nlohmann::json::parse(as_json(*d, {}));
  CHECK(json["alerts"] ==
        nlohmann::json{{"same", 0}, {"regraded", 1}, {"moved", 0}, {"added", 0}, {"lost", 1}});
  CHECK(json["old"]["records"]["processed"] == 5);
  CHECK(json["grades"]["red"] == nlohmann::json{{"old", 1}, {"new", 0}});
  CHECK(json["by_rule"]["r"]["lost"] == 1);
  CHECK(json["by_area"]["g1"]["regraded"] == 1);
  CHECK(json["rules"][0]["rule"] == "r");
  CHECK(json["rules"][0]["state"] == "kept");
  CHECK(json["samples"]["lost"][0]["old"]["group"] == nlohmann::json{{"outlet", "y"}});
  CHECK(json["samples"]["regraded"][0]["new"]["grade"] == "orange");
}

}  // namespace
}  // namespace fengsui::author
