// What a good pack compiles to, and how findings are printed.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "pack_fixture.h"

namespace fengsui::rules {
namespace {

std::vector<std::string> needed(const event::EventType& type) {
  std::vector<std::string> out;
  for (const event::Field* field : type.fields()) {
    if (field->needed) out.push_back(field->path);
  }
  return out;
}

// An event's slots with these values.
std::vector<cel::Value> slots_of(const event::EventType& type,
                                 const std::map<std::string, cel::Value>& values) {
  std::vector<cel::Value> slots(static_cast<size_t>(type.slots()), cel::Value::missing());
  slots[event::kSlotId] = cel::Value::string("e1");
  slots[event::kSlotSource] = cel::Value::string("s");
  for (const auto& [path, value] : values) slots[type.find(path)->slot] = value;
  return slots;
}

using Strings = std::vector<std::string>;

TEST_CASE("captures: arguments first, then what the row reads, then the area") {
  const auto rule = only_rule(
      "    window: { sliding: 1h }\n    by: place.cell\n"
      "    let:\n      kg: sum(weight, ok)\n      same: avg( weight )\n      n: count( (ok) )\n"
      "      twice: kg * 2.0 + double(pieces)\n"
      "    grade: { red: n > 2 && item == 'x', yellow: ok }\n"
      "    message: \"{item} {data.item} {kg} {event.id}\"\n");
  CHECK(texts(rule->sources[0].captures) ==
        Strings{"ok", "weight", "event.id", "item", "pieces", "area"});
  CHECK(rule->captures == 6);
  CHECK(rule->area_capture == 5);
  REQUIRE(rule->lets.size() == 4);
  const auto& kg = std::get<Aggregate>(rule->lets[0].value);
  CHECK(kg.function == Aggregate::Function::Sum);
  CHECK(kg.argument == 1);
  CHECK(kg.where == 0);
  CHECK(std::get<Aggregate>(rule->lets[1].value).argument == 1);
  CHECK(std::get<Aggregate>(rule->lets[1].value).where == -1);
  CHECK(std::get<Aggregate>(rule->lets[2].value).argument == -1);
  CHECK(std::get<Aggregate>(rule->lets[2].value).where == 0);

  // [captures…, lets…]
  std::vector<cel::Value> row(rule->row_size());
  row[0] = cel::Value::boolean(true);
  row[3] = cel::Value::string("x");
  row[4] = cel::Value::integer(3);
  row[6] = cel::Value::real(1.5);
  row[8] = cel::Value::integer(9);
  const cel::Tables tables;
  const auto& twice = std::get<cel::Program>(rule->lets[3].value);
  CHECK(twice.evaluate(tables, row).as_double() == 6.0);
  REQUIRE(rule->grades.size() == 2);
  CHECK(rule->grades[0].first == Grade::Red);
  CHECK(rule->grades[0].second->evaluate(tables, row).is_true());
  CHECK(rule->grades[1].first == Grade::Yellow);
  row[8] = cel::Value::integer(1);
  CHECK(!rule->grades[0].second->evaluate(tables, row).is_true());
  REQUIRE(rule->message.size() == 4);
  CHECK(rule->message[1].text == " ");
  CHECK(rule->message[1].source == "{data.item}");
  CHECK(rule->message[1].program->evaluate(tables, row).as_string() == "x");
}

TEST_CASE("a let hides a field in the row, not in an aggregate, nor under data") {
  const auto rule = only_rule(
      "    let: { weight: count(weight > 1), w: data.weight }\n    grade: { red: weight == 7 }\n");
  CHECK(texts(rule->sources[0].captures) == Strings{"weight > 1", "weight", "area"});
  std::vector<cel::Value> row(rule->row_size());
  row[3] = cel::Value::integer(7);
  CHECK(rule->grades[0].second->evaluate({}, row).is_true());
}

TEST_CASE("messages: braces and parts") {
  const auto rule = only_rule("    message: \"{{a}} {outlet}}}{{\"\n");
  REQUIRE(rule->message.size() == 2);
  CHECK(rule->has_message);
  CHECK(rule->message[0].text == "{a} ");
  CHECK(rule->message[0].source == "{outlet}");
  CHECK(rule->message[1].text == "}{");
  CHECK(!rule->message[1].program);
  CHECK(!only_rule("")->has_message);
}

TEST_CASE("quiet by default") {
  struct Row {
    const char* body;
    Duration quiet;
  };
  const Row rows[] = {
      {"", Duration{0}},
      {"    window: { sliding: 2h }\n", Duration{0}},
      {"    by: outlet\n", std::chrono::hours(1)},
      {"    by: outlet\n    window: { sliding: 2h }\n", std::chrono::hours(2)},
      {"    by: outlet\n    window: { tumbling: 90m }\n", std::chrono::minutes(90)},
      {"    by: outlet\n    window: { sliding: 2h }\n    quiet: 5m\n", std::chrono::minutes(5)},
      {"    by: outlet\n    quiet: 0\n", Duration{0}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body);
    CHECK(only_rule(row.body)->quiet == row.quiet);
  }
}

TEST_CASE("groups: names are those of the first type") {
  CHECK(only_rule("    by: place.cell\n")->group_names == Strings{"place.cell"});
  CHECK(only_rule("    by: [outlet, ok]\n")->group_names == Strings{"outlet", "ok"});
  CHECK(only_rule("    by: { a: outlet, b: pieces + 1 }\n")->group_names == Strings{"a", "b"});
  CHECK(!only_rule("")->has_by);
  const LoadedPack loaded = load(
      {{"schemas/s.yaml",
        "event: a\nproperties: { x: { type: string } }\n---\n"
        "event: b\nproperties: { y: { type: string }, z: { type: string, x-area: true } }\n"},
       {"r.yaml",
        "rules:\n  - id: r\n    from: { a: { by: x }, b: { by: y } }\n    grade: red\n"
        "    message: \"{has(x) ? x : y}\"\n    purpose: { use: u, basis: b, retain: 1d }\n"}});
  REQUIRE_MESSAGE(loaded.rules, as_text(loaded.issues));
  const Rule& rule = *loaded.rules->rules[0];
  CHECK(rule.group_names == Strings{"x"});
  REQUIRE(rule.sources.size() == 2);
  CHECK(rule.sources[0].type == loaded.rules->types.at("a"));
  CHECK(texts(rule.sources[1].by) == Strings{"y"});
  // x, y, area: the same index in both types, missing where a type has none.
  CHECK(rule.captures == 3);
  CHECK(rule.area_capture == 2);
  const auto a = slots_of(*rule.sources[0].type, {{"x", cel::Value::string("1")}});
  const auto b = slots_of(*rule.sources[1].type,
                          {{"y", cel::Value::string("2")}, {"z", cel::Value::string("3")}});
  const auto value = [&](size_t source, size_t capture, const std::vector<cel::Value>& slots) {
    return rule.sources[source].captures[capture].evaluate({}, slots);
  };
  CHECK(value(0, 0, a).as_string() == "1");
  CHECK(value(0, 1, a).error_code() == cel::ErrorCode::Missing);
  CHECK(value(0, 2, a).error_code() == cel::ErrorCode::Missing);
  CHECK(value(1, 0, b).error_code() == cel::ErrorCode::Missing);
  CHECK(value(1, 1, b).as_string() == "2");
  CHECK(value(1, 2, b).as_string() == "3");
}

TEST_CASE("fields that rules need, and no others") {
  const LoadedPack loaded = load(
      pack_with_rule("    when: ok && has(note)\n    by: place.cell\n    message: \"{item}\"\n"));
  CHECK(needed(*loaded.rules->types.at("t.parcel")) ==
        Strings{"item", "ok", "grid", "note", "place.cell"});
  const LoadedPack disabled = load(pack_with_rule("    when: ok\n    mode: disabled\n"));
  CHECK(disabled.rules->rules[0]->mode == Mode::Disabled);
  CHECK(needed(*disabled.rules->types.at("t.parcel")).empty());
}

TEST_CASE("identity: purposes of the rules that use a field") {
  const auto rule = [](const std::string& id, const std::string& purpose, const std::string& by) {
    return "  - id: " + id + "\n    from: t.parcel\n    by: " + by +
           "\n    grade: red\n    purpose: { id: " + purpose + ", use: u, basis: b, retain: 1d }\n";
  };
  const LoadedPack loaded =
      load({{"schemas/s.yaml", kSchema},
            {"r.yaml", "rules:\n" + rule("a", "theft", "place.keeper") +
                           rule("b", "fraud", "place.keeper") + rule("c", "theft", "sender") +
                           rule("d", "theft", "place.keeper")}});
  REQUIRE_MESSAGE(loaded.rules, as_text(loaded.issues));
  const event::EventType& type = *loaded.rules->types.at("t.parcel");
  CHECK(type.find("place.keeper")->identity_purposes == Strings{"fraud", "theft"});
  CHECK(type.find("sender")->identity_purposes == Strings{"fraud", "theft"});
  CHECK(loaded.rules->has_identity);
  // The group is the token of the rule's own purpose.
  const auto tokens = cel::Value::map({{cel::Value::string("fraud"), cel::Value::string("p1.f")},
                                       {cel::Value::string("theft"), cel::Value::string("p1.t")}});
  const auto slots = slots_of(type, {{"place.keeper", tokens}});
  const auto group = [&](size_t i) {
    return loaded.rules->rules[i]->sources[0].by[0].evaluate({}, slots).as_string();
  };
  CHECK(group(0) == "p1.t");
  CHECK(group(1) == "p1.f");
}

TEST_CASE("a rule's version: what decides its state, and nothing else") {
  const std::string base =
      "    when: ok && weight > 1\n    by: outlet\n    window: { sliding: 1h }\n"
      "    let: { n: count(), s: \"sum(weight, ok)\", d: s / 2.0 }\n    grade: { red: n > 2 }\n";
  const std::string version = only_rule(base)->version;
  CHECK(version.size() == 64);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string body = base;
    const size_t at = body.find(from);
    REQUIRE(at != std::string::npos);
    return only_rule(body.replace(at, from.size(), to))->version;
  };
  struct Row {
    const char* from;
    const char* to;
    bool same;
  };
  const Row rows[] = {
      {"n > 2", "n > 3", true},
      {"    grade:",
       "    title: t\n    quiet: 5m\n    message: m\n    mode: shadow\n    labels: { a: "
       "b }\n    order: arrival\n    grade:",
       true},
      {"d: s / 2.0", "d: s / 3.0", true},
      {"ok && weight > 1", "( ok&&(weight>1) )", true},
      {"n: count(), s: \"sum(weight, ok)\"", "s: \"sum(weight, ok)\", n: count()", true},
      {"ok && weight > 1", "ok && weight > 2", false},
      {"    when: ok && weight > 1\n", "", false},
      {"by: outlet", "by: item", false},
      {"by: outlet", "by: { o: outlet }", false},
      {"sliding", "tumbling", false},
      {"1h", "2h", false},
      {"n: count()", "n: count(ok)", false},
      {"sum(weight, ok)", "sum(weight, !ok)", false},
      {"sum(weight, ok)", "avg(weight, ok)", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.to);
    CHECK((with(row.from, row.to) == version) == row.same);
  }
}

TEST_CASE("the pack's hash, name, timezone and order of rules") {
  Files files = pack_with_rule("");
  files["pack.yaml"] = "name: city\nversion: 1.10\ntimezone: Europe/London\n";
  files["b/a.yaml"] =
      "rules:\n  - id: a\n    from: t.parcel\n    grade: red\n"
      "    purpose: { use: u, basis: b, retain: 1d }\n";
  const LoadedPack loaded = load(files);
  REQUIRE(loaded.rules);
  CHECK(loaded.rules->name == "city");
  CHECK(loaded.rules->version == "1.10");
  CHECK(loaded.rules->timezone == "Europe/London");
  // British time was an hour ahead in January 1970.
  CHECK(loaded.rules->window_origin.time_since_epoch() == std::chrono::hours(-1));
  REQUIRE(loaded.rules->rules.size() == 2);
  CHECK(loaded.rules->rules[0]->id == "a");
  CHECK(loaded.rules->rules[1]->index == RuleIndex{1});
  CHECK(&loaded.rules->rule(RuleIndex{1}) == loaded.rules->rules[1].get());

  const std::string hash = loaded.rules->hash;
  CHECK(load(files).rules->hash == hash);
  files["README.md"] = "no part of it";
  CHECK(load(files).rules->hash == hash);
  files["lists/a.csv"] = "k\n";
  CHECK(load(files).rules->hash != hash);
  CHECK(load(pack_with_rule("")).rules->timezone == "Asia/Shanghai");
  CHECK(load(pack_with_rule("")).rules->window_origin.time_since_epoch() == std::chrono::hours(-8));
}

TEST_CASE("lists, keywords and areas in expressions") {
  Files files = pack_with_rule(
      "    when: item in lists.goods && item.mentions(keywords.words)\n"
      "    let: { class: \"lists.goods[item].class\" }\n"
      "    grade: { red: \"class == '1' && inArea(grid, 'A')\" }\n");
  files["lists/goods.csv"] = "\xef\xbb\xbfitem,class,note\n\n\"gas, old\",1,\"a\nb\"\npaint,2,\n";
  files["keywords/words.txt"] = "# words\n\n  ＧＡＳ \r\n\xe3\x80\x80漏气\n";
  files["areas.csv"] = "code,name,parent,kind,lat,lon\nA,a,,city,,\nB,b,A,grid,36.06,103.83\n";
  const LoadedPack loaded = load(files);
  REQUIRE_MESSAGE(loaded.rules, as_text(loaded.issues));
  const Rule& rule = *loaded.rules->rules[0];
  CHECK(loaded.rules->tables.lists[0]->size() == 2);
  CHECK(loaded.rules->tables.keywords->words_of(0) == 2);
  CHECK(loaded.rules->tables.areas->contains("A", "B"));
  CHECK(!loaded.rules->tables.areas->contains("B", "A"));
  const auto slots = slots_of(*rule.sources[0].type, {{"item", cel::Value::string("gas, old")}});
  CHECK(rule.sources[0].when->evaluate(loaded.rules->tables, slots).is_true());
}

// As the city's reference pack is written: every form that it uses.
const Files kReferenceLike = {
    {"schemas/courier.yaml",
     "event: courier.parcel\ntitle: 快递实名收寄\nrequired: [waybill, outlet, item_category, "
     "weight_kg, "
     "verified, grid]\nproperties:\n  waybill: { type: string, maxLength: 32 }\n"
     "  outlet: { type: string }\n  item_category: { type: string }\n"
     "  weight_kg: { type: number, minimum: 0 }\n  verified: { type: boolean }\n"
     "  grid: { type: string, x-area: true }\n"},
    {"schemas/hotline.yaml",
     "event: hotline.ticket\nrequired: [ticket_id, text, grid]\nproperties:\n"
     "  ticket_id: { type: string }\n  caller_id: { type: string }\n"
     "  text: { type: string, maxLength: 4000 }\n"
     "  urgency: { type: string, enum: [low, normal, high] }\n"
     "  grid: { type: string, x-area: true }\n---\nevent: hotline.update\nproperties: {}\n"},
    {"lists/hazardous_goods.csv", "category,class\ngas_cylinder,2\npaint,3\n"},
    {"keywords/gas_leak.txt", "# 燃气泄漏\n煤气\n燃气泄漏\n"},
    {"rules/windows.yaml",
     R"(rules:
  - id: s1-hazard-unverified
    title: 未实名寄递危险物品
    from: courier.parcel
    when: item_category in lists.hazardous_goods && !verified
    grade: orange
    message: "运单 {waybill} 未实名寄递 {item_category}"
    labels: { department: postal }
    purpose: { use: 寄递安全, basis: 反恐怖主义法 第二十条, retain: 30d }
  - id: w1-hazard-burst
    from: courier.parcel
    when: item_category in lists.hazardous_goods
    by: outlet
    window: { sliding: 1h }
    let: { parcels: count(), kinds: distinct(item_category), weight: sum(weight_kg) }
    grade: { red: parcels >= 6 || kinds >= 6, orange: parcels >= 4, yellow: parcels >= 3 }
    purpose: { use: 寄递安全, basis: 反恐怖主义法 第二十条, retain: 30d }
  - id: w2-gas-cluster
    from: hotline.ticket
    when: text.mentions(keywords.gas_leak)
    by: grid
    window: { tumbling: 1h }
    let: { tickets: count(), callers: distinct(caller_id) }
    grade: { red: tickets >= 10, yellow: tickets >= 3 }
    purpose: { use: 燃气安全, basis: 城镇燃气管理条例, retain: 30d }
)"},
};

TEST_CASE("a pack like the reference pack loads with warnings alone") {
  const LoadedPack loaded = load(kReferenceLike);
  REQUIRE_MESSAGE(loaded.rules, as_text(loaded.issues));
  expect_issues(
      "reference", loaded.issues,
      {"rules/windows.yaml:23:48 warning FS507", "schemas/hotline.yaml:10:8 warning FS609"});
  CHECK(loaded.rules->rules.size() == 3);
  CHECK(loaded.rules->types.size() == 3);
  CHECK(!loaded.rules->has_identity);
  const Rule& burst = *loaded.rules->rules[1];
  CHECK(burst.window.kind == WindowSpec::Kind::Sliding);
  CHECK(burst.purpose.retain == std::chrono::hours(24 * 30));
  CHECK(burst.grades.size() == 3);
}

TEST_CASE("the default pack loads without a finding") {
  const LoadedPack loaded = load_pack(std::string(FENGSUI_SOURCE_DIR) + "/rules");
  CHECK_MESSAGE(loaded.issues.empty(), as_text(loaded.issues));
}

// Beyond the reference pack: defs, a sequence, a baseline, exceptions, alerts.
Files everything() {
  Files files = kReferenceLike;
  files["defs/d.yaml"] = "defs: { hazard: item_category in lists.hazardous_goods }\n";
  files["rules/rest.yaml"] = R"(rules:
  - id: q1
    sequence:
      within: 30m
      steps:
        - { as: r, from: hotline.ticket, by: grid, when: "has(urgency) && urgency == 'high'" }
        - { from: courier.parcel, by: grid, times: 2, when: "hazard && item_category != r.text" }
        - { absent: true, from: hotline.ticket, by: grid, when: ticket_id == r.ticket_id }
    let: { t: r.ticket_id }
    grade: { red: weight_kg > 3 && size(t) > 2, blue: verified }
    message: "{t} {r.grid} {waybill}"
    purpose: { use: u, basis: b, retain: 1d }
  - id: b1
    from: courier.parcel
    by: { o: outlet }
    seen_by: { o: "[outlet + 'x']" }
    except: [{ name: e, when: hazard, owner: o, reason: r, until: 2026-12-31 }]
    window: { tumbling: 1h }
    emit: close
    let: { n: count(), p: 'percentile(weight_kg, 99.9)', m: baseline.mean }
    baseline: { of: n, every: 7d, keep: 3 }
    grade: { red: double(n) > m + 3.0 * baseline.stddev }
    purpose: { use: u, basis: b, retain: 30d }
  - id: a1
    from: alert
    when: has(area)
    by: area
    window: { count: 3, within: 1h }
    let: { n: distinct(rule) }
    grade: { red: n > 1 }
    purpose: { use: u, basis: b, retain: 30d }
)";
  return files;
}

