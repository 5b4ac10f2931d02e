#include <algorithm>
#include <utility>

#include "rules/codes.h"
#include "rules/except_until.h"
#include "rules/rule_reader.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

// One event type of `from`; `own`, if given, is its {when, by, seen_by}.
void add_source(const YamlNode& type, const YamlNode* own, const YamlNode& rule, RuleSpec& spec,
                Findings& findings) {
  const std::optional<std::string> name = expect_text(type, "an event type of `from`", findings);
  if (!name) return;
  for (const SourceSpec& other : spec.sources) {
    if (other.type->text == *name) {
      error_at(type, code::kFromTwice, "`from` names `" + *name + "` twice", {}, findings);
      return;
    }
  }
  SourceSpec source{&type, rule.find("when"), rule.find("by"), rule.find("seen_by")};
  if (own != nullptr && !own->is_null() &&
      expect_map(*own, "what `from` says of `" + *name + "`", findings)) {
    refuse_unknown_keys(*own, "a type of `from`", {"when", "by", "seen_by"}, code::kUnknownKey,
                        findings);
    if (const YamlNode* when = own->find("when")) source.when = when;
    if (const YamlNode* by = own->find("by")) source.by = by;
    if (const YamlNode* seen_by = own->find("seen_by")) source.seen_by = seen_by;
  }
  if (source.when != nullptr && source.when->text.empty()) source.when = nullptr;  // no text
  spec.sources.push_back(source);
}

// An entry of `except`.
void read_exception(const YamlNode& entry, const std::string& timezone, RuleSpec& spec,
                    Findings& findings) {
  if (!expect_map(entry, "an exception", findings)) return;
  refuse_unknown_keys(entry, "an exception", {"name", "when", "owner", "reason", "until"},
                      code::kUnknownKey, findings);
  ExceptionSpec exception;
  exception.name = require_key(entry, "name", "an exception", findings);
  exception.when = require_key(entry, "when", "an exception", findings);
  for (const YamlNode** part : {&exception.name, &exception.when}) {
    if (*part != nullptr && !expect_text(**part, "an exception's name or `when`", findings)) {
      *part = nullptr;
    }
  }
  for (const char* key : {"owner", "reason", "until"}) {
    const YamlNode* node = entry.find(key);
    if (node == nullptr) {
      findings.warning(*entry.file, entry.offset, code::kExceptionUnowned,
                       std::string("an exception without `") + key + "`",
                       "who wants it, why, and until when, so that it does not stay for ever");
    } else {
      expect_text(*node, std::string("`") + key + "`", findings);
    }
  }
  const YamlNode* until = entry.find("until");
  if (until != nullptr && until->is_scalar()) {
    exception.until = parse_until(until->text, timezone);
    if (!exception.until) {
      error_at(*until, code::kUntil, "`until` is no date or time: `" + until->text + "`",
               "2026-12-31, or RFC 3339 as in 2026-12-31T18:00:00+08:00", findings);
    }
  }
  if (exception.name == nullptr || exception.when == nullptr) return;
  for (const ExceptionSpec& other : spec.exceptions) {
    if (other.name->text != exception.name->text) continue;
    error_at(*exception.name, code::kException,
             "the exception `" + exception.name->text + "` stands twice",
             "each is counted by its name", findings);
  }
  spec.exceptions.push_back(exception);
}

// The rule's own `when`, and those of its types, are text.
void expect_conditions(const YamlNode& map, Findings& findings) {
  if (const YamlNode* when = map.find("when")) expect_text(*when, "`when`", findings);
}

}  // namespace

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

std::optional<Duration> read_length(const YamlNode& node, const std::string& what,
                                    std::string_view code, Findings& findings) {
  const std::optional<Duration> read = read_duration(node, what, findings);
  if (!read) return std::nullopt;
  if (read->count() > 0) return read;
  error_at(node, code, what + " is nothing", "it must be above 0", findings);
  return std::nullopt;
}

void read_exceptions(const YamlNode& except, const std::string& timezone, RuleSpec& spec,
                     Findings& findings) {
  if (!expect_list(except, "`except`", findings)) return;
  for (const YamlNode& entry : except.items) read_exception(entry, timezone, spec, findings);
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
  spec.retain_node = retain;
  spec.purpose.retain = *kept;
}

}  // namespace fengsui::rules
