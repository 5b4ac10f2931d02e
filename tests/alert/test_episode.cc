// Sentences of rules.md, "Alerts from hits", one hit after the other.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "alert/episode.h"
#include "base/hash.h"
#include "window/entries.h"

namespace fengsui::alert {
namespace {

using rules::Grade;

EventTime at(int64_t ms) { return EventTime{Duration{ms}}; }

struct Given {
  int64_t time;
  Grade grade;
};

rules::Rule rule_with_quiet(int64_t quiet) {
  rules::Rule rule;
  rule.id = "r";
  rule.has_by = true;
  rule.group_names = {"g"};
  rule.quiet = Duration{quiet};
  return rule;
}

// "open yellow @10", "clear red @30 hits 3, 10..20".
std::string said(const Record& record) {
  const auto ms = [](EventTime t) { return std::to_string(t.time_since_epoch().count()); };
  std::string text = std::string(kRecordKindNames[static_cast<size_t>(record.kind)]) + " " +
                     rules::kGradeNames[static_cast<size_t>(record.grade)] + " @" + ms(record.time);
  if (record.kind == RecordKind::Clear) {
    text +=
        " hits " + std::to_string(record.hits) + ", " + ms(record.opened) + ".." + ms(record.last);
  }
  return text;
}

struct Run {
  std::vector<Record> records;
  std::optional<Episode> open;
};

Run take(const rules::Rule& rule, const std::vector<Given>& hits) {
  Run run;
  const cel::Tables tables;
  const std::vector<cel::Value> group = {cel::Value::string("a")};
  for (const Given& given : hits) {
    Evaluation evaluation;
    evaluation.grade = given.grade;
    window::Room room;
    window::Entries entries;
    entries.append({room, {at(given.time), Arrival{1}}, "s#" + std::to_string(given.time), {}});
    take_hit({rule, tables, group, at(given.time), evaluation, entries.all()}, run.open,
             run.records);
  }
  return run;
}

TEST_CASE("hits become episodes") {
  struct Case {
    const char* what;
    int64_t quiet;
    std::vector<Given> hits;
    std::vector<std::string> records;
    std::optional<int64_t> clear_due;
  };
  const Case cases[] = {
      {"a hit opens", 10, {{5, Grade::Yellow}}, {"open yellow @5"}, 16},
      {"the next ones only add",
       10,
       {{5, Grade::Yellow}, {9, Grade::Yellow}},
       {"open yellow @5"},
       20},
      {"a higher grade than it has had raises",
       10,
       {{5, Grade::Blue}, {6, Grade::Red}, {7, Grade::Orange}, {8, Grade::Red}},
       {"open blue @5", "raise red @6"},
       19},
      {"each step up is a raise",
       10,
       {{5, Grade::Blue}, {6, Grade::Yellow}, {7, Grade::Orange}},
       {"open blue @5", "raise yellow @6", "raise orange @7"},
       18},
      {"a hit at last + quiet still belongs to it",
       10,
       {{5, Grade::Blue}, {15, Grade::Blue}},
       {"open blue @5"},
       26},
      {"past last + quiet it clears first, then opens",
       10,
       {{5, Grade::Blue}, {7, Grade::Red}, {18, Grade::Blue}},
       {"open blue @5", "raise red @7", "clear red @17 hits 2, 5..7", "open blue @18"},
       29},
      {"a late hit counts, but does not pull last back",
       10,
       {{5, Grade::Blue}, {9, Grade::Blue}, {2, Grade::Blue}, {20, Grade::Blue}},
       {"open blue @5", "clear blue @19 hits 3, 5..9", "open blue @20"},
       31},
      {"a late hit may raise, at its own time",
       10,
       {{5, Grade::Blue}, {2, Grade::Orange}},
       {"open blue @5", "raise orange @2"},
       16},
      {"quiet 0: every hit opens, none clears",
       0,
       {{5, Grade::Blue}, {5, Grade::Blue}, {9, Grade::Red}},
       {"open blue @5", "open blue @5", "open red @9"},
       std::nullopt},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    const rules::Rule rule = rule_with_quiet(c.quiet);
    const Run run = take(rule, c.hits);
    std::vector<std::string> records;
    for (const Record& record : run.records) records.push_back(said(record));
    CHECK(records == c.records);
    CHECK(run.open.has_value() == c.clear_due.has_value());
    if (run.open && c.clear_due) CHECK(clear_due(*run.open, rule) == at(*c.clear_due));
  }
}

TEST_CASE("records are numbered within their alert, the clear included") {
  const rules::Rule rule = rule_with_quiet(10);
  const Run run = take(rule, {{1, Grade::Blue}, {2, Grade::Red}, {50, Grade::Blue}});
  REQUIRE(run.records.size() == 4);
  const std::vector<uint32_t> numbers = {run.records[0].number, run.records[1].number,
                                         run.records[2].number, run.records[3].number};
  CHECK(numbers == std::vector<uint32_t>{1, 2, 3, 1});
  CHECK(run.records[0].alert == run.records[2].alert);
  CHECK(run.records[0].alert != run.records[3].alert);
}

TEST_CASE("the alert's id: rule id, group values and the newest event, joined by U+001F") {
  using V = cel::Value;
  struct Case {
    const char* what;
    bool has_by;
    std::vector<V> group;
    std::string hashed;
  };
  const Case cases[] = {
      {"values as in the order of timers",
       true,
       {V::string("甲"), V::integer(-7), V::boolean(true)},
       "r\x1f甲\x1f-7\x1ftrue\x1fs/1#new"},
      {"without by there are none", false, {V::string("s/1"), V::string("new")}, "r\x1fs/1#new"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    rules::Rule rule = rule_with_quiet(1);
    rule.has_by = c.has_by;
    Evaluation evaluation;
    evaluation.grade = Grade::Blue;
    window::Room room;
    window::Entries entries;
    entries.append({room, {at(1), Arrival{1}}, "s/1#old", {}});
    entries.append({room, {at(2), Arrival{2}}, "s/1#new", {}});
    std::optional<Episode> open;
    std::vector<Record> records;
    take_hit({rule, {}, c.group, at(2), evaluation, entries.all()}, open, records);
    CHECK(records.at(0).alert == sha256_hex(c.hashed).substr(0, 16));
    CHECK(records[0].evidence == std::vector<std::string>{"s/1#old", "s/1#new"});
  }
}

TEST_CASE("evidence: oldest first, the newest 20") {
  const rules::Rule rule = rule_with_quiet(1);
  Evaluation evaluation;
  evaluation.grade = Grade::Blue;
  window::Room room;
  window::Entries entries;
  for (int i = 0; i < 25; ++i) {
    entries.append({room, {at(i), Arrival{1}}, "s#" + std::to_string(i), {}});
  }
  std::optional<Episode> open;
  std::vector<Record> records;
  take_hit({rule, {}, {cel::Value::string("a")}, at(24), evaluation, entries.all()}, open, records);
  REQUIRE(records.at(0).evidence.size() == 20);
  CHECK(records[0].evidence.front() == "s#5");
  CHECK(records[0].evidence.back() == "s#24");
}

TEST_CASE("an episode's stored form") {
  const Episode episode{"0123456789abcdef", Grade::Orange, at(5), at(-3), 1ull << 40, 7,
                        {{Grade::Yellow, "620502"}, {Grade::Orange, std::nullopt}}};
  std::string bytes;
  ByteWriter out(bytes);
  encode_episode(out, episode);
  ByteReader in(bytes);
  const Episode read = decode_episode(in);
  CHECK((in.ok() && in.at_end()));
  CHECK(read.alert == episode.alert);
  CHECK(read.highest == episode.highest);
  CHECK(read.opened == episode.opened);
  CHECK(read.last == episode.last);
  CHECK(read.hits == episode.hits);
  CHECK(read.records == episode.records);
  REQUIRE(read.told.size() == 2);
  CHECK(read.told[0].grade == Grade::Yellow);
  CHECK(read.told[0].area == "620502");
  CHECK(read.told[1].grade == Grade::Orange);
  CHECK_FALSE(read.told[1].area);
}

TEST_CASE("an episode that an earlier version stored was told of by its grade") {
  std::string bytes;
  ByteWriter out(bytes);
  encode_episode(out, {"0123456789abcdef", Grade::Orange, at(5), at(9), 3, 2, {}});
  bytes.pop_back();  // what was told: none
  ByteReader in(bytes);
  const Episode read = decode_episode(in, /*has_told=*/false);
  CHECK((in.ok() && in.at_end()));
  REQUIRE(read.told.size() == 1);
  CHECK(read.told[0].grade == Grade::Orange);
  CHECK_FALSE(read.told[0].area);
}

}  // namespace
}  // namespace fengsui::alert