TEST_CASE("packs with bytes changed at random: findings, or rules that hold together") {
  const Strings tokens = {"{",     "}",  "[",    "]",  ":",    ": ",  "- ", "\n", "\n  ",
                          "&a ",   "*a", "!x ",  "'",  "\"",   "|\n", ">",  "? ", "#",
                          "---\n", "\t", "\xff", "网", "null", ",",   "\\"};
  const char* const kRounds = std::getenv("FENGSUI_PACK_ROUNDS");
  const int rounds = kRounds != nullptr ? std::atoi(kRounds) : 200;
  std::mt19937 random(20260301);
  const auto below = [&](size_t limit) { return static_cast<size_t>(random()) % limit; };
  int good = 0;
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    Files files = everything();
    for (size_t changes = 1 + below(3); changes > 0; --changes) {
      std::string& text = std::next(files.begin(), static_cast<long>(below(files.size())))->second;
      const size_t at = below(text.size());
      switch (below(3)) {
        case 0:
          text.insert(at, tokens[below(tokens.size())]);
          break;
        case 1:
          text.erase(at, 1 + below(8));
          break;
        default:
          text[at] = static_cast<char>(random());
      }
      if (text.empty()) text = "x";
    }
    const LoadedPack loaded = load(files);
    for (const Issue& issue : loaded.issues) CHECK(!explanation(issue.code).empty());
    if (loaded.rules == nullptr) continue;
    ++good;
    for (const auto& rule : loaded.rules->rules) {
      CHECK(rule->capture_keys.size() == rule->captures);
      for (const RuleSource& source : rule->sources) {
        const bool is_step = rule->sequence.has_value();
        if (!is_step) CHECK(source.captures.size() == rule->captures);
        CHECK(source.capture_slots.size() == (is_step ? source.captures.size() : 0));
        for (const int slot : source.capture_slots) {
          CHECK(static_cast<size_t>(slot) < rule->sequence->row_size);
        }
        CHECK(source.by.size() == rule->group_names.size());
      }
    }
  }
  CHECK(good > 0);
  CHECK(good < rounds);
}

