#include "rules/test_reader.h"

#include <algorithm>
#include <set>

#include "rules/codes.h"
#include "rules/rule_reader.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

const std::vector<std::string> kTestKeys = {"name",  "events",           "expect",          "never",
                                            "flush", "out_of_orderness", "allowed_lateness"};
const std::vector<std::string> kEventKeys = {"at",     "type",    "data",  "id",
                                             "source", "outcome", "times", "every"};
const std::vector<std::string> kRecordKeys = {"at",     "rule",     "kind",   "grade", "group",
                                              "values", "evidence", "labels", "area",  "message",
                                              "alert",  "hits",     "opened", "last"};
const std::vector<std::string> kOutcomes = {"processed", "duplicate", "late", "dead_letter"};
const std::vector<std::string> kKinds = {"open", "raise", "clear"};
const std::vector<std::string> kGrades = {"blue", "yellow", "orange", "red"};
constexpr const char* kDefaultSource = "test";
constexpr int64_t kTimesMax = 100'000;
constexpr std::string_view kNumberMark = "{n}";

TestPlace place_of(const YamlNode& node) {
  const SourceFile::Place place = node.file->place(node.offset);
  return {node.file->path(), place.line, place.column};
}

// A value of an event or of a record, by YAML's core schema.
cel::Value value_of_node(const YamlNode& node) {
  if (node.is_null()) return cel::Value::null();
  if (node.is_list()) {
    cel::ListValue list;
    for (const YamlNode& item : node.items) list.push_back(value_of_node(item));
    return cel::Value::list(std::move(list));
  }
  if (node.is_map()) {
    cel::MapValue map;
    for (size_t i = 0; i < node.keys.size(); ++i) {
      map.emplace_back(cel::Value::string(node.keys[i].text), value_of_node(node.items[i]));
    }
    return cel::Value::map(std::move(map));
  }
  if (const std::optional<bool> truth = node.as_bool()) return cel::Value::boolean(*truth);
  if (const std::optional<int64_t> whole = node.as_int()) return cel::Value::integer(*whole);
  if (const std::optional<double> number = node.as_number()) return cel::Value::real(*number);
  return cel::Value::string(node.text);
}

// `value` with `{n}` in its texts, at any depth, as `number`.
cel::Value numbered(const cel::Value& value, int64_t number) {
  if (value.kind() == cel::Kind::String) {
    std::string text = value.as_string();
    const std::string digits = std::to_string(number);
    for (size_t at = text.find(kNumberMark); at != std::string::npos;
         at = text.find(kNumberMark, at + digits.size())) {
      text.replace(at, kNumberMark.size(), digits);
    }
    return cel::Value::string(std::move(text));
  }
  if (value.kind() == cel::Kind::List) {
    cel::ListValue list;
    for (const cel::Value& item : value.as_list()) list.push_back(numbered(item, number));
    return cel::Value::list(std::move(list));
  }
  if (value.kind() != cel::Kind::Map) return value;
  cel::MapValue map;
  for (const auto& [key, item] : value.as_map()) map.emplace_back(key, numbered(item, number));
  return cel::Value::map(std::move(map));
}

class TestReader {
 public:
  TestReader(const TestWorld& world, Findings& findings) : world_(world), findings_(findings) {}

  std::optional<TestSpec> read(const YamlNode& test) {
    const size_t errors = findings_.errors();
    if (!expect_map(test, "a test", findings_)) return std::nullopt;
    refuse_unknown_keys(test, "a test", kTestKeys, code::kUnknownKey, findings_);
    TestSpec spec;
    spec.place = place_of(test);
    spec.start = world_.start;
    if (const YamlNode* name = require_key(test, "name", "a test", findings_)) {
      spec.name = expect_text(*name, "`name`", findings_).value_or("");
    }
    if (const YamlNode* flush = test.find("flush")) read_flush(*flush, spec);
    if (const YamlNode* given = test.find("out_of_orderness")) {
      spec.out_of_orderness = duration(*given, "`out_of_orderness`");
    }
    if (const YamlNode* given = test.find("allowed_lateness")) {
      spec.allowed_lateness = duration(*given, "`allowed_lateness`");
    }
    if (const YamlNode* events = require_key(test, "events", "a test", findings_)) {
      read_events(*events, spec);
    }
    read_expected(test, spec);
    read_never(test, spec);
    if (findings_.errors() != errors) return std::nullopt;
    return spec;
  }

