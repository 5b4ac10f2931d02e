// The row is checked twice. First every path that may be read has a slot of its own: that tells
// which are. Those become captures, and the second check compiles against their places.
#include "rules/row_compiler.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "cel/syntax.h"
#include "rules/codes.h"

namespace fengsui::rules {
namespace {

const cel::Type kAny = cel::Type::of(cel::Type::Kind::Dyn);
const cel::Type kBool = cel::Type::of(cel::Type::Kind::Bool);

// Of an area's capture; no fingerprint of an expression is as short.
constexpr const char* kAreaKey = "@";

// The fields that all of them know to be there.
std::set<std::string> common(const std::vector<std::set<std::string>>& sets) {
  std::set<std::string> all = sets.front();
  for (const std::set<std::string>& other : sets) {
    std::erase_if(all, [&](const std::string& path) { return !other.contains(path); });
  }
  return all;
}

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

bool is_identifier(const std::string& name) {
  const auto is_letter = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool is_reserved(const std::string& name) {
  static const std::set<std::string> kReserved = {
      // cel-spec, "Syntax"
      "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in",
      "let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while",
      // rules.md, "Expressions"
      "baseline", "data", "event", "keywords", "lists"};
  return kReserved.contains(name);
}

}  // namespace

int Captures::add(const std::string& key, std::vector<cel::Program> programs) {
  const auto [entry, is_new] = by_key_.emplace(key, static_cast<int>(programs_.size()));
  if (is_new) programs_.push_back(std::move(programs));
  return entry->second;
}

std::optional<int> Captures::find(const std::string& key) const {
  const auto entry = by_key_.find(key);
  return entry == by_key_.end() ? std::nullopt : std::optional<int>(entry->second);
}

std::vector<cel::Program> Captures::of_type(size_t i) const {
  std::vector<cel::Program> programs;
  for (const std::vector<cel::Program>& capture : programs_) programs.push_back(capture[i]);
  return programs;
}

void RowCompiler::compile(Rule& rule) {
  parse_lets();
  for (const GradeSpec& grade : spec_.grades) {
    conditions_.push_back(grade.condition != nullptr ? parse_expression(*grade.condition, findings_)
                                                     : std::nullopt);
  }
  parse_message();

  paths_ = scope_.paths();
  std::map<std::string, int> slots;
  for (size_t i = 0; i < paths_.size(); ++i) slots.emplace(paths_[i], static_cast<int>(i));
  check_row(slots, static_cast<int>(paths_.size()), true);

  slots.clear();
  for (const std::string& path : paths_read_) capture_path(path);
  rule.area_capture = capture_area();
  for (const std::string& path : paths_read_) {
    const Expected<cel::Syntax, cel::Finding> syntax = cel::parse(path);
    const std::optional<int> capture =
        syntax ? captures_.find(fingerprint(syntax->root())) : std::nullopt;
    if (capture) slots.emplace(path, *capture);
  }
  check_row(slots, static_cast<int>(captures_.size()), false);
  warn_of_idle_grades();
  fill(rule);
}

void RowCompiler::check_name(const YamlNode& name) {
  if (!is_identifier(name.text) || is_reserved(name.text)) {
    findings_.error(*name.file, name.offset, code::kLetName,
                    "`" + name.text + "` cannot name a value",
                    is_reserved(name.text) ? "the word is taken" : "letters, digits and _");
  }
}

void RowCompiler::parse_lets() {
  for (const LetSpec& spec : spec_.lets) {
    ParsedLet& let = lets_.emplace_back();
    let.spec = &spec;
    let.type = kAny;
    check_name(*spec.name);
    let.expression = parse_expression(*spec.value, findings_);
    if (!let.expression) continue;
    const auto function = let.expression->syntax.called_function();
    const AggregateWord* word = function ? find_aggregate(*function) : nullptr;
    if (word != nullptr) compile_aggregate(let, *word);
  }
}

void RowCompiler::compile_aggregate(ParsedLet& let, const AggregateWord& word) {
  const PlacedExpression& call = *let.expression;
  let.aggregate = Aggregate{word.function, -1, -1};
  if (!word.built) {
    expressions_.error(call, 0, code::kLaterAggregate,
                       std::string("`") + word.name + "` is not built yet",
                       "this version of fengsui has no such aggregate");
    return;
  }
  std::vector<cel::Syntax> arguments = call.syntax.arguments();
  const size_t values = word.function == Aggregate::Function::Count ? 0 : 1;
  if (arguments.size() < values || arguments.size() > values + 1) {
    expressions_.error(
        call, call.syntax.root().offset, code::kAggregate,
        std::string("`") + word.name + "` takes " +
            (values == 0 ? "a condition or nothing" : "a value and, if need be, a condition"));
    return;
  }
  std::set<std::string> guarded;
  let.fingerprint = word.name;
  if (arguments.size() > values) {
    const PlacedExpression where{call.scalar, call.start, arguments.back()};
    guarded = guaranteed_fields(where.syntax.root());
    let.aggregate->where = capture_argument(where, kBool, {}, nullptr).value_or(-1);
    let.fingerprint += " where " + fingerprint(where.syntax.root());
  }
  cel::Type type = kAny;
  if (values == 1) {
    const PlacedExpression argument{call.scalar, call.start, arguments.front()};
    let.aggregate->argument = capture_argument(argument, kAny, guarded, &type).value_or(-1);
    let.fingerprint += " of " + fingerprint(argument.syntax.root());
  }
  const std::optional<cel::Type> result = aggregate_type(word.function, type);
  if (result) {
    let.type = *result;
    let.aggregate->result = result->kind;
  } else {
    expressions_.error(call, arguments.front().root().offset, code::kTypeMismatch,
                       std::string("`") + word.name + "` does not take " + type.text());
  }
}

std::optional<int> RowCompiler::capture_argument(const PlacedExpression& argument,
                                                 const cel::Type& wanted,
                                                 const std::set<std::string>& also,
                                                 cel::Type* type) {
  std::vector<cel::Program> programs;
  for (size_t i = 0; i < scope_.types(); ++i) {
    std::set<std::string> guaranteed = guaranteed_[i];
    guaranteed.insert(also.begin(), also.end());
    std::optional<cel::Program> program = expressions_.check_event(argument, i, wanted, guaranteed);
    if (!program) continue;
    for (const int slot : program->slots_read()) {
      expressions_.note_read(argument, i, scope_.path_of(i, slot), spec_.purpose.id);
    }
    if (type != nullptr) {
      *type = i == 0 || cel::same_type(*type, program->type()) ? program->type() : kAny;
    }
    programs.push_back(std::move(*program));
  }
  if (programs.size() != scope_.types()) return std::nullopt;
  return captures_.add(fingerprint(argument.syntax.root()), std::move(programs));
}

void RowCompiler::parse_message() {
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
      findings_.error(*spec_.message->file, offset_in_file(*spec_.message, at), code::kBrace,
                      "a `}` that closes nothing", "`}}` is a brace");
      ++at;
    } else {
      part.text += text[at++];
    }
  }
  if (!part.text.empty()) parts_.push_back(std::move(part));
}

