#include "rules/rule_expressions.h"

#include <algorithm>

#include "rules/codes.h"

namespace fengsui::rules {

bool RuleExpressions::is_new(size_t offset, const std::string& message) {
  return told_.emplace(offset, message).second;
}

void RuleExpressions::error(const PlacedExpression& expression, size_t at, const char* code,
                            std::string message, std::string hint) {
  const size_t offset = expression.offset(at);
  if (!is_new(offset, message)) return;
  findings_.error(*expression.scalar->file, offset, code, std::move(message), std::move(hint));
}

void RuleExpressions::warning(const PlacedExpression& expression, size_t at, const char* code,
                              std::string message, std::string hint) {
  const size_t offset = expression.offset(at);
  if (!is_new(offset, message)) return;
  findings_.warning(*expression.scalar->file, offset, code, std::move(message), std::move(hint));
}

std::optional<cel::Program> RuleExpressions::check(const PlacedExpression& expression,
                                                   const cel::Environment& environment,
                                                   const cel::Type& wanted,
                                                   const std::set<std::string>& guaranteed) {
  cel::Checked checked = cel::check(expression.syntax, environment, wanted);
  for (const cel::Finding& finding : checked.findings) {
    if (!finding.warning) {
      const char* explained = scope_.explained_code(finding.message);
      error(expression, finding.offset, explained != nullptr ? explained : code_of(finding.code),
            finding.message, finding.hint);
      continue;
    }
    const std::string path = path_at(expression.syntax.root(), finding.offset);
    if (finding.code == cel::Finding::Code::OptionalField && guaranteed.contains(path)) continue;
    const size_t offset = expression.offset(finding.offset);
    if (!is_new(offset, finding.message)) continue;
    findings_.warning(*expression.scalar->file, offset, code_of(finding.code), finding.message,
                      finding.hint);
  }
  return std::move(checked.program);
}

std::optional<cel::Program> RuleExpressions::check_event(const PlacedExpression& expression,
                                                         size_t i, const cel::Type& wanted,
                                                         const std::set<std::string>& guaranteed) {
  return check(expression, scope_.event(i), wanted, guaranteed);
}

void RuleExpressions::note_read(const PlacedExpression& expression, size_t i,
                                const std::string& path, const std::string& purpose) {
  const event::Field* field = scope_.identity(i, path);
  if (field == nullptr) return;
  identities_.emplace(scope_.type(i).name(), path);
  const size_t at = offset_of_path(expression.syntax.root(), path);
  const std::vector<std::string>& listed = field->identity_purposes;
  if (purpose.empty()) {
    error(expression, at, code::kNoPurpose,
          "`" + path + "` names a person, and the rule has no `purpose.id`",
          "it stands for the token of the rule's own purpose: give the purpose its id");
  } else if (!listed.empty() && std::find(listed.begin(), listed.end(), purpose) == listed.end()) {
    error(expression, at, code::kOtherPurpose,
          "`" + path + "` is not given for the purpose `" + purpose + "`",
          nearest_hint(purpose, listed, "its schema lists the purposes it is given for"));
  }
}

}  // namespace fengsui::rules
