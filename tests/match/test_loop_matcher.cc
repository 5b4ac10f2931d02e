#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cel/expression.h"
#include "match/matcher.h"

namespace fengsui::match {
namespace {

using Answer = MatchListener::Answer;
using V = cel::Value;

constexpr int kA = event::kEnvelopeSlots, kB = kA + 1;

cel::Program compile(const std::string& text) {
  cel::Environment environment;
  const auto declare = [&](const char* name, cel::Type type, int slot) {
    cel::Variable variable;
    variable.type = std::move(type);
    variable.slot = slot;
    environment.declare(name, variable);
  };
  declare("a", cel::Type::of(cel::Type::Kind::Dyn), kA);
  declare("b", cel::Type::of(cel::Type::Kind::Int), kB);
  const auto syntax = cel::parse(text);
  REQUIRE(syntax.has_value());
  const cel::Checked checked = cel::check(*syntax, environment);
  REQUIRE(checked.program.has_value());
  return *checked.program;
}

std::shared_ptr<const event::EventType> type_named(const char* name) {
  event::Field root;
  root.type = event::FieldType::Object;
  root.properties.resize(2);
  root.properties[0].name = root.properties[0].path = "a";
  root.properties[1].name = root.properties[1].path = "b";
  return std::make_shared<event::EventType>(name, "", root);
}

struct Spec {
  std::string id;
  std::optional<std::string> when;
  std::vector<std::string> by;
  rules::Mode mode = rules::Mode::Live;
};

std::shared_ptr<const rules::RuleSet> rules_of(const std::vector<Spec>& specs,
                                               std::shared_ptr<const event::EventType> type) {
  auto set = std::make_shared<rules::RuleSet>();
  for (const Spec& spec : specs) {
    auto rule = std::make_shared<rules::Rule>();
    rule->id = spec.id;
    rule->index = RuleIndex{static_cast<uint32_t>(set->rules.size())};
    rule->mode = spec.mode;
    rule->has_by = !spec.by.empty();
    rule->captures = 2;
    rules::RuleSource source;
    source.type = type;
    if (spec.when) source.when = compile(*spec.when);
    for (const std::string& by : spec.by) source.by.push_back(compile(by));
    source.captures = {compile("b"), compile("10 / b")};
    rule->sources.push_back(std::move(source));
    set->rules.push_back(std::move(rule));
  }
  return set;
}

event::Event event_of(const event::EventType* type, V a, V b) {
  event::Event event;
  event.type = type;
  event.time = EventTime{Duration{77}};
  event.slots = {V::string("e1"), V::string("src"), V::string("t"),
                 V::null(),       std::move(a),     std::move(b)};
  return event;
}

class Heard final : public MatchListener {
 public:
  void asked(const Asked& asked) override {
    answers.emplace_back(asked.rule.id, asked.answer);
    errors.push_back(asked.error.is_error());
  }
  std::vector<std::pair<std::string, Answer>> answers;
  std::vector<bool> errors;
};

TEST_CASE("the loop's answers") {
  struct Case {
    const char* what;
    Spec spec;
    V a, b;
    Answer answer;
    bool error;
    std::vector<V> group;
  };
  const V s = V::string("x"), one = V::integer(1), none = V::missing();
  const Case cases[] = {
      {"without when every event counts", {"r", {}, {"a"}}, s, one, Answer::Matched, false, {s}},
      {"when holds", {"r", "b == 1", {"a"}}, s, one, Answer::Matched, false, {s}},
      {"when does not hold", {"r", "b == 2", {"a"}}, s, one, Answer::WhenFalse, false, {}},
      {"an error counts as false", {"r", "b == 1", {"a"}}, s, none, Answer::WhenError, true, {}},
      {"an error may be absorbed",
       {"r", "b == 1 || true", {"a"}},
       s,
       none,
       Answer::Matched,
       false,
       {s}},
      {"a value that is no bool counts as an error",
       {"r", "a", {"b"}},
       s,
       one,
       Answer::WhenError,
       true,
       {}},
      {"by: values of each kind",
       {"r", {}, {"a", "b", "b == 1"}},
       s,
       one,
       Answer::Matched,
       false,
       {s, one, V::boolean(true)}},
      {"by: one is missing", {"r", {}, {"b", "a"}}, none, one, Answer::GroupMissing, true, {}},
      {"by: one errs", {"r", {}, {"1 / (b - 1)"}}, s, one, Answer::GroupMissing, true, {}},
      {"by: no double", {"r", {}, {"a"}}, V::real(1), one, Answer::GroupMissing, false, {}},
      {"by: no uint", {"r", {}, {"a"}}, V::uinteger(1), one, Answer::GroupMissing, false, {}},
      {"by: not null", {"r", {}, {"a"}}, V::null(), one, Answer::GroupMissing, false, {}},
      {"without by: source, id",
       {"r", {}, {}},
       s,
       one,
       Answer::Matched,
       false,
       {V::string("src"), V::string("e1")}},
  };
  const auto type = type_named("t");
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    const auto matcher = make_loop_matcher(rules_of({c.spec}, type));
    std::vector<Match> matches;
    Heard heard;
    matcher->match(event_of(type.get(), c.a, c.b), matches, &heard);
    REQUIRE(heard.answers.size() == 1);
    CHECK(heard.answers[0].second == c.answer);
    CHECK(heard.errors[0] == c.error);
    REQUIRE(matches.size() == (c.answer == Answer::Matched ? 1 : 0));
    if (matches.empty()) continue;
    CHECK(matches[0].group() == bytes_of(c.group));
    CHECK(matches[0].event() == "src#e1");
    CHECK(matches[0].time == EventTime{Duration{77}});
    CHECK(values_of(matches[0].captures()).size() == 2);
  }
}

TEST_CASE("rules in id order; disabled ones and other types are not asked; errors are captured") {
  const auto type = type_named("t"), other = type_named("u");
  const auto rules = rules_of({{"a", {}, {"b"}},
                               {"b", "false", {}},
                               {"c", {}, {}, rules::Mode::Disabled},
                               {"d", {}, {}, rules::Mode::Shadow}},
                              type);
  const auto matcher = make_loop_matcher(rules);
  std::vector<Match> matches(1);  // appended to
  Heard heard;
  matcher->match(event_of(type.get(), V::null(), V::integer(0)), matches, &heard);
  REQUIRE(matches.size() == 3);
  CHECK(matches[1].rule == RuleIndex{0});
  CHECK(matches[2].rule == RuleIndex{3});
  const std::vector<V> captures = values_of(matches[1].captures());
  CHECK(captures[0].as_int() == 0);
  CHECK(captures[1].is_error());
  const std::vector<std::pair<std::string, Answer>> answers = {
      {"a", Answer::Matched}, {"b", Answer::WhenFalse}, {"d", Answer::Matched}};
  CHECK(heard.answers == answers);
  matcher->match(event_of(other.get(), V::null(), V::integer(0)), matches);
  CHECK(matches.size() == 3);
}

TEST_CASE("exceptions: the first in force that holds is named, after when and before the group") {
  const auto type = type_named("t");
  auto rule = std::make_shared<rules::Rule>();
  rule->exceptions = {"ended", "errs", "ones", "all"};
  rules::RuleSource source;
  source.type = type;
  source.when = compile("b < 3");
  source.exceptions = {{"ended", compile("true"), EventTime{Duration{77}}},
                       {"errs", compile("1 / (b - b) == 1"), {}},
                       {"ones", compile("b == 1"), EventTime{Duration{78}}},
                       {"all", compile("b > 0"), {}}};
  rule->sources = {source};
  auto rules = std::make_shared<rules::RuleSet>();
  rules->rules = {rule};
  class Exceptions final : public MatchListener {
   public:
    void asked(const Asked& asked) override { heard.emplace_back(asked.answer, asked.exception); }
    std::vector<std::pair<Answer, size_t>> heard;
  } heard;
  const auto matcher = make_loop_matcher(rules);
  std::vector<Match> matches;
  for (const int64_t b : {0, 1, 2, 3}) {
    matcher->match(event_of(type.get(), V::null(), V::integer(b)), matches, &heard);
  }
  const std::vector<std::pair<Answer, size_t>> wanted = {
      {Answer::Matched, 0}, {Answer::Excepted, 2}, {Answer::Excepted, 3}, {Answer::WhenFalse, 0}};
  CHECK(heard.heard == wanted);
  CHECK(matches.size() == 1);
}

TEST_CASE("seen_by: every other group once, the first name's values slowest") {
  const auto type = type_named("t");
  struct Case {
    const char* what;
    std::vector<std::string> by;
    std::vector<std::string> seen_by;  // by name; empty: the event's own value
    std::string groups;                // the own one first
  };
  const Case cases[] = {
      {"none", {"b"}, {}, "1 "},
      {"one name", {"b"}, {"[2, 3]"}, "1 2 3 "},
      {"never its own, each once", {"b"}, {"[1, 2, 2, 1]"}, "1 2 "},
      {"kinds count", {"b"}, {"dyn([true, '1', 1.0, 1u, [1], 2])"}, "1 true '1' 2 "},
      {"one that errs gives none", {"b"}, {"[1 / (b - 1)]"}, "1 "},
      {"no list gives none", {"b"}, {"a"}, "1 "},
      {"other names keep their value", {"b", "b + 10"}, {"", "[5, 6]"}, "1,11 1,5 1,6 "},
      {"two names", {"b", "b"}, {"[1, 2]", "[1, 3]"}, "1,1 1,3 2,1 2,3 "},
      {"two names, one of none", {"b", "b"}, {"[2]", "[]"}, "1,1 "},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    const auto rules = rules_of({{"r", {}, c.by}}, type);
    auto rule = std::make_shared<rules::Rule>(*rules->rules[0]);
    for (const std::string& text : c.seen_by) {
      std::optional<cel::Program>& seen_by = rule->sources[0].seen_by.emplace_back();
      if (!text.empty()) seen_by = compile(text);
    }
    auto set = std::make_shared<rules::RuleSet>();
    set->rules = {rule};
    std::vector<Match> matches;
    make_loop_matcher(set)->match(event_of(type.get(), V::string("x"), V::integer(1)), matches);
    std::string groups;
    for (const Match& match : matches) {
      CHECK(match.only_seen == (&match != &matches.front()));
      const std::vector<V> values = values_of(match.group());
      for (const V& value : values) {
        const std::string text = cel::to_string(value).as_string();
        groups += (&value == &values.front() ? "" : ",") +
                  (value.kind() == cel::Kind::String ? "'" + text + "'" : text);
      }
      groups += ' ';
    }
    CHECK(groups == c.groups);
  }
}

TEST_CASE("a sequence: one match a step that fits, with that step's captures") {
  const auto type = type_named("t"), other = type_named("u");
  const auto rules = rules_of({{"a", {}, {"b"}}, {"s", {}, {"b"}}}, type);
  auto rule = std::make_shared<rules::Rule>(*rules->rules[1]);
  rules::RuleSource second = rule->sources[0], third = second, fourth = second;
  second.captures = {compile("b + 5")};
  third.when = compile("false");
  fourth.type = other;
  rule->sources.insert(rule->sources.end(), {third, fourth, second});
  rule->sequence.emplace();
  auto set = std::make_shared<rules::RuleSet>();
  set->rules = {rules->rules[0], rule};
  std::vector<Match> matches;
  make_loop_matcher(set)->match(event_of(type.get(), V::null(), V::integer(1)), matches);
  REQUIRE(matches.size() == 3);
  CHECK(matches[0].rule == RuleIndex{0});
  CHECK(matches[1].step == 0);
  CHECK(values_of(matches[1].captures())[0].as_int() == 1);
  CHECK(matches[2].step == 3);
  CHECK(values_of(matches[2].captures())[0].as_int() == 6);
}

TEST_CASE("rules over alerts have a matcher of their own") {
  const auto type = type_named("t");
  const auto plain = rules_of({{"a", {}, {"b"}}, {"b", {}, {"b"}}}, type);
  auto over_alerts = std::make_shared<rules::Rule>(*plain->rules[1]);
  over_alerts->over_alerts = true;
  auto set = std::make_shared<rules::RuleSet>();
  set->rules = {plain->rules[0], over_alerts};
  std::vector<Match> matches;
  make_loop_matcher(set)->match(event_of(type.get(), V::null(), V::integer(1)), matches);
  make_alert_matcher(set)->match(event_of(type.get(), V::null(), V::integer(1)), matches);
  REQUIRE(matches.size() == 2);
  CHECK(matches[0].rule == RuleIndex{0});
  CHECK(matches[1].rule == RuleIndex{1});
}

}  // namespace
}  // namespace fengsui::match
