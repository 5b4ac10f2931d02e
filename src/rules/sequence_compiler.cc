// As in row_compiler.cc, all is checked twice: first with a slot for each path of each step, which
// tells what is read, then against the places of what is captured.
#include "rules/sequence_compiler.h"

#include <algorithm>

#include "cel/syntax.h"
#include "rules/codes.h"
#include "rules/row_compiler.h"
#include "rules/rule_names.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

using Node = cel::Node;
using NodePtr = std::shared_ptr<const Node>;

const cel::Type kBool = cel::Type::of(cel::Type::Kind::Bool);

// What the outermost `&&` of a condition join.
void add_conjuncts(const NodePtr& node, std::vector<NodePtr>& out) {
  if (node->kind != Node::Kind::And) return out.push_back(node);
  for (const NodePtr& child : node->children) add_conjuncts(child, out);
}

std::optional<PlacedExpression> joined(const PlacedExpression& whole,
                                       const std::vector<NodePtr>& conjuncts) {
  if (conjuncts.empty()) return std::nullopt;
  PlacedExpression out = whole;
  if (conjuncts.size() == 1) {
    out.syntax = whole.syntax.with_root(conjuncts.front());
    return out;
  }
  Node node = whole.syntax.root();
  node.kind = Node::Kind::And;
  node.depth = 1;
  for (const NodePtr& conjunct : conjuncts) node.depth = std::max(node.depth, conjunct->depth + 1);
  node.children = conjuncts;
  out.syntax = whole.syntax.with_root(std::make_shared<const Node>(std::move(node)));
  return out;
}

// The expression reads `path`, or something in it.
bool reads(const PlacedExpression& expression, const std::string& path) {
  bool found = false;
  visit_paths(expression.syntax.root(), [&](const std::string& read, const Node&) {
    found |= read == path || read.starts_with(path + ".");
  });
  return found;
}

}  // namespace

SequenceCompiler::SequenceCompiler(const RuleSpec& spec,
                                   const std::vector<const event::EventType*>& types,
                                   const CompileContext& context, RuleExpressions& expressions)
    : spec_(spec), context_(context), expressions_(expressions), types_(types) {
  int slots = 0;
  for (size_t i = 0; i < types.size(); ++i) {
    Step& step = steps_.emplace_back();
    step.spec = &spec.sequence->steps[i];
    step.scope = &context.scopes.of({types[i]}, spec.purpose.id);
    step.paths = step.scope->paths();
    step.first_slot = slots;
    slots += static_cast<int>(step.paths.size());
    if (!step.spec->absent) last_ = i;
  }
  check_names();
}

void SequenceCompiler::check_names() {
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].spec->as != nullptr) check_name(i);
  }
}

void SequenceCompiler::check_name(size_t i) {
  Step& step = steps_[i];
  const YamlNode& as = *step.spec->as;
  if (!expect_name(as, "a step", code::kStepName, context_.findings)) return;
  const auto is_same = [&](const auto& other) { return other.name == as.text; };
  if (std::any_of(steps_.begin(), steps_.end(), is_same)) {
    error_at(as, code::kStepName, "two steps are named `" + as.text + "`", {}, context_.findings);
    return;
  }
  step.name = as.text;
  for (const LetSpec& let : spec_.lets) {
    if (let.name->text != as.text) continue;
    error_at(*let.name, code::kStepName, "`" + as.text + "` is the name of a step, too",
             "lets and steps are read by their names", context_.findings);
  }
  const bool hides = [&] {
    for (size_t k = 0; k < steps_.size(); ++k) {
      if ((k > i || k == last_) && steps_[k].scope->knows(as.text)) return true;
    }
    return false;
  }();
  if (!hides) return;
  context_.findings.warning(*as.file, as.offset, code::kStepNameHides,
                            "the step `" + as.text + "` hides a field of that name",
                            "the field is data." + as.text);
}

