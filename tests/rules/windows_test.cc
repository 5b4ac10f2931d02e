// Windows, emit, except, aggregates, baseline, seen_by, rules over alerts: what is refused, and
// what the rest compiles to. Lines count as in rules_test.cc.
#include <doctest/doctest.h>

#include "pack_fixture.h"
#include "rules/alert_type.h"

namespace fengsui::rules {
namespace {

using Kind = WindowSpec::Kind;
using Function = Aggregate::Function;
using std::chrono::hours;
using std::chrono::minutes;

const Aggregate& aggregate(const Rule& rule, size_t let) {
  return std::get<Aggregate>(rule.lets.at(let).value);
}

TEST_CASE("windows that are none") {
  expect_findings({
      {"hopping closes", "    window: { hopping: 1h, every: 5m }\n    emit: close\n", {}},
      {"hopping at events",
       "    window: { hopping: 1h, every: 5m }\n",
       {"r.yaml:4:13 error FS418 a hopping window is evaluated when it closes alone"}},
      {"hopping at events, said",
       "    window: { hopping: 1h, every: 5m }\n    emit: event\n",
       {"r.yaml:5:11 error FS418"}},
      {"hopping by what",
       "    window: { hopping: 1h }\n    emit: close\n",
       {"r.yaml:4:13 error FS408 a `hopping` window needs `every`"}},
      {"a key of another kind",
       "    window: { sliding: 1h, every: 5m }\n",
       {"r.yaml:4:28 error FS408 a `sliding` window has no `every`"}},
      {"session", "    window: { session: 5m, max: 1h }\n    emit: close\n", {}},
      {"session without end", "    window: { session: 5m }\n", {}},
      {"a session of nothing",
       "    window: { session: 5m, max: 0 }\n",
       {"r.yaml:4:33 error FS408 `max` is nothing"}},
      {"retain covers a session's max",
       "    window: { session: 5m, max: 40d }\n",
       {"r.yaml:6:53 error FS409 `retain` (30d) does not cover the window (40d)"}},
      {"count", "    window: { count: 5, within: 1h }\n", {}},
      {"count for ever", "    window: { count: 5 }\n", {}},
      {"a count of none",
       "    window: { count: 0 }\n",
       {"r.yaml:4:22 error FS408 the `count` of a window is no whole number above 0"}},
      {"a count that is a time", "    window: { count: 1h }\n", {"r.yaml:4:22 error FS408"}},
      {"retain covers within",
       "    window: { count: 5, within: 31d }\n",
       {"r.yaml:6:53 error FS409"}},
      {"close where none does",
       "    window: { sliding: 1h }\n    emit: close\n",
       {"r.yaml:5:11 error FS418 `emit: close` where no window closes"}},
      {"close without a window", "    emit: close\n", {"r.yaml:4:11 error FS418"}},
      {"close of a window with a finding",
       "    window: { tumbling: 0 }\n    emit: close\n",
       {"r.yaml:4:25 error FS408"}},
      {"close of a count",
       "    window: { count: 2 }\n    emit: close\n",
       {"r.yaml:5:11 error FS418"}},
      {"time", "    order: time\n", {}},
  });
}

TEST_CASE("what windows compile to") {
  const auto hopping =
      only_rule("    by: outlet\n    window: { hopping: 1h, every: 5m }\n    emit: close\n");
  CHECK(hopping->window.kind == Kind::Hopping);
  CHECK(hopping->window.length == hours(1));
  CHECK(hopping->window.every == minutes(5));
  CHECK(hopping->emit == Emit::Close);
  CHECK(hopping->quiet == hours(1));
  const auto session = only_rule("    by: outlet\n    window: { session: 5m, max: 2h }\n");
  CHECK(session->window.kind == Kind::Session);
  CHECK(session->window.length == minutes(5));
  CHECK(session->window.most == Duration(hours(2)));
  CHECK(session->quiet == minutes(5));
  CHECK(session->order == Order::Arrival);
  CHECK(!only_rule("    window: { session: 5m }\n")->window.most);
  const auto count = only_rule("    by: outlet\n    window: { count: 5, within: 2h }\n");
  CHECK(count->window.kind == Kind::Count);
  CHECK(count->window.count == 5);
  CHECK(count->window.length == hours(2));
  CHECK(count->quiet == hours(2));
  const auto retained = only_rule("    by: outlet\n    window: { count: 5 }\n    order: time\n");
  CHECK(retained->window.length == hours(24 * 30));
  CHECK(retained->quiet == hours(1));
  CHECK(retained->order == Order::Time);
}

TEST_CASE("aggregates and their literals") {
  expect_findings({
      {"all of them",
       "    window: { sliding: 1h }\n    let:\n      a: stddev(weight)\n"
       "      b: \"percentile(item, 99.9, ok)\"\n      c: approx_distinct(outlet, ok)\n"
       "      d: top(item, 3)\n      e: \"speed(place.lat, place.lon, 500, ok)\"\n"
       "      f: size(d) + int(e) + size(b)\n",
       {}},
      {"percentile of what", "    let: { p: percentile(weight) }\n", {"r.yaml:4:15 error FS509"}},
      {"beyond 100",
       "    let: { p: \"percentile(weight, 100.1)\" }\n",
       {"r.yaml:4:35 error FS509 `percentile` takes a value, a literal from 0 to 100"}},
      {"below 0", "    let: { p: \"percentile(weight, -1)\" }\n", {"r.yaml:4:35 error FS509"}},
      {"no literal",
       "    let: { p: \"percentile(weight, pieces)\" }\n",
       {"r.yaml:4:35 error FS509"}},
      {"top of none", "    let: { p: \"top(item, 0)\" }\n", {"r.yaml:4:26 error FS509"}},
      {"top of too many", "    let: { p: \"top(item, 101)\" }\n", {"r.yaml:4:26 error FS509"}},
      {"top of lists",
       "    let: { p: \"top([item], 1)\" }\n",
       {"r.yaml:4:20 error FS503 `top` does not take list(string)"}},
      {"stddev of text", "    let: { p: stddev(item) }\n", {"r.yaml:4:22 error FS503"}},
      {"speed of text",
       "    let: { p: \"speed(item, place.lon, 1)\" }\n",
       {"r.yaml:4:22 error FS503 `speed` does not take string"}},
      {"speed of less than nothing",
       "    let: { p: \"speed(place.lat, place.lon, -1.0)\" }\n",
       {"r.yaml:4:44 error FS509"}},
      {"speed of an unknown place",
       "    let: { p: \"speed(place.lat, place.lom, 1)\" }\n",
       {"r.yaml:4:33 error FS502 unknown name `place.lom`"}},
  });
  const auto rule = only_rule(
      "    let: { a: \"percentile(weight, 99.9)\", b: \"percentile(weight, (5e1))\", "
      "c: \"top(item, 7, ok)\", d: \"speed(place.lat, pieces, 0.5)\", e: \"percentile(item, "
      "0x10)\", "
      "f: \"percentile(weight, 2.50e-1)\" }\n");
  CHECK(aggregate(*rule, 0).function == Function::Percentile);
  CHECK(aggregate(*rule, 0).rank_numerator == 999);
  CHECK(aggregate(*rule, 0).rank_denominator == 1000);
  CHECK(aggregate(*rule, 1).rank_numerator == 50);
  CHECK(aggregate(*rule, 1).rank_denominator == 100);
  CHECK(aggregate(*rule, 4).rank_numerator == 16);
  CHECK(aggregate(*rule, 4).result == cel::Type::Kind::String);
  CHECK(aggregate(*rule, 5).rank_numerator * 400 == aggregate(*rule, 5).rank_denominator);
  CHECK(aggregate(*rule, 2).most == 7);
  CHECK(aggregate(*rule, 2).where >= 0);
  CHECK(aggregate(*rule, 3).distance == 0.5);
  std::vector<cel::Value> slots(64, cel::Value::missing());
  const event::EventType& type = *rule->sources[0].type;
  slots[static_cast<size_t>(type.find("place.lat")->slot)] = cel::Value::real(36.5);
  const auto& place = rule->sources[0].captures[static_cast<size_t>(aggregate(*rule, 3).argument)];
  CHECK(place.evaluate({}, slots).is_error());
  slots[static_cast<size_t>(type.find("pieces")->slot)] = cel::Value::integer(103);
  CHECK(place.evaluate({}, slots).kind() == cel::Kind::List);
}

TEST_CASE("exceptions") {
  const std::string full = ", owner: o, reason: r, until: 2026-12-31 }";
  expect_findings({
      {"whole", "    except: [{ name: a, when: ok" + full + "]\n", {}},
      {"unowned",
       "    except: [{ name: a, when: ok }]\n",
       {"r.yaml:4:14 warning FS420 an exception without `owner`",
        "r.yaml:4:14 warning FS420 an exception without `reason`",
        "r.yaml:4:14 warning FS420 an exception without `until`"}},
      {"nameless",
       "    except: [{ when: ok" + full + "]\n",
       {"r.yaml:4:14 error FS110 an exception needs `name`"}},
      {"twice",
       "    except: [{ name: a, when: ok" + full + ", { name: a, when: \"!ok\"" + full + "]\n",
       {"r.yaml:4:85 error FS419 the exception `a` stands twice"}},
      {"no day",
       "    except: [{ name: a, when: ok, owner: o, reason: r, until: 2026-02-29 }]\n",
       {"r.yaml:4:63 error FS421 `until` is no date or time: `2026-02-29`"}},
      {"a leap day",
       "    except: [{ name: a, when: ok, owner: o, reason: r, until: 2028-02-29 }]\n",
       {}},
      {"a text",
       "    except: [{ name: a, when: ok, owner: o, reason: r, until: soon }]\n",
       {"r.yaml:4:63 error FS421"}},
      {"an unknown field",
       "    except: [{ name: a, when: okk" + full + "]\n",
       {"r.yaml:4:31 error FS502"}},
      {"no bool",
       "    except: [{ name: a, when: weight" + full + "]\n",
       {"r.yaml:4:31 error FS503"}},
      {"other keys",
       "    except: [{ nam: a, name: a, when: ok" + full + "]\n",
       {"r.yaml:4:16 error FS109"}},
      {"protected",
       "    except: [{ name: a, when: religion == 'x'" + full + "]\n",
       {"r.yaml:4:31 error FS506"}},
      {"what when says is there",
       "    when: has(note)\n    except: [{ name: a, when: note == 'x'" + full + "]\n",
       {}},
  });
  const auto until = [](const std::string& text, const std::string& timezone) {
    Files files =
        pack_with_rule("    except: [{ name: a, when: ok, owner: o, reason: r, until: \"" + text +
                       "\" }, { name: b, when: \"!ok\" }]\n");
    files["pack.yaml"] = "timezone: " + timezone + "\n";
    const auto rule = only_rule(files);
    REQUIRE(rule->sources[0].exceptions.size() == 2);
    CHECK(rule->exceptions == std::vector<std::string>{"a", "b"});
    CHECK(!rule->sources[0].exceptions[1].until);
    return format_event_time(*rule->sources[0].exceptions[0].until);
  };
  CHECK(until("2026-12-31", "Asia/Shanghai") == "2026-12-31T16:00:00.000Z");
  CHECK(until("2026-03-28", "Europe/Berlin") == "2026-03-28T23:00:00.000Z");
  CHECK(until("2026-03-29", "Europe/Berlin") == "2026-03-29T22:00:00.000Z");
  // Midnight was put forward to one o'clock.
  CHECK(until("2018-11-03", "America/Sao_Paulo") == "2018-11-04T03:00:00.000Z");
  CHECK(until("2026-12-31T18:00:00.0005+08:00", "UTC") == "2026-12-31T10:00:00.001Z");
}

TEST_CASE("baselines") {
  const std::string window =
      "    window: { tumbling: 1h }\n    let: { n: count(), s: \"top(item, 1)\", d: n * 2 }\n";
  const auto with = [&](const std::string& baseline) {
    return window + "    baseline: " + baseline + "\n";
  };
  expect_findings({
      {"whole",
       with("{ of: n, every: 1d, keep: 8 }") +
           "    grade: { red: \"double(n) > baseline.mean + 3.0 * baseline.stddev && "
           "baseline.samples > 3\" }\n    message: \"{baseline.mean}\"\n",
       {}},
      {"no tumbling window",
       "    window: { sliding: 1h }\n    let: { n: count() }\n    baseline: { of: n, every: 1d, "
       "keep: 8 }\n",
       {"r.yaml:6:15 error FS422 `baseline` without a tumbling window"}},
      {"no multiple",
       with("{ of: n, every: 90m, keep: 8 }"),
       {"r.yaml:6:31 error FS422 `every` (1h30m) is no multiple of the window (1h)"}},
      {"of none",
       with("{ of: m, every: 1d, keep: 8 }"),
       {"r.yaml:6:21 error FS422 no aggregate of the rule is named `m`"}},
      {"of no aggregate",
       with("{ of: d, every: 1d, keep: 8 }"),
       {"r.yaml:6:21 error FS422 `d` is no aggregate"}},
      {"of a list",
       with("{ of: s, every: 1d, keep: 8 }"),
       {"r.yaml:6:21 error FS422 `s` is of type list("}},
      {"none kept",
       with("{ of: n, every: 1d, keep: 0 }"),
       {"r.yaml:6:41 error FS422 `keep` is no whole number"}},
      {"parts are missing",
       with("{ of: n }"),
       {"r.yaml:6:15 error FS110 `baseline` needs `every`", "r.yaml:6:15 error FS110"}},
      {"other parts", with("{ of: n, every: 1d, keep: 8, kep: 1 }"), {"r.yaml:6:44 error FS109"}},
      {"beyond retain",
       with("{ of: n, every: 1d, keep: 30 }"),
       {"r.yaml:8:53 warning FS423 `retain` (30d) is shorter"}},
      {"just within retain", with("{ of: n, every: 1d, keep: 29 }"), {}},
      {"read without one",
       "    let: { x: baseline.mean }\n",
       {"r.yaml:4:15 error FS511 `baseline` is read by"}},
      {"read before the log",
       with("{ of: n, every: 1d, keep: 8 }") + "    when: baseline.mean > 1.0\n",
       {"r.yaml:7:11 error FS511"}},
      {"a part it does not have",
       with("{ of: n, every: 1d, keep: 8 }") + "    message: \"{baseline.meen}\"\n",
       {"r.yaml:7:16 error FS5"}},
      {"types",
       with("{ of: n, every: 1d, keep: 8 }") + "    grade: { red: baseline.samples > 'x' }\n",
       {"r.yaml:7:36 error FS503"}},
  });
  const auto rule = only_rule(with("{ of: n, every: 7d, keep: 3 }") +
                              "    grade: { red: \"baseline.samples == 3 && n > 4\" }\n");
  REQUIRE(rule->baseline);
  CHECK(rule->baseline->of == 0);
  CHECK(rule->baseline->every == hours(24 * 7));
  CHECK(rule->baseline->keep == 3);
  CHECK(rule->first_let() == rule->captures + 3);
  std::vector<cel::Value> row(rule->row_size());
  row[rule->captures + 2] = cel::Value::integer(3);
  row[rule->first_let()] = cel::Value::integer(5);
  CHECK(rule->grades[0].second->evaluate({}, row).is_true());
}

TEST_CASE("seen_by") {
  const std::string window = "    window: { sliding: 1h }\n    by: { o: outlet, p: pieces }\n";
  expect_findings({
      {"whole",
       window +
           "    seen_by: { p: \"[pieces - 1, pieces + 1]\", o: \"tags.filter(t, t != '')\" }\n    "
           "when: has(tags)\n",
       {}},
      {"no window",
       "    by: outlet\n    seen_by: { outlet: \"['x']\" }\n",
       {"r.yaml:5:14 error FS424 `seen_by` without a window and `by`"}},
      {"no group",
       "    window: { sliding: 1h }\n    seen_by: { outlet: \"['x']\" }\n",
       {"r.yaml:5:14 error FS424"}},
      {"another group",
       window + "    seen_by: { q: \"['x']\" }\n",
       {"r.yaml:6:16 error FS424 `by` names no `q`"}},
      {"no list",
       window + "    seen_by: { o: outlet }\n",
       {"r.yaml:6:19 error FS424 this is of type string, a list of group values is needed"}},
      {"a list of doubles",
       window + "    seen_by: { o: \"[weight]\" }\n",
       {"r.yaml:6:20 error FS424"}},
      {"a text", window + "    seen_by: outlet\n", {"r.yaml:6:14 error FS108"}},
  });
  const auto rule = only_rule(window + "    seen_by: { p: \"[1]\" }\n");
  REQUIRE(rule->sources[0].seen_by.size() == 2);
  CHECK(!rule->sources[0].seen_by[0]);
  CHECK(rule->sources[0].seen_by[1]->text() == "[1]");
  CHECK(only_rule(window)->sources[0].seen_by.empty());
}

TEST_CASE("rules over alerts") {
  const auto rule = [](const std::string& text) {
    return Files{
        {"schemas/s.yaml", kSchema},
        {"r.yaml", "rules:\n  - id: r\n    purpose: { use: u, basis: b, retain: 30d }\n" + text}};
  };
  struct Row {
    const char* name;
    std::string text;
    std::vector<std::string> expected;
  };
  const Row rows[] = {
      {"whole",
       "    from: alert\n    when: has(area) && grade in ['red', 'orange'] && kind == 'open'\n    "
       "by: area\n    window: { sliding: 1h }\n    let: { n: count(), rules: distinct(rule) }\n    "
       "grade: { red: rules > 1 && has(group.cell) }\n    message: \"{department} {event.id}\"\n",
       {"r.yaml:10:16 warning FS507"}},
      {"beside others",
       "    from: [alert, t.parcel]\n    grade: red\n",
       {"r.yaml:4:19 error FS426 a rule over alerts reads `t.parcel`, too"}},
      {"arrival",
       "    from: alert\n    order: arrival\n    grade: red\n",
       {"r.yaml:5:12 warning FS425"}},
      {"a field that alerts do not have",
       "    from: alert\n    when: gradee == 'red'\n    grade: red\n",
       {"r.yaml:5:11 error FS502"}},
      {"a step",
       "    sequence: { within: 1h, steps: [{ from: alert, by: rule }, { from: t.parcel, by: item "
       "}] }\n    grade: red\n",
       {"r.yaml:4:72 error FS426"}},
  };
  for (const Row& row : rows) expect_issues(row.name, load(rule(row.text)).issues, row.expected);
  const LoadedPack loaded = load(rule("    from: alert\n    by: rule\n    grade: red\n"));
  REQUIRE(loaded.rules);
  const Rule& alerts = *loaded.rules->rules[0];
  CHECK(alerts.over_alerts);
  CHECK(alerts.order == Order::Time);
  CHECK(alerts.sources[0].type == loaded.rules->alert_type);
  CHECK(alerts.sources[0].by[0].slots_read() == std::vector<int>{kAlertRule});
  CHECK(alerts.area_capture >= 0);
  CHECK(!loaded.rules->types.contains("alert"));
  CHECK(load(pack_with_rule("")).rules->alert_type == nullptr);
}

TEST_CASE("group names that name a person") {
  const auto rule = only_rule("    by: { o: outlet, s: sender, k: \"place.keeper + item\" }\n");
  CHECK(rule->group_names_person == std::vector<bool>{false, true, true});
}

}  // namespace
}  // namespace fengsui::rules