// At a `{`; moves `at` behind its `}`. False: there is none.
bool RowCompiler::parse_part(size_t& at, ParsedPart& part) {
  const std::string_view text = spec_.message->text;
  const std::optional<size_t> length = cel::length_to_closing_brace(text.substr(at + 1));
  if (!length) {
    findings_.error(*spec_.message->file, offset_in_file(*spec_.message, at), code::kBrace,
                    "a `{` without its `}`", "`{{` is a brace");
    return false;
  }
  part.source = text.substr(at, *length + 2);
  part.expression =
      parse_expression(*spec_.message, at + 1, text.substr(at + 1, *length), findings_);
  at += *length + 2;
  return true;
}

void RowCompiler::check_row(const std::map<std::string, int>& slots, int first_let, bool note) {
  const std::set<std::string> guaranteed = common(guaranteed_);
  std::vector<LetName> names;
  for (size_t i = 0; i < lets_.size(); ++i) {
    ParsedLet& let = lets_[i];
    if (let.expression && !let.aggregate) {
      let.program = expressions_.check(*let.expression, scope_.row(names, slots), kAny, guaranteed);
      if (note) note_reads(*let.expression, let.program);
      let.type = let.program ? let.program->type() : kAny;
    }
    names.push_back({let.spec->name->text, let.type, first_let + static_cast<int>(i)});
  }
  const cel::Environment environment = scope_.row(names, slots);
  grades_.clear();
  for (const std::optional<PlacedExpression>& condition : conditions_) {
    std::optional<cel::Program>& program = grades_.emplace_back();
    if (!condition) continue;
    program = expressions_.check(*condition, environment, kBool, guaranteed);
    if (note) note_reads(*condition, program);
  }
  for (ParsedPart& part : parts_) {
    if (!part.expression) continue;
    part.program = expressions_.check(*part.expression, environment, kAny, guaranteed);
    if (note) note_reads(*part.expression, part.program);
    if (part.program && !has_text(part.program->type())) {
      // string() errs on it, and "a part that errs is printed as it stands" (rules.md).
      expressions_.warning(*part.expression, part.expression->syntax.root().offset,
                           code::kTypeMismatch,
                           "a message cannot print " + part.program->type().text(),
                           "the part will be printed as it stands; print an element or its size");
    }
  }
}