void SequenceCompiler::compile(Rule& rule, std::vector<CompiledSource>& sources,
                               RuleVersion& version) {
  const Scope& all = context_.scopes.of(types_, spec_.purpose.id);
  sources.resize(steps_.size());
  for (size_t i = 0; i < steps_.size(); ++i) compile_step(i, all, sources[i]);
  std::vector<const YamlNode*> places;
  std::vector<std::string> names;
  for (const Step& step : steps_) {
    names.push_back("step " + std::to_string(names.size() + 1));
    places.push_back(step.spec->source.by != nullptr ? step.spec->source.by : step.spec->node);
  }
  check_group_counts(sources, places, names, context_.findings);

  std::set<std::string> step_names;
  for (const Step& step : steps_) step_names.insert(step.name);
  row_.emplace(spec_, expressions_, step_names);
  for (const RowExpressions::ParsedLet& let : row_->lets()) {
    if (!let.is_aggregate || !let.expression) continue;
    expressions_.error(*let.expression, let.expression->syntax.root().offset, code::kNoAggregate,
                       "a sequence has no aggregates",
                       "its lets are CEL over the named steps, as in first.grid");
  }
  const Step& end = steps_.back();
  check(nullptr, nullptr, end.first_slot + static_cast<int>(end.paths.size()));
  fill(rule, sources);
  for (size_t i = 0; i < steps_.size(); ++i) {
    const std::optional<PlacedExpression>& across = steps_[i].across;
    version.add(types_[i]->name(), sources[i]);
    bool reads_person = false;
    const auto is_person = [&](const Step& step, const std::string& path) {
      return step.scope->identity(0, path) != nullptr;
    };
    for (const std::string& path : steps_[i].own_reads) reads_person |= is_person(steps_[i], path);
    for (const auto& [step, path] : row_reads_) {
      reads_person |= across && !steps_[step].name.empty() && is_person(steps_[step], path) &&
                      reads(*across, steps_[step].name + "." + path);
    }
    version.add_condition(across ? fingerprint(across->syntax.root()) : "", reads_person);
  }
}

// Two parts: what reads the event alone, and what reads earlier steps by their names.
void SequenceCompiler::cut(Step& step, const PlacedExpression& when,
                           const std::set<std::string>& earlier) {
  std::vector<NodePtr> conjuncts, alone, across;
  add_conjuncts(when.syntax.shared_root(), conjuncts);
  for (const NodePtr& conjunct : conjuncts) {
    bool is_across = false;
    visit_paths(*conjunct, [&](const std::string& path, const Node&) {
      is_across |= earlier.contains(path.substr(0, path.find('.')));
    });
    (is_across ? across : alone).push_back(conjunct);
  }
  step.alone = joined(when, alone);
  step.across = joined(when, across);
}

void SequenceCompiler::compile_step(size_t i, const Scope& all, CompiledSource& source) {
  Step& step = steps_[i];
  std::set<std::string> earlier;
  for (size_t k = 0; k < i; ++k) {
    if (!steps_[k].name.empty()) earlier.insert(steps_[k].name);
  }
  if (step.spec->source.when != nullptr) {
    const auto when = expressions_.parse(*step.spec->source.when, earlier);
    if (when) cut(step, *when, earlier);
  }
  SourceCompiler compiler(expressions_, *step.scope, 0, source);
  compiler.add_when(step.alone);
  SourceCompiler(expressions_, all, i, source).add_exceptions(spec_.exceptions);
  if (step.spec->source.by != nullptr) compiler.add_groups(*step.spec->source.by);
  step.guaranteed = source.guaranteed;
  if (!step.across) return;
  const std::set<std::string> there = guaranteed_fields(step.across->syntax.root());
  step.guaranteed.insert(there.begin(), there.end());
}

SequenceCompiler::Slots SequenceCompiler::first_slots(const Step& step) const {
  Slots slots;
  for (const std::string& path : step.paths) {
    slots.emplace(path, step.first_slot + static_cast<int>(slots.size()));
  }
  return slots;
}

void SequenceCompiler::declare_names(cel::Environment& environment, size_t before,
                                     const std::vector<Slots>& slots) const {
  for (size_t k = 0; k < before; ++k) {
    if (steps_[k].name.empty()) continue;
    environment.hide(steps_[k].name);
    steps_[k].scope->declare_parts(environment, steps_[k].name, slots[k]);
  }
}

// Of the named steps before this one, by name.
std::set<std::string> SequenceCompiler::guaranteed_before(size_t step) const {
  std::set<std::string> fields;
  for (size_t k = 0; k < step; ++k) {
    for (const std::string& path : steps_[k].guaranteed) fields.insert(steps_[k].name + "." + path);
  }
  return fields;
}