TEST_CASE("a file beyond its limit") {
  const TempPack pack(pack_with_rule(""));
  const std::string large = pack.path() + "/large.yaml";
  std::ofstream(large) << "rules: []\n";
  std::filesystem::resize_file(large, (64u << 20) + 1);  // a hole: takes no room
  expect_issues("too large", load_pack(pack.path()).issues, {"large.yaml:1:1 error FS003"});
}

TEST_CASE("findings as text, JSON and SARIF") {
  std::vector<Issue> issues = load({{"schemas/s.yaml", kSchema},
                                    {"r 1.yaml", rule_file("    when: okk\n    by: note\n"
                                                           "    message: '{note} \xe7\xbd\x91'\n"
                                                           "    let: { n: distinct(at) }\n")}})
                                  .issues;
  CHECK(as_text(issues) ==
        "r 1.yaml:4:11: error: unknown name `okk`; did you mean `ok`? [FS502]\n"
        "r 1.yaml:7:24: warning: `at` may be missing; ask has(at) first [FS507]\n"
        "1 error, 1 warning\n");
  CHECK(as_text({}) == "0 errors, 0 warnings\n");
  const auto json = nlohmann::json::parse(as_json(issues));
  REQUIRE(json.size() == 2);
  CHECK(json[0] == nlohmann::json{{"file", "r 1.yaml"},
                                  {"line", 4},
                                  {"col", 11},
                                  {"severity", "error"},
                                  {"code", "FS502"},
                                  {"message", "unknown name `okk`"},
                                  {"hint", "did you mean `ok`?"}});
  CHECK(nlohmann::json::parse(as_json({})) == nlohmann::json::array());
  const auto sarif = nlohmann::json::parse(as_sarif(issues));
  CHECK(sarif["version"] == "2.1.0");
  const auto& run = sarif["runs"][0];
  CHECK(run["tool"]["driver"]["rules"].size() == 2);
  CHECK(run["columnKind"] == "unicodeCodePoints");
  CHECK(run["results"][0]["ruleId"] == "FS502");
  CHECK(run["results"][1]["level"] == "warning");
  const auto& place = run["results"][0]["locations"][0]["physicalLocation"];
  CHECK(place["artifactLocation"]["uri"] == "r%201.yaml");
  CHECK(place["region"]["startLine"] == 4);
  CHECK(nlohmann::json::parse(as_sarif({}))["runs"][0]["results"].empty());
  issues[0].file = "\xff.yaml";
  CHECK(nlohmann::json::parse(as_json(issues)).size() == 2);
}

}  // namespace
}  // namespace fengsui::rules
