#include <algorithm>
#include <utility>

#include "rules/codes.h"
#include "rules/rule_reader.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

// One event type of `from`; `own`, if given, is its {when, by}.
void add_source(const YamlNode& type, const YamlNode* own, const YamlNode& rule, RuleSpec& spec,
                Findings& findings) {
  const std::optional<std::string> name = expect_text(type, "an event type of `from`", findings);
  if (!name) return;
  if (*name == "alert") {
    spec.over_alerts = true;
    not_built_yet(type, code::kLaterAlerts, "a rule over alerts (`from: alert`)", findings);
    return;
  }
  for (const SourceSpec& other : spec.sources) {
    if (other.type->text == *name) {
      error_at(type, code::kFromTwice, "`from` names `" + *name + "` twice", {}, findings);
      return;
    }
  }
  SourceSpec source{&type, rule.find("when"), rule.find("by")};
  if (own != nullptr && !own->is_null() &&
      expect_map(*own, "what `from` says of `" + *name + "`", findings)) {
    refuse_unknown_keys(*own, "a type of `from`", {"when", "by"}, code::kUnknownKey, findings);
    if (const YamlNode* when = own->find("when")) source.when = when;
    if (const YamlNode* by = own->find("by")) source.by = by;
  }
  if (source.when != nullptr && source.when->text.empty()) source.when = nullptr;  // no text
  spec.sources.push_back(source);
}

// The rule's own `when`, and those of its types, are text.
void expect_conditions(const YamlNode& map, Findings& findings) {
  if (const YamlNode* when = map.find("when")) expect_text(*when, "`when`", findings);
}

bool is_later_window(const YamlNode& window, Findings& findings) {
  for (const char* kind : {"hopping", "session", "count"}) {
    const YamlNode* key = window.find_key(kind);
    if (key == nullptr) continue;
    not_built_yet(*key, code::kLaterWindow, "a `" + std::string(kind) + "` window", findings);
    return true;
  }
  return false;
}

}  // namespace

void not_built_yet(const YamlNode& node, const char* code, const std::string& what,
                   Findings& findings) {
  error_at(node, code, what + " is not built yet", "this version of fengsui has no such rules",
           findings);
}

std::optional<Duration> read_duration(const YamlNode& node, const std::string& what,
                                      Findings& findings) {
  const std::optional<std::string> text = expect_text(node, what, findings);
  if (!text) return std::nullopt;
  const std::optional<Duration> duration = parse_duration(*text);
  if (!duration) {
    error_at(node, code::kDuration, what + " is no duration: `" + *text + "`",
             "integers with a unit (ms s m h d), written together, as in 1h30m", findings);
  }
  return duration;
}

void read_from(const YamlNode& rule, RuleSpec& spec, Findings& findings) {
  expect_conditions(rule, findings);
  const YamlNode* from = rule.find("from");
  if (from == nullptr) {
    if (rule.find("sequence") == nullptr) require_key(rule, "from", "a rule", findings);
    return;
  }
  if (from->is_scalar()) {
    add_source(*from, nullptr, rule, spec, findings);
  } else if (from->is_list()) {
    for (const YamlNode& type : from->items) add_source(type, nullptr, rule, spec, findings);
  } else if (from->is_map()) {
    for (size_t i = 0; i < from->keys.size(); ++i) {
      if (from->items[i].is_map()) expect_conditions(from->items[i], findings);
      if (from->keys[i].is_scalar()) {
        add_source(from->keys[i], &from->items[i], rule, spec, findings);
      }
    }
  }
  if (from->is_null() || (!from->is_scalar() && from->items.empty())) {
    error_at(*from, code::kWrongKind, "`from` names no event type", {}, findings);
  }
}

