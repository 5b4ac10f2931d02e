// A rule's expressions: parsed, with defs put in, checked against their environments; what the
// checker finds gets its place. One expression is checked once an event type; a finding of several
// types is told once.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rules/defs.h"
#include "rules/placed_expression.h"
#include "rules/scope.h"

namespace fengsui::rules {

class RuleExpressions {
 public:
  // `purpose`: the id of the rule's own; may be empty.
  RuleExpressions(Definitions& definitions, std::string purpose, Findings& findings)
      : definitions_(definitions), purpose_(std::move(purpose)), findings_(findings) {}

  // `hiding`: names that stand for something else than a def here. nullopt: a finding.
  std::optional<PlacedExpression> parse(const YamlNode& scalar,
                                        const std::set<std::string>& hiding = {});
  std::optional<PlacedExpression> put_defs_in(const PlacedExpression& expression,
                                              const std::set<std::string>& hiding);
  bool is_def(std::string_view name) const { return definitions_.contains(name); }

  // Against the events of type i, with a look at what persons' names it reads. `guaranteed`:
  // optional fields known to be there.
  std::optional<cel::Program> check_event(const PlacedExpression& expression, const Scope& scope,
                                          size_t i, const cel::Type& wanted,
                                          const std::set<std::string>& guaranteed);
  // Against any other environment.
  std::optional<cel::Program> check(const PlacedExpression& expression,
                                    const cel::Environment& environment, const cel::Type& wanted,
                                    const std::set<std::string>& guaranteed);
  // The expression reads, as `shown`, the field of this path in type i: if that names a person,
  // does the rule's purpose allow it? (privacy.md 1) True: it names one.
  bool note_read(const PlacedExpression& expression, const Scope& scope, size_t i,
                 const std::string& path, const std::string& shown);
  // Does a program over the slots of type i read a field that names a person?
  static bool reads_person(const cel::Program& program, const Scope& scope, size_t i);

  // A finding that is not made yet.
  void error(const PlacedExpression& expression, size_t at, std::string_view code,
             std::string message, std::string hint = {});

  void warning(const PlacedExpression& expression, size_t at, std::string_view code,
               std::string message, std::string hint = {});

  const std::string& purpose() const { return purpose_; }
  Findings& findings() { return findings_; }
  const std::set<std::pair<std::string, std::string>>& identities() const { return identities_; }

 private:
  bool is_new(size_t offset, const std::string& message);

  Definitions& definitions_;
  std::string purpose_;
  Findings& findings_;
  std::set<std::pair<size_t, std::string>> told_;
  std::set<std::pair<std::string, std::string>> identities_;
};

}  // namespace fengsui::rules
