// The linter's view of one rule, as written.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/lint_condition.h"
#include "rules/lint_use.h"
#include "rules/placed_expression.h"

namespace fengsui::rules {

class RuleLint {
 public:
  RuleLint(const YamlNode& rule, const LintInput& input, const DefNodes& defs, PackUse& use,
           Findings& findings)
      : rule_(rule), input_(input), defs_(defs), use_(use), findings_(findings) {}

  void run();

 private:
  struct Source {
    const event::EventType* type = nullptr;  // null: no schema, or the engine's own alerts
    const YamlNode* when = nullptr;
    const YamlNode* by = nullptr;
    const YamlNode* seen_by = nullptr;
    std::string name;     // of a step
    bool absent = false;  // a step that must not happen
  };
  struct Condition {
    Grade grade = Grade::None;
    const PlacedExpression* expression = nullptr;  // null: it always holds
    const YamlNode* name = nullptr;
  };

  void read_sources();
  void read_steps(const YamlNode& sequence);
  void add_source(const YamlNode& type, const YamlNode* own);
  std::vector<const event::EventType*> types() const;

  void lint_conditions();
  void lint_condition(const YamlNode& condition, const LintScope& scope);
  void lint_groups(const YamlNode* by, const LintScope& scope);
  void lint_exceptions();
  void lint_exception(const YamlNode& entry);
  void lint_row();
  void lint_grades(const LintScope& row);
  void lint_grade(const Condition& grade, const std::vector<Condition>& higher,
                  const LintScope& row);
  void lint_message(const LintScope& row);
  void lint_message_part(const PlacedExpression& part);
  void lint_window();

  WindowFacts window_facts() const;
  // Of the newest event's fields, by what all events that count have in common.
  std::optional<Cubes> known_of_events() const;

  // Null: it is no CEL. Notes what it reads.
  const PlacedExpression* parse(const YamlNode& scalar, const LintScope& scope);
  const PlacedExpression* parse(const YamlNode& scalar, size_t start, std::string_view text,
                                const LintScope& scope);
  void tell(const PlacedExpression& expression, const LintNote& note);
  void tell_all(const PlacedExpression& expression, const LintScope& scope);
  // Of a condition that no event fulfils: what that means, and why; `code` where no part says it.
  void tell_never(const PlacedExpression& expression, const LintScope& scope, std::string_view code,
                  const std::string& what);

  const YamlNode& rule_;
  const LintInput& input_;
  const DefNodes& defs_;
  PackUse& use_;
  Findings& findings_;
  std::vector<Source> sources_;
  bool is_sequence_ = false;
  bool has_aggregate_ = false;
  std::deque<PlacedExpression> expressions_;     // scopes point into them
  const PlacedExpression* only_when_ = nullptr;  // of the only source
  std::set<std::string> may_miss_;               // lets that are an error over no events
};

}  // namespace fengsui::rules
