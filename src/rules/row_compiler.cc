// The row is checked twice. First every path that may be read has a slot of its own: that tells
// which are. Those become captures, and the second check compiles against their places.
#include "rules/row_compiler.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "cel/syntax.h"
#include "rules/codes.h"
#include "rules/yaml_shape.h"

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

}  // namespace

int Captures::add(const std::string& key, std::vector<cel::Program> programs) {
  const auto [entry, is_new] = by_key_.emplace(key, static_cast<int>(programs_.size()));
  if (is_new) {
    programs_.push_back(std::move(programs));
    keys_.push_back(key);
  }
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

std::string stored_key(const std::string& key, const std::string& purpose) {
  const Hash128 hash = hash128(key);
  std::string text;
  for (const uint64_t part : {hash.high, hash.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[part >> shift & 15];
  }
  return purpose.empty() ? text : text + " " + purpose;
}

void RowCompiler::compile(Rule& rule) {
  for (ParsedLet& let : row_.lets()) {
    if (let.is_aggregate && let.expression) compile_aggregate(let);
  }
  compile_baseline(rule);
  paths_ = scope_.paths();
  check_row(nullptr, paths_.size());

  std::map<std::string, int> slots;
  for (const std::string& path : paths_read_) capture_path(path);
  rule.area_capture = capture_area();
  for (const std::string& path : paths_read_) {
    const Expected<cel::Syntax, cel::Finding> syntax = cel::parse(path);
    const std::optional<int> capture =
        syntax ? captures_.find(fingerprint(syntax->root())) : std::nullopt;
    if (capture) slots.emplace(path, *capture);
  }
  check_row(&slots, captures_.size());
  row_.warn_of_idle_grades();
  fill(rule);
}

void RowCompiler::compile_aggregate(ParsedLet& let) {
  const PlacedExpression& call = *let.expression;
  const AggregateWord& word = *find_aggregate(*call.syntax.called_function());
  let.aggregate.emplace().function = word.function;
  const std::vector<cel::Syntax> arguments = call.syntax.arguments();
  const size_t needed = word.values + (word.has_literal ? 1 : 0);
  if (arguments.size() < needed || arguments.size() > needed + 1) {
    expressions_.error(call, call.syntax.root().offset, code::kAggregate,
                       std::string("`") + word.name + "` takes " + word.form);
    return;
  }
  std::set<std::string> guarded;
  let.fingerprint = word.name;
  if (arguments.size() > needed) {
    const PlacedExpression where{call.scalar, call.start, arguments.back(), call.defs};
    guarded = guaranteed_fields(where.syntax.root());
    let.aggregate->where = capture_argument(where, kBool, {}, nullptr).value_or(-1);
    let.fingerprint += " where " + fingerprint(where.syntax.root());
  }
  if (!set_values(let, word, arguments, guarded)) return;
  if (!word.has_literal) return;
  const cel::Node& literal = arguments[word.values].root();
  const std::string_view text =
      std::string_view(call.syntax.text()).substr(literal.offset, literal.end - literal.offset);
  let.fingerprint += " by " + fingerprint(literal);
  if (!set_literal(*let.aggregate, literal, text)) {
    expressions_.error(call, literal.offset, code::kAggregate,
                       std::string("`") + word.name + "` takes " + word.form);
  }
}

// The arguments over events, and the type of what the aggregate gives. False: a finding.
bool RowCompiler::set_values(ParsedLet& let, const AggregateWord& word,
                             const std::vector<cel::Syntax>& arguments,
                             const std::set<std::string>& guarded) {
  const PlacedExpression& call = *let.expression;
  cel::Type type = kAny;
  std::vector<std::shared_ptr<const cel::Node>> values;
  for (size_t i = 0; i < word.values; ++i) {
    const PlacedExpression argument{call.scalar, call.start, arguments[i], call.defs};
    values.push_back(argument.syntax.shared_root());
    let.fingerprint += " of " + fingerprint(argument.syntax.root());
    if (word.values == 1) {
      let.aggregate->argument = capture_argument(argument, kAny, guarded, &type).value_or(-1);
    } else {
      for (size_t k = 0; k < scope_.types(); ++k) {
        const auto program = expressions_.check(argument, scope_.event(k), kAny, guaranteed_[k]);
        if (program) type = program->type();
      }
    }
    const std::optional<cel::Type> result = aggregate_type(word.function, type);
    if (!result) {
      expressions_.error(call, argument.syntax.root().offset, code::kTypeMismatch,
                         std::string("`") + word.name + "` does not take " + type.text());
      return false;
    }
    let.type = *result;
  }
  if (word.values == 0) let.type = *aggregate_type(word.function, kAny);
  let.aggregate->result = let.type.kind;
  if (word.values < 2) return true;
  // One capture of them all: the list of the values.
  cel::Node list = *values.front();
  list.kind = cel::Node::Kind::List;
  list.text.clear();
  list.end = values.back()->end;
  list.depth = 1;
  for (const auto& value : values) list.depth = std::max(list.depth, value->depth + 1);
  list.children = std::move(values);
  const PlacedExpression all{
      call.scalar, call.start,
      call.syntax.with_root(std::make_shared<const cel::Node>(std::move(list))), call.defs};
  let.aggregate->argument = capture_argument(all, kAny, guarded, nullptr).value_or(-1);
  return true;
}

std::optional<int> RowCompiler::capture_argument(const PlacedExpression& argument,
                                                 const cel::Type& wanted,
                                                 const std::set<std::string>& also,
                                                 cel::Type* type) {
  std::vector<cel::Program> programs;
  const std::string key = fingerprint(argument.syntax.root());
  for (size_t i = 0; i < scope_.types(); ++i) {
    std::set<std::string> guaranteed = guaranteed_[i];
    guaranteed.insert(also.begin(), also.end());
    std::optional<cel::Program> program =
        expressions_.check_event(argument, scope_, i, wanted, guaranteed);
    if (!program) continue;
    if (RuleExpressions::reads_person(*program, scope_, i)) {
      aggregates_read_person_ = true;
      person_keys_.insert(key);
    }
    if (type != nullptr) {
      *type = i == 0 || cel::same_type(*type, program->type()) ? program->type() : kAny;
    }
    programs.push_back(std::move(*program));
  }
  if (programs.size() != scope_.types()) return std::nullopt;
  return captures_.add(key, std::move(programs));
}

void RowCompiler::compile_baseline(Rule& rule) {
  if (!spec_.baseline || spec_.baseline->of == nullptr) return;
  const YamlNode& of = *spec_.baseline->of;
  std::vector<std::string> names;
  for (size_t i = 0; i < row_.lets().size(); ++i) {
    const ParsedLet& let = row_.lets()[i];
    if (let.is_aggregate) names.push_back(let.spec->name->text);
    if (let.spec->name->text != of.text) continue;
    using Kind = cel::Type::Kind;
    const bool is_number = let.type.is(Kind::Int) || let.type.is(Kind::Uint) ||
                           let.type.is(Kind::Double) || let.type.is(Kind::Dyn);
    if (let.is_aggregate && is_number) {
      rule.baseline = Baseline{i, spec_.baseline->every, spec_.baseline->keep};
      return;
    }
    error_at(of, code::kBaseline,
             "`" + of.text + "` is " +
                 (let.is_aggregate ? "of type " + let.type.text() + ", no number" : "no aggregate"),
             "`of` names a let that is an aggregate, as in n: count()", expressions_.findings());
    return;
  }
  error_at(of, code::kBaseline, "no aggregate of the rule is named `" + of.text + "`",
           nearest_hint(of.text, names, "`of` names a let that is an aggregate"),
           expressions_.findings());
}

void RowCompiler::check_row(const std::map<std::string, int>* slots, size_t captures) {
  RowExpressions::Place place;
  place.of_lets = slots != nullptr ? scope_.row(*slots) : scope_.whole_row();
  place.first_let = static_cast<int>(captures);
  if (spec_.baseline) {
    declare_baseline(place.of_lets, place.first_let);
    place.first_let += static_cast<int>(Rule::kBaselineSlots);
  }
  place.of_rest = place.of_lets;
  place.guaranteed = common(guaranteed_);
  const bool is_first = slots == nullptr;
  row_.check(std::move(place),
             [&](const PlacedExpression& expression, const cel::Program& program) {
               if (is_first) note_reads(expression, program);
             });
}

void RowCompiler::note_reads(const PlacedExpression& expression, const cel::Program& program) {
  for (const int slot : program.slots_read()) {
    if (static_cast<size_t>(slot) >= paths_.size()) continue;  // a let
    const std::string& path = paths_[static_cast<size_t>(slot)];
    paths_read_.insert(path);
    for (size_t i = 0; i < scope_.types(); ++i) {
      expressions_.note_read(expression, scope_, i, path, path);
    }
  }
}

void RowCompiler::capture_path(const std::string& path) {
  const Expected<cel::Syntax, cel::Finding> syntax = cel::parse(path);
  if (!syntax) return;
  const std::string key = fingerprint(syntax->root());
  std::vector<cel::Program> programs;
  for (size_t i = 0; i < scope_.types(); ++i) {
    if (scope_.identity(i, path) != nullptr) person_keys_.insert(key);
    cel::Checked checked = cel::check(*syntax, scope_.event(i));
    if (checked.program) programs.push_back(std::move(*checked.program));
  }
  if (programs.size() == scope_.types()) captures_.add(key, std::move(programs));
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

void RowCompiler::fill(Rule& rule) const {
  rule.captures = captures_.size();
  for (const std::string& key : captures_.keys()) {
    const bool holds_tokens = person_keys_.contains(key);
    rule.capture_keys.push_back(stored_key(key, holds_tokens ? expressions_.purpose() : ""));
  }
  for (size_t i = 0; i < rule.sources.size(); ++i) {
    rule.sources[i].captures = captures_.of_type(i);
  }
  row_.fill(rule);
}

std::map<std::string, std::string> RowCompiler::aggregate_fingerprints() const {
  std::map<std::string, std::string> fingerprints;
  for (const ParsedLet& let : row_.lets()) {
    if (let.is_aggregate) fingerprints.emplace(let.spec->name->text, let.fingerprint);
  }
  return fingerprints;
}

}  // namespace fengsui::rules
