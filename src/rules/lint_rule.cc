#include "rules/lint_rule.h"

#include <algorithm>

#include "rules/codes.h"

namespace fengsui::rules {
namespace {

using cel::Node;
using NodeKind = cel::Node::Kind;

std::string text_of(const YamlNode* node) {
  return node != nullptr && node->is_scalar() ? node->text : std::string();
}

}  // namespace

void RuleLint::run() {
  read_sources();
  lint_conditions();
  lint_exceptions();
  lint_row();
}

void RuleLint::read_sources() {
  if (const YamlNode* sequence = rule_.find("sequence"); sequence && sequence->is_map()) {
    return read_steps(*sequence);
  }
  const YamlNode* from = rule_.find("from");
  if (from == nullptr) return;
  if (from->is_scalar()) add_source(*from, nullptr);
  for (size_t i = 0; i < from->items.size(); ++i) {
    if (from->is_list()) add_source(from->items[i], nullptr);
    if (from->is_map()) add_source(from->keys[i], &from->items[i]);
  }
}

void RuleLint::add_source(const YamlNode& type, const YamlNode* own) {
  if (!type.is_scalar()) return;
  use_.types.insert(type.text);
  const auto known = input_.world->types.find(type.text);
  Source source;
  if (known != input_.world->types.end()) source.type = known->second.get();
  const auto part = [&](const char* key) {
    const YamlNode* node = own != nullptr && own->is_map() ? own->find(key) : nullptr;
    return node != nullptr ? node : rule_.find(key);
  };
  source.when = part("when");
  source.by = part("by");
  source.seen_by = part("seen_by");
  sources_.push_back(source);
}

void RuleLint::read_steps(const YamlNode& sequence) {
  is_sequence_ = true;
  const YamlNode* steps = sequence.find("steps");
  if (steps == nullptr || !steps->is_list()) return;
  for (const YamlNode& step : steps->items) {
    if (!step.is_map()) continue;
    Source source;
    const std::string type = text_of(step.find("from"));
    use_.types.insert(type);
    const auto known = input_.world->types.find(type);
    if (known != input_.world->types.end()) source.type = known->second.get();
    source.when = step.find("when");
    source.by = step.find("by");
    source.name = text_of(step.find("as"));
    source.absent = text_of(step.find("absent")) == "true";
    sources_.push_back(source);
  }
}

std::vector<const event::EventType*> RuleLint::types() const {
  std::vector<const event::EventType*> types;
  for (const Source& source : sources_) {
    if (source.type != nullptr) types.push_back(source.type);
  }
  return types;
}

const PlacedExpression* RuleLint::parse(const YamlNode& scalar, const LintScope& scope) {
  return scalar.is_scalar() ? parse(scalar, 0, scalar.text, scope) : nullptr;
}

const PlacedExpression* RuleLint::parse(const YamlNode& scalar, size_t start, std::string_view text,
                                        const LintScope& scope) {
  Expected<cel::Syntax, cel::Finding> syntax = cel::parse(text);
  if (!syntax) return nullptr;  // told by the compiler
  expressions_.push_back(PlacedExpression{&scalar, start, std::move(*syntax)});
  note_use(expressions_.back().syntax.root(), scope, use_);
  return &expressions_.back();
}

void RuleLint::tell(const PlacedExpression& expression, const LintNote& note) {
  findings_.warning(*expression.scalar->file, expression.offset(note.offset), note.code,
                    note.message, note.hint);
}

void RuleLint::tell_all(const PlacedExpression& expression, const LintScope& scope) {
  for (const LintNote& note : lint_expression(expression.syntax.root(), scope)) {
    tell(expression, note);
  }
}

void RuleLint::tell_never(const PlacedExpression& expression, const LintScope& scope,
                          std::string_view code, const std::string& what) {
  const std::vector<LintNote> notes = lint_expression(expression.syntax.root(), scope);
  LintNote never{expression.syntax.root().offset, code, what, {}};
  if (!notes.empty()) {
    const LintNote& why = notes.front();
    // Of a grade that cannot be given this is what matters; else, which part is to blame.
    if (code != code::kGradeNever) never.code = why.code;
    never.offset = why.offset;
    never.message = what + ": " + why.message;
    never.hint = why.hint;
  }
  tell(expression, never);
}

// Each condition once: against all types that it is of, where several share it.
void RuleLint::lint_conditions() {
  std::map<const YamlNode*, std::vector<const event::EventType*>> conditions;
  std::set<const YamlNode*> told{nullptr};
  for (const Source& source : sources_) {
    std::vector<const event::EventType*> own;
    if (source.type != nullptr) own.push_back(source.type);
    if (told.insert(source.by).second) lint_groups(source.by, LintScope(own, defs_));
    if (told.insert(source.seen_by).second) lint_groups(source.seen_by, LintScope(own, defs_));
    std::vector<const event::EventType*>& of = conditions[source.when];
    of.insert(of.end(), own.begin(), own.end());
  }
  std::map<std::string, const event::EventType*> named;  // earlier steps
  for (const Source& source : sources_) {
    if (told.insert(source.when).second) {
      LintScope scope(conditions[source.when], defs_);
      for (const auto& [name, type] : named) scope.add_step(name, type);
      lint_condition(*source.when, scope);
    }
    if (!source.name.empty()) named[source.name] = source.type;
  }
}

void RuleLint::lint_condition(const YamlNode& condition, const LintScope& scope) {
  const PlacedExpression* when = parse(condition, scope);
  if (when == nullptr) return;
  if (is_never_true(when->syntax.root(), scope)) {
    tell_never(*when, scope, code::kContradiction, "no event counts");
  } else {
    tell_all(*when, scope);
  }
  if (sources_.size() == 1) only_when_ = when;
}

void RuleLint::lint_groups(const YamlNode* by, const LintScope& scope) {
  if (by->is_scalar()) parse(*by, scope);
  for (const YamlNode& item : by->items) {
    const PlacedExpression* expression = parse(item, scope);
    if (expression != nullptr && by->is_map()) tell_all(*expression, scope);
  }
}

void RuleLint::lint_exceptions() {
  const YamlNode* list = rule_.find("except");
  if (list == nullptr || !list->is_list()) return;
  for (const YamlNode& entry : list->items) {
    if (entry.is_map()) lint_exception(entry);
  }
}

void RuleLint::lint_exception(const YamlNode& entry) {
  const YamlNode* condition = entry.find("when");
  const std::string name = text_of(entry.find("name"));
  const YamlNode* until = entry.find("until");
  const auto compiled = input_.compiled.find(text_of(rule_.find("id")));
  if (input_.now && until != nullptr && compiled != input_.compiled.end()) {
    for (const RuleSource& source : compiled->second->sources) {
      const auto own = std::find_if(source.exceptions.begin(), source.exceptions.end(),
                                    [&](const Exception& e) { return e.name == name; });
      if (own == source.exceptions.end() || !own->until || *own->until > *input_.now) continue;
      findings_.warning(*until->file, until->offset, code::kExceptionOver,
                        "the exception `" + name + "` is over",
                        "it holds no more: remove it, or agree on another date with its owner");
      break;
    }
  }
  if (condition == nullptr) return;
  const LintScope scope(types(), defs_);
  const PlacedExpression* when = parse(*condition, scope);
  if (when == nullptr) return;
  const Node& root = when->syntax.root();
  if (is_never_true(root, scope)) {
    return tell_never(*when, scope, code::kContradiction, "no event is excepted");
  }
  tell_all(*when, scope);
  const std::optional<Cubes> known = known_of_events();
  const std::optional<Cubes> own = cubes_of(root, true, scope);
  if (!known || known->empty() || !own) return;
  const std::optional<Cubes> together = joined(*known, *own);
  if (together && together->empty()) {
    findings_.warning(*condition->file, condition->offset, code::kExceptionIdle,
                      "the exception `" + name + "` is of no event that the rule counts",
                      "it contradicts the rule's `when`");
  }
  const bool is_all = std::all_of(known->begin(), known->end(), [&](const Cube& cube) {
    return implies(cube, root, true, scope);
  });
  if (is_all && until == nullptr) {
    findings_.warning(*condition->file, condition->offset, code::kExceptionAll,
                      "the exception `" + name + "` leaves no event to the rule",
                      "it holds wherever `when` does");
  }
}

void RuleLint::lint_window() {
  const YamlNode* window = rule_.find_key("window");
  if (window == nullptr || !has_aggregate_ || sources_.empty()) return;
  const bool grouped = std::any_of(sources_.begin(), sources_.end(),
                                   [](const Source& source) { return source.by != nullptr; });
  if (grouped) return;
  findings_.warning(
      *window->file, window->offset, code::kWindowAlone, "a window without `by` holds one event",
      "without `by` every event is a group of its own: name what is counted together");
}

WindowFacts RuleLint::window_facts() const {
  WindowFacts facts;
  if (is_sequence_) return facts;
  const YamlNode* window = rule_.find("window");
  const bool grouped = std::any_of(sources_.begin(), sources_.end(),
                                   [](const Source& source) { return source.by != nullptr; });
  facts.alone = window == nullptr || !grouped;
  if (window != nullptr && window->is_map()) {
    const YamlNode* count = window->find("count");
    if (count != nullptr) facts.most = std::max<int64_t>(count->as_int().value_or(0), 0);
  }
  return facts;
}

std::optional<Cubes> RuleLint::known_of_events() const {
  if (only_when_ == nullptr || is_sequence_) return Cubes{Cube{}};
  const LintScope scope(types(), defs_);
  return cubes_of(only_when_->syntax.root(), true, scope);
}

}  // namespace fengsui::rules