WindowSpec read_window(const YamlNode& window, Findings& findings) {
  WindowSpec spec;
  if (!expect_map(window, "`window`", findings) || is_later_window(window, findings)) return spec;
  static const std::vector<std::string> kKinds = {"sliding", "tumbling"};
  refuse_unknown_keys(window, "a window", kKinds, code::kWindow, findings);
  const YamlNode* sliding = window.find("sliding");
  const YamlNode* tumbling = window.find("tumbling");
  const YamlNode* length = sliding != nullptr ? sliding : tumbling;
  if (length == nullptr || (sliding != nullptr && tumbling != nullptr)) {
    if (window.keys.size() != 1) {
      error_at(window, code::kWindow, "a window has one kind",
               "{ sliding: 1h } or { tumbling: 1h }", findings);
    }
    return spec;
  }
  const std::optional<Duration> read = read_duration(*length, "a window's length", findings);
  if (read && read->count() <= 0) {
    error_at(*length, code::kWindow, "a window of no length", {}, findings);
  } else if (read) {
    spec.kind = sliding != nullptr ? WindowSpec::Kind::Sliding : WindowSpec::Kind::Tumbling;
    spec.length = *read;
  }
  return spec;
}

void read_grades(const YamlNode& grade, RuleSpec& spec, Findings& findings) {
  static const std::vector<std::string> kNames = {"blue", "yellow", "orange", "red"};
  const auto read = [&](const YamlNode& name, const YamlNode* condition) {
    const std::optional<std::string> text = expect_text(name, "a grade", findings);
    if (!text) return;
    const auto found = std::find(kNames.begin(), kNames.end(), *text);
    if (found == kNames.end()) {
      error_at(name, code::kGrade, "`" + *text + "` is no grade",
               nearest_hint(*text, kNames, "blue, yellow, orange or red"), findings);
      return;
    }
    const auto rank = static_cast<uint8_t>(found - kNames.begin() + 1);
    spec.grades.push_back({static_cast<Grade>(rank), &name, condition});
  };
  if (!grade.is_map()) return read(grade, nullptr);
  if (grade.items.empty()) {
    error_at(grade, code::kGrade, "`grade` names no grade", {}, findings);
  }
  for (size_t i = 0; i < grade.keys.size(); ++i) {
    const YamlNode& condition = grade.items[i];
    if (!grade.keys[i].is_scalar()) continue;
    const bool is_text = expect_text(condition, "a grade's condition", findings).has_value();
    read(grade.keys[i], is_text ? &condition : nullptr);
  }
  std::stable_sort(spec.grades.begin(), spec.grades.end(),
                   [](const GradeSpec& a, const GradeSpec& b) { return a.grade > b.grade; });
}

void read_purpose(const YamlNode& purpose, RuleSpec& spec, Findings& findings) {
  spec.purpose_node = &purpose;
  if (!expect_map(purpose, "`purpose`", findings)) return;
  refuse_unknown_keys(purpose, "`purpose`", {"use", "basis", "retain", "id"}, code::kUnknownKey,
                      findings);
  const auto text = [&](const char* key, std::string& into) {
    const YamlNode* node = require_key(purpose, key, "`purpose`", findings);
    if (node != nullptr) {
      into = expect_text(*node, std::string("`") + key + "`", findings).value_or("");
    }
  };
  text("use", spec.purpose.use);
  text("basis", spec.purpose.basis);
  if (const YamlNode* id = purpose.find("id")) {
    spec.purpose.id = expect_text(*id, "`id`", findings).value_or("");
  }
  const YamlNode* retain = require_key(purpose, "retain", "`purpose`", findings);
  const std::optional<Duration> kept =
      retain != nullptr ? read_duration(*retain, "`retain`", findings) : std::nullopt;
  if (!kept) return;
  spec.purpose.retain = *kept;
  if (*kept < spec.window.length) {
    error_at(*retain, code::kRetain,
             "`retain` (" + format_duration(*kept) + ") does not cover the window (" +
                 format_duration(spec.window.length) + ")",
             "state and evidence must live as long as the window reads them", findings);
  }
}

}  // namespace fengsui::rules