void SequenceCompiler::check(const std::vector<Slots>* slots, const std::vector<Slots>* own,
                             int first_let) {
  const bool is_first = slots == nullptr;
  std::vector<Slots> first;
  if (is_first) {
    for (const Step& step : steps_) first.push_back(first_slots(step));
    slots = own = &first;
  }
  for (size_t i = 0; i < steps_.size(); ++i) {
    Step& step = steps_[i];
    if (!step.across) continue;
    cel::Environment environment = step.scope->row((*own)[i]);
    declare_names(environment, i, *slots);
    std::set<std::string> guaranteed = guaranteed_before(i);
    guaranteed.insert(step.guaranteed.begin(), step.guaranteed.end());
    step.condition = expressions_.check(*step.across, environment, kBool, guaranteed);
    if (is_first && step.condition) note_reads(*step.across, *step.condition, i);
  }
  RowExpressions::Place place;
  place.of_lets = steps_[last_].scope->base();
  place.of_lets.explain_name("event", "a sequence's `let` reads named steps alone");
  place.of_lets.explain_name("data", "a sequence's `let` reads named steps alone");
  place.of_rest = steps_[last_].scope->row((*slots)[last_]);
  declare_names(place.of_lets, steps_.size(), *slots);
  declare_names(place.of_rest, steps_.size(), *slots);
  place.first_let = first_let;
  place.guaranteed = guaranteed_before(steps_.size());
  const std::set<std::string>& newest = steps_[last_].guaranteed;
  place.guaranteed.insert(newest.begin(), newest.end());
  row_->check(std::move(place),
              [&](const PlacedExpression& expression, const cel::Program& program) {
                if (is_first) note_reads(expression, program, steps_.size());
              });
  if (!is_first) row_->warn_of_idle_grades();
}

// After the first check. `own`: the step whose event is tried; none: a match alone is read.
void SequenceCompiler::note_reads(const PlacedExpression& expression, const cel::Program& program,
                                  size_t own) {
  for (const int slot : program.slots_read()) {
    for (size_t k = 0; k < steps_.size(); ++k) {
      const int at = slot - steps_[k].first_slot;
      if (at < 0 || static_cast<size_t>(at) >= steps_[k].paths.size()) continue;
      const std::string& path = steps_[k].paths[static_cast<size_t>(at)];
      const std::string named = steps_[k].name + "." + path;
      if (k == own) {
        steps_[k].own_reads.insert(path);
      } else {
        row_reads_.emplace(k, path);
      }
      const bool by_name = k != own && !steps_[k].name.empty() && reads(expression, named);
      expressions_.note_read(expression, *steps_[k].scope, 0, path, by_name ? named : path);
    }
  }
}

void SequenceCompiler::capture(CompiledSource& source, const Step& step, const std::string& path,
                               int slot) const {
  const Expected<cel::Syntax, cel::Finding> syntax = cel::parse(path);
  if (!syntax) return;
  cel::Checked checked = cel::check(*syntax, step.scope->event(0));
  if (!checked.program) return;
  source.source.captures.push_back(std::move(*checked.program));
  source.source.capture_slots.push_back(slot);
}

void SequenceCompiler::fill(Rule& rule, std::vector<CompiledSource>& sources) {
  std::vector<Slots> slots(steps_.size());
  for (const auto& [k, path] : row_reads_) {
    const int slot = static_cast<int>(rule.captures++);
    slots[k].emplace(path, slot);
    capture(sources[k], steps_[k], path, slot);
    const bool holds_tokens = steps_[k].scope->identity(0, path) != nullptr;
    rule.capture_keys.push_back(stored_key("step " + std::to_string(k) + " " + path,
                                           holds_tokens ? expressions_.purpose() : ""));
  }
  if (types_[last_]->area_slot() >= 0) {
    const Expected<cel::Syntax, cel::Finding> syntax = cel::parse("area");
    rule.area_capture = static_cast<int>(rule.captures++);
    sources[last_].source.captures.push_back(
        *cel::check(*syntax, steps_[last_].scope->area(0)).program);
    sources[last_].source.capture_slots.push_back(rule.area_capture);
    rule.capture_keys.push_back(stored_key("@", ""));
  }
  Sequence sequence;
  sequence.within = spec_.sequence->within;
  sequence.row_size = rule.captures;
  std::vector<Slots> own(steps_.size());
  for (size_t k = 0; k < steps_.size(); ++k) {
    size_t next = rule.captures;
    for (const std::string& path : steps_[k].own_reads) {
      own[k].emplace(path, static_cast<int>(next));
      capture(sources[k], steps_[k], path, static_cast<int>(next++));
    }
    sequence.row_size = std::max(sequence.row_size, next);
  }
  check(&slots, &own, static_cast<int>(rule.captures));
  for (const Step& step : steps_) {
    sequence.steps.push_back({step.name, step.spec->absent, step.spec->times, step.condition});
  }
  for (const CompiledSource& source : sources) rule.sources.push_back(source.source);
  rule.sequence = std::move(sequence);
  row_->fill(rule);
}

}  // namespace fengsui::rules
