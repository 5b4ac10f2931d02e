#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "alert/evaluation.h"
#include "alert/record.h"
#include "cel/expression.h"

namespace fengsui::alert {
namespace {

using V = cel::Value;

EventTime at(const char* text) { return to_event_time(*parse_rfc3339(text)); }

rules::Rule rule_by(std::vector<std::string> names) {
  rules::Rule rule;
  rule.id = "courier-hazard-burst";
  rule.has_by = !names.empty();
  rule.group_names = std::move(names);
  rule.labels = {{"department", "postal"}, {"a", "\"b\""}};
  return rule;
}

Record opened() {
  Record record;
  record.alert = "9f0c000000000000";
  record.grade = rules::Grade::Yellow;
  record.time = at("2026-03-01T08:12:09.48+08:00");
  record.group = {V::string("OUT00954")};
  record.values = {{"parcels", V::integer(3)}, {"weight", V::real(4.5)}};
  record.evidence = {"courier/00#e1", "courier/00#e2"};
  record.area = "6205010051644";
  record.message = "一小时内收寄危险物品 3 件";
  return record;
}

TEST_CASE("an open as a replay prints it") {
  CHECK(replay_line(opened(), rule_by({"outlet"})) ==
        R"({"kind":"open","alert":"9f0c000000000000","rule":"courier-hazard-burst",)"
        R"("grade":"yellow","time":"2026-03-01T00:12:09.480Z","group":{"outlet":"OUT00954"},)"
        R"("values":{"parcels":3,"weight":4.5},"evidence":["courier/00#e1","courier/00#e2"],)"
        R"("labels":{"a":"\"b\"","department":"postal"},"area":"6205010051644",)"
        R"("message":"一小时内收寄危险物品 3 件"})");
}

