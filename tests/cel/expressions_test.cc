// expressions.table: what CEL expressions come to. Each row is `expression ==> result`.
#include <doctest/doctest.h>

#include <fstream>

#include "expression_case.h"

using namespace fengsui::cel;
using namespace fengsui::cel::test;

namespace {

struct Row {
  int line;
  std::string text;
  std::string wanted;
};

std::vector<Row> rows_of(const std::string& file) {
  std::ifstream in(std::string(FENGSUI_TEST_DATA) + "/" + file);
  REQUIRE(in.is_open());
  std::vector<Row> rows;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line.starts_with("# ")) continue;
    const size_t arrow = line.rfind(" ==> ");
    REQUIRE_MESSAGE(arrow != line.npos, file << ":" << number);
    rows.push_back({number, line.substr(0, arrow), line.substr(arrow + 5)});
  }
  return rows;
}

}  // namespace

TEST_CASE("expressions come to what the table says") {
  const World world;
  const std::vector<Row> rows = rows_of("expressions.table");
  CHECK(rows.size() > 300);
  for (const Row& row : rows) {
    CAPTURE(row.line);
    CAPTURE(row.text);
    CHECK(evaluated(world, row.text) == row.wanted);
  }
}

TEST_CASE("a constant in a slot comes to the same as in the text") {
  // Constant folding and evaluation are the same code; whatever folds must also run.
  World world;
  for (const Row& row : rows_of("expressions.table")) {
    const auto syntax = parse(row.text);
    if (!syntax) continue;
    const Checked checked = check(*syntax, world.environment);
    if (!checked.program || !checked.program->constant()) continue;
    CAPTURE(row.text);
    const auto whole = parse("[" + row.text + "\n, anything][0]");
    const Checked wrapped = check(*whole, world.environment);
    REQUIRE(wrapped.program);
    CHECK_FALSE(wrapped.program->constant());
    CHECK(shown(wrapped.program->evaluate(world.tables, world.slots)) == row.wanted);
  }
}

TEST_CASE("a trace comes to what an evaluation does, each condition within the text") {
  const World world;
  for (const Row& row : rows_of("expressions.table")) {
    const auto syntax = parse(row.text);
    if (!syntax) continue;
    const Checked checked = check(*syntax, world.environment);
    if (!checked.program) continue;
    CAPTURE(row.text);
    const auto conditions = checked.program->trace(world.tables, world.slots);
    CHECK(shown(*conditions.back().value) == row.wanted);
    size_t last = 0;
    for (size_t i = 0; i + 1 < conditions.size(); ++i) {
      CHECK(conditions[i].offset >= last);
      CHECK(conditions[i].end > conditions[i].offset);
      last = conditions[i].end;
    }
    CHECK(last <= checked.program->text().size());
  }
}
