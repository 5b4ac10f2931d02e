#include "rules/rule_expressions.h"

#include <algorithm>

#include "rules/codes.h"

namespace fengsui::rules {
namespace {

// The hint, and where the def is that the place stands for.
std::string with_def(const PlacedExpression& expression, size_t at, std::string hint) {
  const auto def = expression.defs.find(at);
  if (def == expression.defs.end()) return hint;
  return hint.empty() ? def->second : hint + "; " + def->second;
}

// The field of a finding "`data.note` may be missing": note.
std::string optional_path(const std::string& message) {
  const size_t end = message.find('`', 1);
  std::string path = message.substr(1, end - 1);
  return path.starts_with("data.") ? path.substr(5) : path;
}

}  // namespace

bool RuleExpressions::is_new(size_t offset, const std::string& message) {
  return told_.emplace(offset, message).second;
}

std::optional<PlacedExpression> RuleExpressions::parse(const YamlNode& scalar,
                                                       const std::set<std::string>& hiding) {
  const std::optional<PlacedExpression> parsed = parse_expression(scalar, findings_);
  return parsed ? put_defs_in(*parsed, hiding) : std::nullopt;
}

std::optional<PlacedExpression> RuleExpressions::put_defs_in(const PlacedExpression& expression,
                                                             const std::set<std::string>& hiding) {
  return definitions_.put_in(expression, hiding, findings_);
}

void RuleExpressions::error(const PlacedExpression& expression, size_t at, std::string_view code,
                            std::string message, std::string hint) {
  const size_t offset = expression.offset(at);
  if (!is_new(offset, message)) return;
  findings_.error(*expression.scalar->file, offset, code, std::move(message),
                  with_def(expression, at, std::move(hint)));
}

void RuleExpressions::warning(const PlacedExpression& expression, size_t at, std::string_view code,
                              std::string message, std::string hint) {
  const size_t offset = expression.offset(at);
  if (!is_new(offset, message)) return;
  findings_.warning(*expression.scalar->file, offset, code, std::move(message),
                    with_def(expression, at, std::move(hint)));
}

std::optional<cel::Program> RuleExpressions::check(const PlacedExpression& expression,
                                                   const cel::Environment& environment,
                                                   const cel::Type& wanted,
                                                   const std::set<std::string>& guaranteed) {
  cel::Checked checked = cel::check(expression.syntax, environment, wanted);
  for (const cel::Finding& finding : checked.findings) {
    if (!finding.warning) {
      error(expression, finding.offset,
            explained_code(finding.message).value_or(code_of(finding.code)), finding.message,
            finding.hint);
      continue;
    }
    if (finding.code == cel::Finding::Code::OptionalField &&
        guaranteed.contains(optional_path(finding.message))) {
      continue;
    }
    warning(expression, finding.offset, code_of(finding.code), finding.message, finding.hint);
  }
  return std::move(checked.program);
}

std::optional<cel::Program> RuleExpressions::check_event(const PlacedExpression& expression,
                                                         const Scope& scope, size_t i,
                                                         const cel::Type& wanted,
                                                         const std::set<std::string>& guaranteed) {
  std::optional<cel::Program> program = check(expression, scope.event(i), wanted, guaranteed);
  if (!program) return program;
  for (const int slot : program->slots_read()) {
    const std::string path = scope.path_of(i, slot);
    note_read(expression, scope, i, path, path);
  }
  return program;
}

bool RuleExpressions::reads_person(const cel::Program& program, const Scope& scope, size_t i) {
  const std::vector<int>& slots = program.slots_read();
  return std::any_of(slots.begin(), slots.end(), [&](int slot) {
    return scope.identity(i, scope.path_of(i, slot)) != nullptr;
  });
}

bool RuleExpressions::note_read(const PlacedExpression& expression, const Scope& scope, size_t i,
                                const std::string& path, const std::string& shown) {
  const event::Field* field = scope.identity(i, path);
  if (field == nullptr) return false;
  identities_.emplace(scope.type(i).name(), path);
  const size_t at = offset_of_path(expression.syntax.root(), shown);
  const std::vector<std::string>& listed = field->identity_purposes;
  if (purpose_.empty()) {
    error(expression, at, code::kNoPurpose,
          "`" + shown + "` names a person, and the rule has no `purpose.id`",
          "it stands for the token of the rule's own purpose: give the purpose its id");
  } else if (!listed.empty() && std::find(listed.begin(), listed.end(), purpose_) == listed.end()) {
    error(expression, at, code::kOtherPurpose,
          "`" + shown + "` is not given for the purpose `" + purpose_ + "`",
          nearest_hint(purpose_, listed, "its schema lists the purposes it is given for"));
  }
  return true;
}

}  // namespace fengsui::rules
