// What can be said against a condition, or any expression with conditions in it: parts that are
// never or always true, that contradict one another or say the same twice.
#pragma once

#include <string>
#include <vector>

#include "rules/lint_scope.h"

namespace fengsui::rules {

struct LintNote {
  size_t offset = 0;  // in the expression
  std::string_view code = "";
  std::string message;
  std::string hint;
};

// Notes in the order of their places.
std::vector<LintNote> lint_expression(const cel::Node& root, const LintScope& scope);

// The expression is a condition, and no event can make it true. (A literal `false` is not meant.)
bool is_never_true(const cel::Node& root, const LintScope& scope);

// The part as it is written, near enough for a message.
std::string node_text(const cel::Node& node);

}  // namespace fengsui::rules