 private:
  void read_flush(const YamlNode& flush, TestSpec& spec) {
    const std::optional<bool> given = flush.as_bool();
    if (!given) {
      error_at(flush, code::kWrongKind, "`flush` is `true` or `false`", {}, findings_);
    }
    spec.flush = given.value_or(false);
  }

  Duration duration(const YamlNode& node, const std::string& what) {
    return read_duration(node, what, findings_).value_or(Duration{0});
  }

  // An instant of the test: so long after its start.
  std::optional<EventTime> instant(const YamlNode& node, const std::string& what) {
    const std::optional<Duration> since = read_duration(node, what, findings_);
    if (!since) return std::nullopt;
    if (*since <= kEventTimeMax - world_.start) return world_.start + *since;
    error_at(node, code::kTestTime, what + " lies after the year 2199",
             "it counts from 2026-01-01 00:00", findings_);
    return std::nullopt;
  }

  std::optional<std::string> one_of(const YamlNode& node, const std::string& what,
                                    const std::vector<std::string>& words) {
    const std::optional<std::string> word = expect_text(node, what, findings_);
    if (!word || std::find(words.begin(), words.end(), *word) != words.end()) return word;
    std::string all;
    for (const std::string& known : words) all += (all.empty() ? "" : ", ") + known;
    error_at(node, code::kTestWord, what + " is none of " + all, nearest_hint(*word, words),
             findings_);
    return std::nullopt;
  }

  void read_events(const YamlNode& events, TestSpec& spec) {
    if (!expect_list(events, "`events`", findings_)) return;
    std::set<std::string> given;
    for (const YamlNode& event : events.items) {
      const YamlNode* id = event.is_map() ? event.find("id") : nullptr;
      if (id != nullptr) given.insert(id->text);
    }
    for (const YamlNode& event : events.items) {
      if (!expect_map(event, "an event", findings_)) continue;
      refuse_unknown_keys(event, "an event of a test", kEventKeys, code::kUnknownKey, findings_);
      TestEvent read;
      read.place = place_of(event);
      read.source = kDefaultSource;
      read_event(event, read);
      add_event(event, read, given, spec);
    }
    if (events.items.empty()) {
      findings_.warning(*events.file, events.offset, code::kTestIdle, "a test without events");
    }
  }

  // Once, or `times`: `every` so long, `{n}` in its data its number among them.
  void add_event(const YamlNode& node, const TestEvent& event, const std::set<std::string>& given,
                 TestSpec& spec) {
    const auto add = [&](TestEvent one) {
      if (one.id.empty()) one.id = "e" + std::to_string(spec.events.size() + 1);
      while (event.id.empty() && given.contains(one.id)) one.id += '_';
      spec.events.push_back(std::move(one));
    };
    const YamlNode* times = node.find("times");
    if (times == nullptr) return add(event);
    const std::optional<int64_t> count = times->as_int();
    if (!count || *count < 1 || *count > kTimesMax) {
      return error_at(*times, code::kWrongKind,
                      "`times` is a whole number from 1 to " + std::to_string(kTimesMax), {},
                      findings_);
    }
    const YamlNode* every = require_key(node, "every", "an event with `times`", findings_);
    const std::optional<Duration> apart =
        every != nullptr ? read_duration(*every, "`every`", findings_) : std::nullopt;
    if (!apart) return;
    if (*apart > (kEventTimeMax - event.time) / *count) {
      return error_at(*every, code::kTestTime, "the last of these events lies after the year 2199",
                      {}, findings_);
    }
    for (int64_t number = 1; number <= *count; ++number) {
      TestEvent one = event;
      one.time += *apart * (number - 1);
      one.data = numbered(event.data, number);
      add(std::move(one));
    }
  }