TEST_CASE("what is not there") {
  Record record = opened();
  record.kind = RecordKind::Raise;
  record.values.clear();
  record.area.reset();
  record.message.reset();
  record.group = {V::string("courier/00"), V::string("e1")};
  rules::Rule rule = rule_by({});
  rule.labels.clear();
  CHECK(replay_line(record, rule) ==
        R"({"kind":"raise","alert":"9f0c000000000000","rule":"courier-hazard-burst",)"
        R"("grade":"yellow","time":"2026-03-01T00:12:09.480Z","group":{},"values":{},)"
        R"("evidence":["courier/00#e1","courier/00#e2"],"labels":{},"area":null})");
}

TEST_CASE("group and values are JSON as it is") {
  Record record = opened();
  record.group = {V::integer(-7), V::boolean(true), V::string("a\"\n")};
  record.values = {{"nan", V::real(std::nan(""))},
                   {"inf", V::real(-INFINITY)},
                   {"whole", V::real(2)},
                   {"at", V::timestamp({0, 0})},
                   {"for", V::duration({90, 0})},
                   {"bytes", V::bytes("\x01\xff")},
                   {"list", V::list({V::integer(1), V::null()})}};
  const std::string line = replay_line(record, rule_by({"n", "outlet.open", "s"}));
  CHECK(line.find(R"("group":{"n":-7,"outlet.open":true,"s":"a\"\n"})") != std::string::npos);
  CAPTURE(line);
  CHECK(line.find(R"("nan":"NaN","inf":"-Infinity","whole":2.0,)"
                  R"("at":"1970-01-01T00:00:00Z","for":"90s","bytes":"Af8=","list":[1,null]})") !=
        std::string::npos);
}

TEST_CASE("a clear, and the queue's message") {
  Record record = opened();
  record.kind = RecordKind::Clear;
  record.number = 3;
  record.hits = 4;
  record.opened = at("2026-03-01T00:12:09.480Z");
  record.last = at("2026-03-01T00:20:00Z");
  const std::string fields =
      R"("kind":"clear","alert":"9f0c000000000000","rule":"courier-hazard-burst",)"
      R"("grade":"yellow","time":"2026-03-01T00:12:09.480Z","group":{"outlet":"OUT00954"},)"
      R"("hits":4,"opened":"2026-03-01T00:12:09.480Z","last":"2026-03-01T00:20:00.000Z")";
  CHECK(replay_line(record, rule_by({"outlet"})) == "{" + fields + "}");
  CHECK(queue_message(record, rule_by({"outlet"}), "cafe") ==
        R"({"schema":"fengsui.alert/1",)" + fields +
            R"(,"record":3,"title":"","department":"postal","pack":"cafe"})");
}

// A row of one capture x (a string or missing) and two lets: n, and half = 10 / n.
rules::Rule rule_with_lets() {
  cel::Environment environment;
  const auto declare = [&](const char* name, cel::Type::Kind kind, int slot) {
    cel::Variable variable;
    variable.type = cel::Type::of(kind);
    variable.slot = slot;
    environment.declare(name, variable);
  };
  declare("x", cel::Type::Kind::String, 0);
  declare("n", cel::Type::Kind::Int, 1);
  declare("part", cel::Type::Kind::Int, 2);
  const auto compile = [&](const char* text) {
    const auto syntax = cel::parse(text);
    REQUIRE(syntax.has_value());
    const cel::Checked checked = cel::check(*syntax, environment);
    REQUIRE(checked.program.has_value());
    return *checked.program;
  };
  rules::Rule rule;
  rule.captures = 1;
  rule.lets = {{"n", rules::Aggregate{}}, {"part", compile("10 / n")}};
  rule.grades = {{rules::Grade::Red, compile("part > 5")},
                 {rules::Grade::Orange, compile("part > 2 || n == 0")},
                 {rules::Grade::Blue, compile("x == 'b'")}};
  rule.has_message = true;
  rule.message = {{"n ", compile("n"), "{n}"},
                  {", ", compile("x"), "{x}"},
                  {" {", compile("10 / n"), "{10 / n}"},
                  {"} ", compile("[n]"), "{[n]}"},
                  {".", std::nullopt, ""}};
  return rule;
}

TEST_CASE("lets in order, then the highest grade that holds; messages") {
  using rules::Grade;
  struct Case {
    const char* what;
    V x;
    int64_t n;
    Grade grade;
    size_t let_errors;
    std::string message;
  };
  const Case cases[] = {
      {"the highest", V::string("b"), 1, Grade::Red, 0, "n 1, b {10} {[n]}."},
      {"the next", V::string("b"), 3, Grade::Orange, 0, "n 3, b {3} {[n]}."},
      {"a grade that errs does not hold, an or may absorb", V::string("b"), 0, Grade::Orange, 1,
       "n 0, b {{10 / n}} {[n]}."},
      {"the last", V::string("b"), 9, Grade::Blue, 0, "n 9, b {1} {[n]}."},
      {"none", V::string("c"), 9, Grade::None, 0, "n 9, c {1} {[n]}."},
      {"a missing field errs", V::missing(), 9, Grade::None, 0, "n 9, {x} {1} {[n]}."},
  };
  const rules::Rule rule = rule_with_lets();
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    const std::vector<V> captures = {c.x};
    std::vector<V> aggregates = {V::integer(c.n), V()};
    const Evaluation evaluation = evaluate(rule, {}, captures, aggregates);
    CHECK(evaluation.grade == c.grade);
    CHECK(evaluation.let_errors == c.let_errors);
    CHECK(evaluation.row.size() == 3);
    CHECK(render_message(rule, {}, evaluation.row) == c.message);
  }
}

TEST_CASE("a grade without a condition holds at every evaluation") {
  rules::Rule rule;
  rule.grades = {{rules::Grade::Orange, std::nullopt}};
  CHECK(evaluate(rule, {}, {}, {}).grade == rules::Grade::Orange);
}

}  // namespace
}  // namespace fengsui::alert
