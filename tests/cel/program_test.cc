// What a Program says of itself, and how it stands to other events and other tables.
#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "expression_case.h"

using namespace fengsui::cel;
using namespace fengsui::cel::test;

namespace {

Program compiled(const World& world, const std::string& text) {
  const Checked checked = check(*parse(text), world.environment);
  REQUIRE(checked.program);
  return *checked.program;
}

}  // namespace

TEST_CASE("a program knows what it reads") {
  const World world;
  const Program program =
      compiled(world,
               "has(note) && weight_kg > 2 && item_category in lists.hazardous_goods && "
               "text.mentions(keywords.gas_leak) && sender == 'x' && weight_kg < 9");
  CHECK(program.slots_read() == std::vector<int>{kCategory, kWeight, kText, kNote, kSender});
  CHECK(program.lists_read() == std::vector<int>{0});
  CHECK(program.keyword_sets_read() == std::vector<int>{0});
  CHECK(program.type().text() == "bool");
  CHECK_FALSE(program.constant());
  CHECK(compiled(world, "outlet.code").slots_read() == std::vector<int>{kCode});
}

TEST_CASE("what is the same for every event is known beforehand") {
  const World world;
  struct Case {
    std::string text;
    const char* wanted;  // empty: it is not
  };
  const Case cases[] = {
      {"1 + 2 * 3", "7"},
      {"false && weight_kg > 3", "false"},
      {"weight_kg > 3 || true", "true"},
      {"true ? 1 : urgency", "1"},
      {"[1, 2, 3].map(x, x * 2)", "[2,4,6]"},
      {"1 / 0 > 1", "error: division by zero"},
      {"elsewhere > 1", "error: no such field"},
      {"has(elsewhere)", "false"},
      {"duration('1m') > duration('59s')", "true"},
      {"urgency > 1", ""},
      {"urgency * 0 == 0", ""},
      {"inArea('1', '1')", ""},
      {"'solvent' in lists.hazardous_goods", ""},
      {"[urgency].size() == 1", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Program program = compiled(world, c.text);
    CHECK((program.constant() ? shown(*program.constant()) : "") == c.wanted);
  }
}

TEST_CASE("arguments of a call are expressions with places of the whole text") {
  const World world;
  const fengsui::Expected<Syntax, Finding> sum = parse(" sum( (weight_kg) * 2, urgensy > 1)");
  REQUIRE(sum);
  REQUIRE(sum->called_function() == "sum");
  const std::vector<Syntax> arguments = sum->arguments();
  REQUIRE(arguments.size() == 2);
  const Checked first = check(arguments[0], world.environment);
  REQUIRE(first.program);
  CHECK(first.program->text() == "(weight_kg) * 2");
  CHECK(shown(first.program->evaluate(world.tables, world.slots)) == "5.0");
  const Checked second = check(arguments[1], world.environment);
  REQUIRE(second.findings.size() == 1);
  CHECK(second.findings[0].offset == 23);

  CHECK(parse("count()")->arguments().empty());
  CHECK_FALSE(parse("text.size()")->called_function());
  CHECK_FALSE(parse("count() + 1")->called_function());
  CHECK_FALSE(parse("count")->called_function());
  // `has` is a call too; the caller knows the names of aggregates.
  CHECK(parse("(has(note))")->called_function() == "has");
}

TEST_CASE("lists, keywords and areas are those of the evaluation") {
  const World world;
  Tables others = world.tables;
  others.lists[0] = std::make_shared<const ValueList>(
      std::vector<std::string>{"limit", "note", "class"},
      std::vector<std::vector<std::string>>{{"solvent", "9", "", "7"}});
  others.keywords =
      std::make_shared<const KeywordSets>(std::vector<std::vector<std::string>>{{"火"}});
  others.areas = std::make_shared<const AreaTable>(std::unordered_map<std::string, std::string>{
      {"620501", "Tianshui"}, {"Tianshui", "Gansu"}, {"Gansu", ""}, {"a", "b"}, {"b", "a"}});
  struct Case {
    std::string text;
    const char* before;
    const char* after;
  };
  const Case cases[] = {
      {"'paint' in lists.hazardous_goods", "true", "false"},
      {"lists.hazardous_goods['solvent'].class", "\"3\"", "\"7\""},
      {"lists.hazardous_goods['solvent'].limit", "\"5\"", "\"9\""},
      {"text.mentions(keywords.gas_leak)", "true", "false"},
      {"inArea(outlet.code, 'Gansu')", "false", "true"},
      {"inArea(outlet.code, '620501')", "true", "true"},
      {"inArea(outlet.code, '6205')", "true", "false"},
      {"inArea('nowhere', 'nowhere')", "true", "true"},
      {"inArea('a', 'c')", "false", "false"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Program program = compiled(world, c.text);
    CHECK(shown(program.evaluate(world.tables, world.slots)) == c.before);
    CHECK(shown(program.evaluate(others, world.slots)) == c.after);
  }
  // A column that the new list has not.
  others.lists[0] = std::make_shared<const ValueList>(
      std::vector<std::string>{"limit"}, std::vector<std::vector<std::string>>{{"solvent", "9"}});
  const Program column = compiled(world, "lists.hazardous_goods['solvent'].class");
  CHECK(shown(column.evaluate(others, world.slots)) == "error: no such key");
}

TEST_CASE("another event, another value") {
  const World world;
  struct Case {
    std::string text;
    int slot;
    Value value;
    const char* wanted;
  };
  const Case cases[] = {
      {"has(note) && note == 'x'", kNote, Value::string("x"), "true"},
      {"note.startsWith('x')", kNote, Value::string("xy"), "true"},
      {"weight_kg > 2", kWeight, Value::missing(), "error: no such field"},
      {"weight_kg > 2 || urgency == 3", kWeight, Value::missing(), "true"},
      {"weight_kg > 2 && urgency == 4", kWeight, Value::missing(), "false"},
      {"has(shop.code)", kParent, Value::string("S1"), "true"},
      {"has(shop.code)", kParent, Value::missing(), "false"},
      {"sender", kSender, Value::missing(), "error: no such field"},
      {"has(sender)", kSender, Value::missing(), "false"},
      {"has(sender)", kSender, Value::error(ErrorCode::MissingParent),
       "error: no object to hold the field"},
      {"tags.exists(t, t == 'b')", kTags, Value::missing(), "error: no such field"},
      {"tags.exists(t, t == 'b')", kTags, Value::list({}), "false"},
      {"anything in ['a', 1, true]", kAnything, Value::real(1), "true"},
      {"anything in ['a', 1, true]", kAnything, Value::uinteger(2), "false"},
      {"anything in ['a', 1, true]", kAnything, Value(), "false"},
      {"text.matches('煤气.*leak')", kText, Value::string("没有"), "false"},
      {"anything.a.b", kAnything,
       Value::map({{Value::string("a"), Value::map({{Value::string("b"), Value::integer(4)}})}}),
       "4"},
      {"has(anything.a) ? anything.a : 0", kAnything, Value::map({}), "0"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Program program = compiled(world, c.text);
    CHECK(shown(program.evaluate(world.tables, world.slots_with(c.slot, c.value))) == c.wanted);
  }
}

TEST_CASE("holds() is what is true, whatever the slots have") {
  const World world;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Value values[] = {Value(),
                          Value::boolean(true),
                          Value::boolean(false),
                          Value::integer(2),
                          Value::integer(3),
                          Value::integer(INT64_MAX),
                          Value::uinteger(3),
                          Value::uinteger(UINT64_MAX),
                          Value::real(3.0),
                          Value::real(2.5),
                          Value::real(9223372036854775808.0),
                          Value::real(nan),
                          Value::string("3"),
                          Value::list({Value::integer(3)}),
                          Value::missing(),
                          Value::error(ErrorCode::DivisionByZero)};
  const std::string constants[] = {"3", "3.0", "2.5", "-1", "9223372036854775807", "3u", "'3'",
                                   "true"};
  std::vector<std::string> tests;
  for (const char* op : {" < ", " <= ", " > ", " >= ", " == ", " != "}) {
    for (const std::string& constant : constants) {
      tests.push_back("anything" + (op + constant));
      tests.push_back(constant + op + "anything");
    }
  }
  size_t held = 0;
  const auto check = [&](const std::string& text) {
    CAPTURE(text);
    const Program program = compiled(world, text);
    for (const Value& value : values) {
      const std::vector<Value> slots = world.slots_with(kAnything, value);
      const bool holds = program.holds(world.tables, slots);
      CAPTURE(shown(value));
      CHECK(holds == program.evaluate(world.tables, slots).is_true());
      held += holds ? 1 : 0;
    }
  };
  for (const std::string& text : tests) check(text);
  std::mt19937 random(1);
  const auto any = [&] { return tests[random() % tests.size()]; };
  for (int i = 0; i < 300; ++i) {
    check("(" + any() + " || " + any() + ") && (" + any() + " || urgency == 3 && " + any() + ")");
    check(any() + " && " + any() + " || " + any() + " && !verified || !(" + any() + ")");
  }
  CHECK(held > 1000);
}

TEST_CASE("a dynamic check leaves what does not fit to the evaluation") {
  const World world;
  struct Case {
    std::string text;
    const char* wanted;
  };
  const Case cases[] = {
      {"1 == 'a'", "false"},
      {"1 == 'a' || urgency == 3", "true"},
      {"urgency + 'a'", "error: no matching overload: +"},
      {"urgency == 3 || urgensy > 1", "true"},
      {"urgensy > 1", "error: no matching overload: unknown name `urgensy`"},
      {"text.foo() && false", "false"},
      {"'horses' && false", "false"},
      {"verified ? 1 : 'a'", "\"a\""},
      {"note == 'x'", "error: no such field"},
      {"has(note)", "false"},
      {"[1, 'a'].map(x, x + 1)", "error: no matching overload: +"},
      {"item_category in lists.hazardous_goods", "true"},
      {"text.mentionCount(keywords.gas_leak)", "3"},
      {"'x'.matches('(')", "error: no matching overload: no RE2 pattern: missing ): ("},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Checked checked = check_dynamically(*parse(c.text), world.environment);
    REQUIRE(checked.program);
    CHECK(checked.findings.empty());
    CHECK(shown(checked.program->evaluate(world.tables, world.slots)) == c.wanted);
  }
  const Checked form = check_dynamically(*parse("tags.all(1)"), world.environment);
  CHECK_FALSE(form.program);
  CHECK(form.findings.size() == 1);
}

TEST_CASE("an environment is a value") {
  World world;
  Environment copy = world.environment;
  copy.declare("only_here", variable(Type::of(Type::Kind::Int), kUrgency));
  CHECK(check(*parse("only_here"), copy).program);
  CHECK_FALSE(check(*parse("only_here"), world.environment).program);
  // A later declaration hides the earlier one: a `let` name hides a field.
  copy.declare("weight_kg", variable(Type::of(Type::Kind::String), kText));
  CHECK(check(*parse("weight_kg"), copy).program->type().text() == "string");
  const Program none;
  CHECK(shown(none.evaluate(world.tables, {})) == "null");
}

TEST_CASE("where a braced expression ends") {
  struct Case {
    std::string text;
    std::optional<size_t> wanted;
  };
  const Case cases[] = {
      {"n} rest", 1},
      {"}", 0},
      {"'}'} rest", 3},
      {"\"a}b\" + '''}''' }", 16},
      {"{'a': 1}['a']}", 13},
      {"'\\'}'}", 5},
      {"'\\q}'}", 5},
      {"r'\\'}", 4},
      {"a // }\n}", 7},
      {"f(}", 2},
      {"a @ b}", 5},
      {"12abc}", 5},
      {"n", std::nullopt},
      {"", std::nullopt},
      {"'n}", std::nullopt},
      {"{}", std::nullopt},
      {"件}", 3},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(length_to_closing_brace(c.text) == c.wanted);
  }
}