  void read_event(const YamlNode& event, TestEvent& read) {
    if (const YamlNode* every = event.find("every"); every && !event.find("times")) {
      error_at(*every, code::kUnknownKey, "`every` stands beside `times` alone", {}, findings_);
    }
    if (const YamlNode* at = require_key(event, "at", "an event of a test", findings_)) {
      read.time = instant(*at, "`at`").value_or(world_.start);
    }
    if (const YamlNode* id = event.find("id")) {
      read.id = expect_text(*id, "`id`", findings_).value_or(read.id);
    }
    if (const YamlNode* source = event.find("source")) {
      read.source = expect_text(*source, "`source`", findings_).value_or(read.source);
    }
    if (const YamlNode* outcome = event.find("outcome")) {
      const std::optional<std::string> word = one_of(*outcome, "`outcome`", kOutcomes);
      read.outcome_given = word.has_value();
      for (size_t i = 0; i < kOutcomes.size(); ++i) {
        if (word == kOutcomes[i]) read.outcome = static_cast<event::Outcome>(i);
      }
    }
    const event::EventType* type = nullptr;
    if (const YamlNode* named = require_key(event, "type", "an event of a test", findings_)) {
      type = find_type(*named, read);
    }
    const YamlNode* data = event.find("data");
    if (data == nullptr || data->is_null() || !expect_map(*data, "`data`", findings_)) return;
    read.data = value_of_node(*data);
    if (type != nullptr) warn_of_unknown_fields(*data, type->root(), type->name());
  }

  const event::EventType* find_type(const YamlNode& named, TestEvent& read) {
    const std::optional<std::string> name = expect_text(named, "`type`", findings_);
    if (!name) return nullptr;
    read.type = *name;
    const auto found = world_.types.find(*name);
    if (found != world_.types.end()) return found->second.get();
    std::vector<std::string> known;
    for (const auto& [type, declared] : world_.types) known.push_back(type);
    error_at(named, code::kTestType, "no schema names the event type `" + *name + "`",
             nearest_hint(*name, known), findings_);
    return nullptr;
  }

  // The engine passes such fields over: a test that misspells one tests something else.
  void warn_of_unknown_fields(const YamlNode& map, const event::Field& object,
                              const std::string& type) {
    std::vector<std::string> known;
    for (const event::Field& field : object.properties) known.push_back(field.name);
    for (size_t i = 0; i < map.keys.size(); ++i) {
      const std::string& name = map.keys[i].text;
      const auto field = std::find_if(object.properties.begin(), object.properties.end(),
                                      [&](const event::Field& one) { return one.name == name; });
      if (field == object.properties.end()) {
        findings_.warning(*map.file, map.keys[i].offset, code::kTestField,
                          "`" + type + "` has no field `" + name + "`; the engine passes it over",
                          nearest_hint(name, known));
      } else if (!field->identity && map.items[i].is_map()) {
        warn_of_unknown_fields(map.items[i], *field, type);
      }
    }
  }

  void read_expected(const YamlNode& test, TestSpec& spec) {
    const YamlNode* expected = test.find("expect");
    if (expected == nullptr || !expect_list(*expected, "`expect`", findings_)) return;
    for (const YamlNode& record : expected->items) {
      if (!expect_map(record, "an expected record", findings_)) continue;
      refuse_unknown_keys(record, "an expected record", kRecordKeys, code::kUnknownKey, findings_);
      TestRecord& read = spec.expected.emplace_back();
      read.place = place_of(record);
      const Rule* rule = nullptr;
      if (const YamlNode* id = require_key(record, "rule", "an expected record", findings_)) {
        rule = find_rule(*id, read.rule);
      }
      for (size_t i = 0; i < record.keys.size(); ++i) {
        read_field(record.keys[i].text, record.items[i], rule, read);
      }
    }
  }

  void read_field(const std::string& key, const YamlNode& node, const Rule* rule,
                  TestRecord& record) {
    const auto put = [&](cel::Value value) { record.fields.emplace_back(key, std::move(value)); };
    if (key == "at" || key == "opened" || key == "last") {
      const std::optional<EventTime> at = instant(node, "`" + key + "`");
      const std::string text = format_event_time(at.value_or(world_.start));
      record.fields.emplace_back(key == "at" ? "time" : key, cel::Value::string(text));
    } else if (key == "kind") {
      put(cel::Value::string(one_of(node, "`kind`", kKinds).value_or("")));
    } else if (key == "grade") {
      put(cel::Value::string(one_of(node, "`grade`", kGrades).value_or("")));
    } else if (key == "values" || key == "group" || key == "labels") {
      if (!expect_map(node, "`" + key + "`", findings_)) return;
      if (rule != nullptr) check_names(key, node, *rule);
      put(value_of_node(node));
    } else if (key == "evidence") {
      if (expect_list(node, "`evidence`", findings_)) put(value_of_node(node));
    } else if (key == "hits") {
      if (!node.as_int()) {
        error_at(node, code::kWrongKind, "`hits` is a whole number", {}, findings_);
      }
      put(value_of_node(node));
    } else if (key == "area" && node.is_null()) {
      put(cel::Value::null());
    } else if (key == "area" || key == "message" || key == "alert") {
      put(cel::Value::string(expect_text(node, "`" + key + "`", findings_).value_or("")));
    }
  }

