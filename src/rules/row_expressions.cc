#include "rules/row_expressions.h"

#include <utility>

#include "cel/syntax.h"
#include "rules/aggregates.h"
#include "rules/codes.h"
#include "rules/rule_names.h"

namespace fengsui::rules {
namespace {

const cel::Type kAny = cel::Type::of(cel::Type::Kind::Dyn);
const cel::Type kBool = cel::Type::of(cel::Type::Kind::Bool);

// Does CEL's string() take it?
bool has_text(const cel::Type& type) {
  using Kind = cel::Type::Kind;
  switch (type.kind) {
    case Kind::Dyn:
    case Kind::Bool:
    case Kind::Int:
    case Kind::Uint:
    case Kind::Double:
    case Kind::String:
    case Kind::Bytes:
    case Kind::Timestamp:
    case Kind::Duration:
      return true;
    default:
      return false;
  }
}

}  // namespace

RowExpressions::RowExpressions(const RuleSpec& spec, RuleExpressions& expressions,
                               std::set<std::string> names)
    : spec_(spec), expressions_(expressions), hiding_(std::move(names)) {
  parse_lets();
  for (const GradeSpec& grade : spec_.grades) {
    conditions_.push_back(grade.condition != nullptr ? expressions_.parse(*grade.condition, hiding_)
                                                     : std::nullopt);
  }
  parse_message();
}

void RowExpressions::parse_lets() {
  for (const LetSpec& spec : spec_.lets) {
    ParsedLet& let = lets_.emplace_back();
    let.spec = &spec;
    let.type = kAny;
    expect_name(*spec.name, "a value", code::kLetName, expressions_.findings());
    const auto parsed = parse_expression(*spec.value, expressions_.findings());
    if (parsed) {
      const auto function = parsed->syntax.called_function();
      let.is_aggregate = function && find_aggregate(*function) != nullptr;
      // An aggregate's arguments see the event alone, where no let hides a def.
      let.expression =
          expressions_.put_defs_in(*parsed, let.is_aggregate ? std::set<std::string>() : hiding_);
    }
    hiding_.insert(spec.name->text);
  }
}

void RowExpressions::parse_message() {
  if (spec_.message == nullptr) return;
  const std::string& text = spec_.message->text;
  ParsedPart part;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    if (rest.starts_with("{{") || rest.starts_with("}}")) {
      part.text += rest.front();
      at += 2;
    } else if (rest.front() == '{') {
      if (!parse_part(at, part)) return;
      parts_.push_back(std::exchange(part, {}));
    } else if (rest.front() == '}') {
      expressions_.findings().error(*spec_.message->file, offset_in_file(*spec_.message, at),
                                    code::kBrace, "a `}` that closes nothing", "`}}` is a brace");
      ++at;
    } else {
      part.text += text[at++];
    }
  }
  if (!part.text.empty()) parts_.push_back(std::move(part));
}

// At a `{`; moves `at` behind its `}`. False: there is none.
bool RowExpressions::parse_part(size_t& at, ParsedPart& part) {
  const std::string_view text = spec_.message->text;
  Findings& findings = expressions_.findings();
  const std::optional<size_t> length = cel::length_to_closing_brace(text.substr(at + 1));
  if (!length) {
    findings.error(*spec_.message->file, offset_in_file(*spec_.message, at), code::kBrace,
                   "a `{` without its `}`", "`{{` is a brace");
    return false;
  }
  part.source = text.substr(at, *length + 2);
  const auto parsed =
      parse_expression(*spec_.message, at + 1, text.substr(at + 1, *length), findings);
  if (parsed) part.expression = expressions_.put_defs_in(*parsed, hiding_);
  at += *length + 2;
  return true;
}

void RowExpressions::check(Place place, const Note& note) {
  for (size_t i = 0; i < lets_.size(); ++i) {
    ParsedLet& let = lets_[i];
    if (let.expression && !let.is_aggregate) {
      let.program = expressions_.check(*let.expression, place.of_lets, kAny, place.guaranteed);
      if (let.program) note(*let.expression, *let.program);
      let.type = let.program ? let.program->type() : kAny;
    }
    const int slot = place.first_let + static_cast<int>(i);
    declare_let(place.of_lets, let.spec->name->text, let.type, slot);
    declare_let(place.of_rest, let.spec->name->text, let.type, slot);
  }
  grades_.clear();
  for (const std::optional<PlacedExpression>& condition : conditions_) {
    std::optional<cel::Program>& program = grades_.emplace_back();
    if (!condition) continue;
    program = expressions_.check(*condition, place.of_rest, kBool, place.guaranteed);
    if (program) note(*condition, *program);
  }
  for (ParsedPart& part : parts_) {
    if (part.expression) check_part(part, place, note);
  }
}

void RowExpressions::check_part(ParsedPart& part, const Place& place, const Note& note) {
  part.program = expressions_.check(*part.expression, place.of_rest, kAny, place.guaranteed);
  if (!part.program) return;
  note(*part.expression, *part.program);
  if (has_text(part.program->type())) return;
  // string() errs on it, and "a part that errs is printed as it stands" (rules.md).
  expressions_.warning(*part.expression, part.expression->syntax.root().offset, code::kTypeMismatch,
                       "a message cannot print " + part.program->type().text(),
                       "the part will be printed as it stands; print an element or its size");
}

void RowExpressions::warn_of_idle_grades() {
  const GradeSpec* hiding = nullptr;  // a higher grade that always holds
  for (size_t i = 0; i < spec_.grades.size(); ++i) {
    const GradeSpec& grade = spec_.grades[i];
    const std::optional<cel::Value>* constant = grades_[i] ? &grades_[i]->constant() : nullptr;
    const bool is_constant = constant != nullptr && constant->has_value();
    if (hiding != nullptr) {
      expressions_.findings().warning(*grade.name->file, grade.name->offset, code::kGradeNever,
                                      "the grade `" + grade.name->text + "` can never hold",
                                      "`" + hiding->name->text + "`, which is higher, always does");
    } else if (is_constant && !(*constant)->is_true()) {
      expressions_.findings().warning(*grade.condition->file, grade.condition->offset,
                                      code::kGradeNever,
                                      "the grade `" + grade.name->text + "` can never hold",
                                      "its condition is false for every event");
    }
    const bool always = grade.condition == nullptr || (is_constant && (*constant)->is_true());
    if (hiding == nullptr && always) hiding = &grade;
  }
}

void RowExpressions::fill(Rule& rule) const {
  for (const ParsedLet& let : lets_) {
    if (let.aggregate) {
      rule.lets.push_back({let.spec->name->text, *let.aggregate});
    } else if (let.program) {
      rule.lets.push_back({let.spec->name->text, *let.program});
    }
  }
  for (size_t i = 0; i < spec_.grades.size(); ++i) {
    rule.grades.emplace_back(spec_.grades[i].grade, grades_[i]);
  }
  rule.has_message = spec_.message != nullptr;
  for (const ParsedPart& part : parts_) {
    rule.message.push_back({part.text, part.program, part.source});
  }
}

}  // namespace fengsui::rules