void RowCompiler::note_reads(const PlacedExpression& expression,
                             const std::optional<cel::Program>& program) {
  if (!program) return;
  for (const int slot : program->slots_read()) {
    if (static_cast<size_t>(slot) >= paths_.size()) continue;  // a let
    const std::string& path = paths_[static_cast<size_t>(slot)];
    paths_read_.insert(path);
    for (size_t i = 0; i < scope_.types(); ++i) {
      expressions_.note_read(expression, i, path, spec_.purpose.id);
    }
  }
}

void RowCompiler::capture_path(const std::string& path) {
  const Expected<cel::Syntax, cel::Finding> syntax = cel::parse(path);
  if (!syntax) return;
  std::vector<cel::Program> programs;
  for (size_t i = 0; i < scope_.types(); ++i) {
    cel::Checked checked = cel::check(*syntax, scope_.event(i));
    if (checked.program) programs.push_back(std::move(*checked.program));
  }
  if (programs.size() == scope_.types()) {
    captures_.add(fingerprint(syntax->root()), std::move(programs));
  }
}

int RowCompiler::capture_area() {
  const Expected<cel::Syntax, cel::Finding> syntax = cel::parse("area");
  bool known = false;
  std::vector<cel::Program> programs;
  for (size_t i = 0; i < scope_.types(); ++i) {
    known |= scope_.type(i).area_slot() >= 0;
    cel::Checked checked = cel::check(*syntax, scope_.area(i));
    if (checked.program) programs.push_back(std::move(*checked.program));
  }
  if (!known || programs.size() != scope_.types()) return -1;
  return captures_.add(kAreaKey, std::move(programs));
}

void RowCompiler::warn_of_idle_grades() {
  const GradeSpec* hiding = nullptr;  // a higher grade that always holds
  for (size_t i = 0; i < spec_.grades.size(); ++i) {
    const GradeSpec& grade = spec_.grades[i];
    const std::optional<cel::Value>* constant = grades_[i] ? &grades_[i]->constant() : nullptr;
    const bool is_constant = constant != nullptr && constant->has_value();
    if (hiding != nullptr) {
      findings_.warning(*grade.name->file, grade.name->offset, code::kGradeNever,
                        "the grade `" + grade.name->text + "` can never hold",
                        "`" + hiding->name->text + "`, which is higher, always does");
    } else if (is_constant && !(*constant)->is_true()) {
      findings_.warning(*grade.condition->file, grade.condition->offset, code::kGradeNever,
                        "the grade `" + grade.name->text + "` can never hold",
                        "its condition is false for every event");
    }
    const bool always = grade.condition == nullptr || (is_constant && (*constant)->is_true());
    if (hiding == nullptr && always) hiding = &grade;
  }
}

void RowCompiler::fill(Rule& rule) const {
  rule.captures = captures_.size();
  for (size_t i = 0; i < rule.sources.size(); ++i) {
    rule.sources[i].captures = captures_.of_type(i);
  }
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

std::map<std::string, std::string> RowCompiler::aggregate_fingerprints() const {
  std::map<std::string, std::string> fingerprints;
  for (const ParsedLet& let : lets_) {
    if (let.aggregate) fingerprints.emplace(let.spec->name->text, let.fingerprint);
  }
  return fingerprints;
}

}  // namespace fengsui::rules