  // A name that no record of the rule has can never be met.
  void check_names(const std::string& key, const YamlNode& map, const Rule& rule) {
    std::vector<std::string> known;
    if (key == "values") {
      for (const Let& let : rule.lets) known.push_back(let.name);
    } else if (key == "group") {
      known = rule.group_names;
    } else {
      for (const auto& [label, value] : rule.labels) known.push_back(label);
    }
    for (const YamlNode& name : map.keys) {
      if (std::find(known.begin(), known.end(), name.text) != known.end()) continue;
      error_at(name, code::kTestName,
               "`" + key + "` of `" + rule.id + "` has no `" + name.text + "`",
               nearest_hint(name.text, known), findings_);
    }
  }

  const Rule* find_rule(const YamlNode& node, std::string& into) {
    const std::optional<std::string> id = expect_text(node, "a rule's id", findings_);
    if (!id) return nullptr;
    into = *id;
    const auto found = world_.rules.find(*id);
    if (found == world_.rules.end()) {
      std::vector<std::string> known;
      for (const auto& [rule, compiled] : world_.rules) known.push_back(rule);
      error_at(node, code::kTestRule, "no rule has the id `" + *id + "`", nearest_hint(*id, known),
               findings_);
      return nullptr;
    }
    const Rule* rule = found->second;
    if (rule != nullptr && rule->mode == Mode::Disabled) {
      findings_.warning(*node.file, node.offset, code::kTestDisabled,
                        "the rule `" + *id + "` is disabled: it is never evaluated",
                        "a rule in shadow can be tested");
    }
    return rule;
  }

  void read_never(const YamlNode& test, TestSpec& spec) {
    const YamlNode* never = test.find("never");
    if (never != nullptr && expect_list(*never, "`never`", findings_)) {
      for (const YamlNode& item : never->items) {
        std::string id;
        find_rule(item, id);
        const bool expected = std::any_of(spec.expected.begin(), spec.expected.end(),
                                          [&](const TestRecord& r) { return r.rule == id; });
        if (expected && !id.empty()) {
          error_at(item, code::kTestBoth, "`" + id + "` stands in `expect` and in `never`", {},
                   findings_);
        }
        spec.never.push_back(std::move(id));
      }
    }
    const bool says_nothing =
        spec.expected.empty() && spec.never.empty() && !test.is_null() &&
        std::none_of(spec.events.begin(), spec.events.end(),
                     [](const TestEvent& event) { return event.outcome_given; });
    if (says_nothing) {
      findings_.warning(*test.file, test.offset, code::kTestIdle,
                        "a test that expects nothing and forbids nothing cannot fail",
                        "`expect` lists records, `never` rules that must stay silent");
    }
  }

  const TestWorld& world_;
  Findings& findings_;
};

}  // namespace

std::vector<std::string> TestSpec::rules() const {
  std::vector<std::string> named;
  const auto add = [&](const std::string& rule) {
    if (std::find(named.begin(), named.end(), rule) == named.end()) named.push_back(rule);
  };
  for (const TestRecord& record : expected) add(record.rule);
  for (const std::string& rule : never) add(rule);
  return named;
}

std::vector<TestSpec> read_tests(const YamlNode& document, const TestWorld& world,
                                 Findings& findings) {
  std::vector<TestSpec> tests;
  if (!expect_map(document, "a file of tests", findings)) return tests;
  refuse_unknown_keys(document, "a file of tests", {"tests"}, code::kUnknownKey, findings);
  const YamlNode* list = require_key(document, "tests", "a file of tests", findings);
  if (list == nullptr || !expect_list(*list, "`tests`", findings)) return tests;
  TestReader reader(world, findings);
  std::set<std::string> names;
  for (const YamlNode& test : list->items) {
    const YamlNode* name = test.is_map() ? test.find("name") : nullptr;
    if (name != nullptr && name->is_scalar() && !names.insert(name->text).second) {
      error_at(*name, code::kTestTwice, "the test `" + name->text + "` stands twice", {}, findings);
    }
    if (std::optional<TestSpec> read = reader.read(test)) tests.push_back(std::move(*read));
  }
  return tests;
}

}  // namespace fengsui::rules
