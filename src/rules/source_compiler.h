// What a rule does with the events of one type, or of one step: `when`, `except`, `by`, `seen_by`.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rules/rule_expressions.h"
#include "rules/rule_spec.h"
#include "rules/scope.h"

namespace fengsui::rules {

// A source, with what rule and version need of it.
struct CompiledSource {
  RuleSource source;
  std::vector<std::string> group_names;
  std::vector<bool> names_person;    // by group name
  std::set<std::string> guaranteed;  // fields there in each event that counts
  std::string fingerprint;           // of all that decides which events count, and where
  bool reads_person = false;         // and a person's name is among it
};

class SourceCompiler {
 public:
  // Adds to `out`, against events of type i.
  SourceCompiler(RuleExpressions& expressions, const Scope& scope, size_t i, CompiledSource& out)
      : expressions_(expressions), scope_(scope), type_(i), out_(out) {}

  // To be called in this order; each says what is known of an event from then on.
  void add_when(const std::optional<PlacedExpression>& when);
  void add_exceptions(const std::vector<ExceptionSpec>& exceptions);
  void add_groups(const YamlNode& by);
  // `names`: of the rule's groups, beside this type's own.
  void add_seen_by(const YamlNode& seen_by, const std::vector<std::string>& names);

 private:
  void add_group_field(const YamlNode& field);
  void add_group_values(const YamlNode& by);
  void add_group_value(const std::string& name, const YamlNode& place,
                       const PlacedExpression& expression);
  std::optional<cel::Program> check(const PlacedExpression& expression, const cel::Type& wanted);
  void add_text(std::string_view text);

  RuleExpressions& expressions_;
  const Scope& scope_;
  size_t type_;
  CompiledSource& out_;
};

// Where a rule of several types or steps has other numbers of group values than its first: a
// finding at each. `places`: one a source.
void check_group_counts(const std::vector<CompiledSource>& sources,
                        const std::vector<const YamlNode*>& places,
                        const std::vector<std::string>& names, Findings& findings);

}  // namespace fengsui::rules
