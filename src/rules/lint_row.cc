// Behind the log: a rule's lets, grades and message.
#include <algorithm>

#include "rules/aggregates.h"
#include "rules/codes.h"
#include "rules/lint_rule.h"

namespace fengsui::rules {
namespace {

using cel::Node;
using NodeKind = cel::Node::Kind;

bool is_constant(const Node& root) {
  bool reads = false;
  visit_paths(root, [&](const std::string&, const Node&) { reads = true; });
  return !reads;
}

bool reads_name(const Node& root, const std::string& name) {
  bool found = false;
  visit_paths(root, [&](const std::string& path, const Node&) {
    found = found || path == name || path.starts_with(name + ".");
  });
  return found;
}

// An aggregate with a condition of its own that is an error where no event fulfils it.
bool errs_over_nothing(const Node& call) {
  static const std::set<std::string> kWithOneValue = {"avg",   "min",  "max",
                                                      "first", "last", "stddev"};
  if (call.kind != NodeKind::Call) return false;
  if (kWithOneValue.contains(call.text)) return call.children.size() == 2;
  return call.text == "percentile" && call.children.size() == 3;
}

Grade grade_named(const std::string& text) {
  for (size_t i = 1; i < std::size(kGradeNames); ++i) {
    if (text == kGradeNames[i]) return static_cast<Grade>(i);
  }
  return Grade::None;
}

}  // namespace

void RuleLint::lint_row() {
  LintScope row(types(), defs_);
  for (const Source& source : sources_) {
    if (!source.name.empty() && !source.absent) row.add_step(source.name, source.type);
  }
  const LintScope event(types(), defs_);
  const WindowFacts facts = window_facts();
  const YamlNode* lets = rule_.find("let");
  for (size_t i = 0; lets != nullptr && lets->is_map() && i < lets->keys.size(); ++i) {
    const YamlNode& value = lets->items[i];
    Expected<cel::Syntax, cel::Finding> syntax = cel::parse(value.text);
    if (!value.is_scalar() || !syntax) continue;
    const auto function = syntax->called_function();
    const bool is_aggregate = !is_sequence_ && function && find_aggregate(*function) != nullptr;
    const PlacedExpression* let = parse(value, is_aggregate ? event : row);
    if (let == nullptr) continue;
    tell_all(*let, is_aggregate ? event : row);
    if (is_aggregate && errs_over_nothing(let->syntax.root())) {
      may_miss_.insert(lets->keys[i].text);
    }
    row.add_let(lets->keys[i].text, let->syntax.root(), facts);
  }
  lint_grades(row);
  lint_message(row);
}

void RuleLint::lint_grades(const LintScope& row) {
  const YamlNode* grade = rule_.find("grade");
  if (grade == nullptr || !grade->is_map()) {
    may_miss_.clear();  // the message stands for every event, whatever it lacks
    return;
  }
  std::vector<Condition> grades;
  for (size_t i = 0; i < grade->keys.size(); ++i) {
    const Grade named = grade_named(grade->keys[i].text);
    if (named == Grade::None) continue;
    const PlacedExpression* expression = parse(grade->items[i], row);
    if (expression == nullptr) return;  // told by the compiler: nothing is known of the others
    grades.push_back({named, expression, &grade->keys[i]});
  }
  std::stable_sort(grades.begin(), grades.end(),
                   [](const Condition& a, const Condition& b) { return a.grade > b.grade; });
  std::vector<Condition> higher;
  for (const Condition& own : grades) {
    lint_grade(own, higher, row);
    higher.push_back(own);
  }
  // A let that every grade asks for is there when the message is printed.
  std::erase_if(may_miss_, [&](const std::string& name) {
    return std::all_of(grades.begin(), grades.end(), [&](const Condition& own) {
      return reads_name(own.expression->syntax.root(), name);
    });
  });
}

void RuleLint::lint_grade(const Condition& grade, const std::vector<Condition>& higher,
                          const LintScope& row) {
  const Node& root = grade.expression->syntax.root();
  if (is_constant(root)) return;  // told by the compiler
  const std::optional<Cubes> own = cubes_of(root, true, row);
  const std::optional<Cubes> known = known_of_events();
  std::optional<Cubes> together = own;
  if (own && known && !known->empty()) together = joined(*own, *known);
  if (together && together->empty()) {
    return tell_never(*grade.expression, row, code::kGradeNever,
                      "the grade `" + grade.name->text + "` can never hold");
  }
  tell_all(*grade.expression, row);
  if (!together) return;
  const auto hides = [&](const Cube& cube, const Condition& other) {
    return implies(cube, other.expression->syntax.root(), true, row);
  };
  const Condition* hiding = nullptr;
  const bool hidden = std::all_of(together->begin(), together->end(), [&](const Cube& cube) {
    for (const Condition& other : higher) {
      if (!hides(cube, other)) continue;
      hiding = &other;
      return true;
    }
    return false;
  });
  if (!hidden || hiding == nullptr || is_constant(hiding->expression->syntax.root())) return;
  findings_.warning(
      *grade.name->file, grade.name->offset, code::kGradeHidden,
      "the grade `" + grade.name->text + "` is never given",
      "where its condition holds, that of `" + hiding->name->text + "`, which is higher, does too");
}

void RuleLint::lint_message(const LintScope& row) {
  const YamlNode* message = rule_.find("message");
  if (message == nullptr || !message->is_scalar()) return;
  const std::string_view text = message->text;
  for (size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("{{") || text.substr(at).starts_with("}}")) {
      at += 2;
      continue;
    }
    if (text[at] != '{') {
      ++at;
      continue;
    }
    const std::optional<size_t> length = cel::length_to_closing_brace(text.substr(at + 1));
    if (!length) return;
    const PlacedExpression* part = parse(*message, at + 1, text.substr(at + 1, *length), row);
    if (part != nullptr) {
      tell_all(*part, row);
      lint_message_part(*part);
    }
    at += *length + 2;
  }
}

void RuleLint::lint_message_part(const PlacedExpression& part) {
  const Node& root = part.syntax.root();
  if (root.kind == NodeKind::Conditional) return;  // it sees to it itself
  for (const std::string& name : may_miss_) {
    if (!reads_name(root, name)) continue;
    findings_.warning(*part.scalar->file, part.offset(root.offset), code::kMessageGap,
                      "`" + name + "` may be missing here, and the part be printed as it stands",
                      "no event may fulfil its condition: ask for it in the grade, or print " +
                          std::string("n > 0 ? string(") + name + ") : '-'");
  }
}

}  // namespace fengsui::rules
