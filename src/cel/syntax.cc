#include "cel/syntax.h"

#include "cel/expression.h"

namespace fengsui::cel {

const char* operator_text(Operator op) {
  static constexpr const char* kTexts[] = {
      "+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "in", "!", "-"};
  return kTexts[static_cast<size_t>(op)];
}

std::optional<std::string_view> Syntax::called_function() const {
  if (root_->kind != Node::Kind::Call) return std::nullopt;
  return root_->text;
}

std::vector<Syntax> Syntax::arguments() const {
  std::vector<Syntax> out;
  for (const std::shared_ptr<const Node>& child : root_->children) out.emplace_back(text_, child);
  return out;
}

}  // namespace fengsui::cel
