#include "author/test_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "author/aligned_columns.h"

namespace fengsui::author {
namespace {

using nlohmann::ordered_json;

constexpr const char* kNothing = "(nothing)";
// Cells of one side; longer texts are cut.
constexpr size_t kSideMax = 72;

// Lines of one side: the first names the record, the others its fields.
using Side = std::vector<std::string>;

std::string since_start(const std::string& time, EventTime start) {
  const std::optional<Instant> instant = parse_rfc3339(time);
  const EventTime at = instant ? to_event_time(*instant) : start;
  return at >= start ? format_duration(at - start) : time;
}

// "59m courier-hazard-burst open yellow", of what of these is there.
std::string headline(const ordered_json& record, EventTime start) {
  std::string line;
  for (const char* key : {"time", "rule", "kind", "grade"}) {
    if (!record.contains(key)) continue;
    const std::string text = record[key].get<std::string>();
    line +=
        (line.empty() ? "" : " ") + (key == std::string("time") ? since_start(text, start) : text);
  }
  return line;
}

std::string field_line(const std::string& name, const ordered_json& record, EventTime start) {
  const size_t dot = name.find('.');
  const std::string key = name.substr(0, dot);
  if (!record.contains(key)) return name + ": (none)";
  ordered_json value = record[key];
  if (dot != std::string::npos) {
    const std::string part = name.substr(dot + 1);
    if (!value.contains(part)) return name + ": (none)";
    value = ordered_json(value[part]);
  }
  if (key == "opened" || key == "last") return name + ": " + since_start(value, start);
  return name + ": " + value.dump();
}

// The fields that a test gives beyond the headline, maps name by name.
std::vector<std::string> names_given(const ordered_json& expected) {
  std::vector<std::string> names;
  for (const auto& item : expected.items()) {
    const std::string& key = item.key();
    if (key == "rule" || key == "kind" || key == "grade" || key == "time") continue;
    if (key == "values" || key == "group" || key == "labels") {
      for (const auto& part : item.value().items()) names.push_back(key + "." + part.key());
    } else {
      names.push_back(key);
    }
  }
  return names;
}

ordered_json expected_json(const rules::TestRecord& record) {
  ordered_json out{{"rule", record.rule}};
  for (const auto& [field, value] : record.fields) {
    std::string text;
    cel::append_json(text, value);
    out[field] = ordered_json::parse(text);
  }
  return out;
}

class FailureText {
 public:
  FailureText(const TestResult& result, const rules::RuleSet& rules)
      : result_(result), rules_(rules) {}

  std::string text() {
    const rules::TestPlace& place = result_.test->place;
    out_ = "FAIL " + place.file + ":" + std::to_string(place.line) + ":" +
           std::to_string(place.column) + " " + result_.test->name + "\n";
    if (!result_.pairs.empty()) {
      rows_.push_back({"", "expected", "got"});
      for (const TestPair& pair : result_.pairs) add(pair);
      for (std::vector<std::string>& row : rows_) row.insert(row.begin(), "");
      out_ += as_table(rows_);
    }
    for (const TestOutcome& outcome : result_.outcomes) add(outcome);
    return std::move(out_);
  }

 private:
  void add(const TestPair& pair) {
    const EventTime start = result_.test->start;
    const ordered_json wanted = pair.expected ? expected_json(*pair.expected) : ordered_json();
    const ordered_json got = pair.got ? got_json(*pair.got) : ordered_json();
    const char* mark = pair.agrees() ? "=" : !pair.expected ? "+" : !pair.got ? "-" : "~";
    rows_.push_back({mark, pair.expected ? headline(wanted, start) : kNothing,
                     pair.got ? headline(got, start) : kNothing});
    for (const std::string& name : names_given(pair.expected ? wanted : got_shown(got))) {
      const bool is_wrong =
          std::find(pair.wrong.begin(), pair.wrong.end(), name) != pair.wrong.end();
      if (pair.agrees()) continue;
      rows_.push_back({is_wrong ? "~" : "", "  " + side(pair.expected, name, wanted, start),
                       "  " + side(pair.got.has_value(), name, got, start)});
    }
  }

  static std::string side(bool there, const std::string& name, const ordered_json& record,
                          EventTime start) {
    return there ? shortened(field_line(name, record, start), kSideMax) : "";
  }

  ordered_json got_json(const alert::Record& record) const {
    return ordered_json::parse(alert::replay_line(record, rules_.rule(record.rule)));
  }

  // Of a record that nobody expected: what tells it from others.
  static ordered_json got_shown(const ordered_json& record) {
    ordered_json shown;
    for (const char* key : {"group", "values", "evidence", "hits"}) {
      if (record.contains(key)) shown[key] = record[key];
    }
    return shown;
  }

  void add(const TestOutcome& outcome) {
    const rules::TestEvent& event = result_.test->events[outcome.event];
    const std::string became = event::kOutcomeNames[static_cast<size_t>(outcome.outcome)];
    out_ += std::string(outcome.wrong ? "  ~ " : "    ") + "event " +
            std::to_string(outcome.event + 1) + " (line " + std::to_string(event.place.line) +
            ") ended as " + became;
    if (!outcome.reason.empty()) out_ += ": " + outcome.reason;
    if (outcome.wrong && event.outcome_given) {
      out_ +=
          "; expected: " + std::string(event::kOutcomeNames[static_cast<size_t>(event.outcome)]);
    }
    out_ += "\n";
  }

  const TestResult& result_;
  const rules::RuleSet& rules_;
  std::vector<std::vector<std::string>> rows_;
  std::string out_;
};

}  // namespace

std::string failure_text(const TestResult& result, const rules::RuleSet& rules) {
  return FailureText(result, rules).text();
}

std::string tests_summary(const std::vector<TestResult>& results) {
  const auto failed = std::count_if(results.begin(), results.end(),
                                    [](const TestResult& result) { return !result.passed; });
  const auto all = static_cast<std::ptrdiff_t>(results.size());
  return std::to_string(all) + (all == 1 ? " test, " : " tests, ") + std::to_string(all - failed) +
         " passed, " + std::to_string(failed) + " failed";
}

}  // namespace fengsui::author
