// Checks a rule's expressions against their environments and places what the checker finds. One
// expression is checked once an event type; a finding of several types is told once.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rules/placed_expression.h"
#include "rules/scope.h"

namespace fengsui::rules {

class RuleExpressions {
 public:
  RuleExpressions(const Scope& scope, Findings& findings) : scope_(scope), findings_(findings) {}

  // Against the events of type i. `guaranteed`: optional fields known to be there.
  std::optional<cel::Program> check_event(const PlacedExpression& expression, size_t i,
                                          const cel::Type& wanted,
                                          const std::set<std::string>& guaranteed);
  // Against a row.
  std::optional<cel::Program> check(const PlacedExpression& expression,
                                    const cel::Environment& environment, const cel::Type& wanted,
                                    const std::set<std::string>& guaranteed);
  // The expression reads the field of this path: if that names a person, does the rule's purpose
  // allow it? (privacy.md 1)
  void note_read(const PlacedExpression& expression, size_t i, const std::string& path,
                 const std::string& purpose);

  // A finding that is not made yet.
  void error(const PlacedExpression& expression, size_t at, const char* code, std::string message,
             std::string hint = {});

  void warning(const PlacedExpression& expression, size_t at, const char* code, std::string message,
               std::string hint = {});

  const std::set<std::pair<std::string, std::string>>& identities() const { return identities_; }

 private:
  bool is_new(size_t offset, const std::string& message);

  const Scope& scope_;
  Findings& findings_;
  std::set<std::pair<size_t, std::string>> told_;
  std::set<std::pair<std::string, std::string>> identities_;
};

}  // namespace fengsui::rules
