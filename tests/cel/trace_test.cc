// Program::trace: which conditions an expression has, and what each came to.
#include <doctest/doctest.h>

#include "expression_case.h"

using namespace fengsui::cel;
using namespace fengsui::cel::test;

namespace {

// "text = value" of each condition, a line each.
std::string traced(const World& world, const std::string& text, const std::vector<Value>& slots) {
  const Checked checked = check(*parse(text), world.environment);
  REQUIRE(checked.program);
  std::string out;
  for (const TracedCondition& at : checked.program->trace(world.tables, slots)) {
    if (!out.empty()) out += "\n";
    out += checked.program->text().substr(at.offset, at.end - at.offset) + " = ";
    out += at.value ? shown(*at.value) : "not evaluated";
  }
  return out;
}

}  // namespace

TEST_CASE("each condition is told with its value") {
  const World world;
  struct Case {
    std::string text;
    std::string wanted;
  };
  const Case cases[] = {
      {"urgency > 2", "urgency > 2 = true"},
      {"urgency", "urgency = 3"},
      {"item_category in lists.hazardous_goods && urgency > 5",
       "item_category in lists.hazardous_goods = true\n"
       "urgency > 5 = false\n"
       "item_category in lists.hazardous_goods && urgency > 5 = false"},
      {"urgency > 5 && weight_kg > 1.0",
       "urgency > 5 = false\n"
       "weight_kg > 1.0 = not evaluated\n"
       "urgency > 5 && weight_kg > 1.0 = false"},
      {" (note == 'x' || !verified) && !(urgency == 3) ",
       "note == 'x' = error: no such field\n"
       "verified = false\n"
       "(urgency == 3) = true\n"
       "(note == 'x' || !verified) && !(urgency == 3) = false"},
      {"has(note) ? note == 'x' : text.size() > 3",
       "has(note) = false\n"
       "note == 'x' = not evaluated\n"
       "text.size() > 3 = true\n"
       "has(note) ? note == 'x' : text.size() > 3 = true"},
      // What is constant is calculated beforehand, and told all the same.
      {"1 + 1 == 2 && urgency > 2",
       "1 + 1 == 2 = true\n"
       "urgency > 2 = true\n"
       "1 + 1 == 2 && urgency > 2 = true"},
      {"urgency > 2 && false",
       "urgency > 2 = not evaluated\n"
       "false = false\n"
       "urgency > 2 && false = false"},
      {"true ? urgency > 2 : verified",
       "true = true\n"
       "urgency > 2 = true\n"
       "verified = not evaluated\n"
       "true ? urgency > 2 : verified = true"},
      {"!(1 > 2)", "(1 > 2) = false\n!(1 > 2) = true"},
      // Of one within a macro there are as many values as items; the macro is one condition.
      {"tags.exists(t, t == 'a' && verified) || urgency == 3",
       "tags.exists(t, t == 'a' && verified) = false\n"
       "urgency == 3 = true\n"
       "tags.exists(t, t == 'a' && verified) || urgency == 3 = true"},
      {"[1, 2].all(x, x > 0) && 1 / 0 > 1",
       "[1, 2].all(x, x > 0) = true\n"
       "1 / 0 > 1 = error: division by zero\n"
       "[1, 2].all(x, x > 0) && 1 / 0 > 1 = error: division by zero"},
      {"(urgency > 2) == (verified || urgency > 1)",
       "(urgency > 2) == (verified || urgency > 1) = true"},
      {"'火' in [text] || '煤' in [text] || urgency == 3",
       "'火' in [text] = false\n"
       "'煤' in [text] = false\n"
       "urgency == 3 = true\n"
       "'火' in [text] || '煤' in [text] || urgency == 3 = true"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(traced(world, c.text, world.slots) == c.wanted);
  }
}

TEST_CASE("an argument of a call is traced in its own text") {
  const World world;
  const auto sum = parse("count( urgency > 2 && verified)");
  const Checked checked = check(sum->arguments()[0], world.environment);
  REQUIRE(checked.program);
  const auto conditions = checked.program->trace(world.tables, world.slots);
  REQUIRE(conditions.size() == 3);
  CHECK(checked.program->text() == "urgency > 2 && verified");
  CHECK(conditions[1].offset == 15);
  CHECK(conditions[1].end == 23);
}

TEST_CASE("a program of nothing has its whole alone") {
  const Program none;
  const auto conditions = none.trace({}, {});
  REQUIRE(conditions.size() == 1);
  CHECK(shown(*conditions[0].value) == "null");
  CHECK(conditions[0].end == 4);
}
