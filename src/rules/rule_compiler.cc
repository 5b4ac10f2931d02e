#include "rules/rule_compiler.h"

#include <algorithm>
#include <optional>

#include "rules/alert_type.h"
#include "rules/codes.h"
#include "rules/row_compiler.h"
#include "rules/rule_version.h"
#include "rules/sequence_compiler.h"
#include "rules/source_compiler.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

// rules.md: of a rule with `by` and no window, and of `count` without `within`.
constexpr Duration kQuietElse = std::chrono::hours(1);

Duration default_quiet(const RuleSpec& spec, bool has_by) {
  if (!has_by) return Duration{0};
  if (spec.sequence) return spec.sequence->within;
  const bool has_window = spec.window.kind != WindowSpec::Kind::None;
  return has_window && !spec.lasts_as_retained ? spec.window.length : kQuietElse;
}

class RuleCompiler {
 public:
  RuleCompiler(const RuleSpec& spec, const CompileContext& context)
      : spec_(spec),
        context_(context),
        expressions_(context.definitions, spec.purpose.id, context.findings) {}

  std::unique_ptr<CompiledRule> compile() {
    const size_t errors = context_.findings.errors();
    if (!find_types()) return nullptr;
    rule_ = std::make_shared<Rule>();
    RuleVersion version(spec_);
    if (spec_.sequence) {
      SequenceCompiler(spec_, types_, context_, expressions_).compile(*rule_, compiled_, version);
    } else {
      compile_window_rule(version);
    }
    if (context_.findings.errors() != errors) return nullptr;
    fill_constants();
    rule_->version = version.text(expressions_.purpose());
    auto compiled = std::make_unique<CompiledRule>();
    for (const event::EventType* type : types_) compiled->types.push_back(type->name());
    compiled->identities = expressions_.identities();
    compiled->rule = std::move(rule_);
    return compiled;
  }

 private:
  // False: no type of the rule is known, or not those of all steps.
  bool find_types() {
    if (spec_.sequence) {
      for (const StepSpec& step : spec_.sequence->steps) add_type(step.source);
      return !types_.empty() && types_.size() == spec_.sequence->steps.size();
    }
    for (const SourceSpec& source : spec_.sources) add_type(source);
    return !types_.empty();
  }

  void add_type(const SourceSpec& source) {
    const event::EventType* type = context_.world.find_type(source.type->text);
    if (type == nullptr) {
      std::vector<std::string> known = {kAlertTypeName};
      for (const auto& [name, other] : context_.world.types) known.push_back(name);
      error_at(*source.type, code::kUnknownType,
               "no schema names the event type `" + source.type->text + "`",
               nearest_hint(source.type->text, known), context_.findings);
      return;
    }
    types_.push_back(type);
    sources_.push_back(&source);
  }

  void compile_window_rule(RuleVersion& version) {
    const Scope& scope = context_.scopes.of(types_, spec_.purpose.id);
    std::vector<const YamlNode*> places;
    std::vector<std::string> names;
    for (size_t i = 0; i < sources_.size(); ++i) {
      compile_source(scope, i);
      places.push_back(sources_[i]->by != nullptr ? sources_[i]->by : sources_[i]->type);
      names.push_back("`" + types_[i]->name() + "`");
    }
    check_group_counts(compiled_, places, names, context_.findings);
    std::vector<std::set<std::string>> guaranteed;
    for (const CompiledSource& source : compiled_) {
      rule_->sources.push_back(source.source);
      guaranteed.push_back(source.guaranteed);
    }
    RowCompiler row(spec_, scope, expressions_, std::move(guaranteed));
    row.compile(*rule_);
    for (size_t i = 0; i < compiled_.size(); ++i) version.add(types_[i]->name(), compiled_[i]);
    version.add_aggregates(row.aggregate_fingerprints(), row.aggregates_read_person());
  }

  void compile_source(const Scope& scope, size_t i) {
    CompiledSource& compiled = compiled_.emplace_back();
    const SourceSpec& source = *sources_[i];
    SourceCompiler compiler(expressions_, scope, i, compiled);
    compiler.add_when(source.when != nullptr ? expressions_.parse(*source.when) : std::nullopt);
    compiler.add_exceptions(spec_.exceptions);
    if (source.by != nullptr) compiler.add_groups(*source.by);
    if (source.seen_by == nullptr) return;
    if (spec_.window_node == nullptr || source.by == nullptr) {
      error_at(*source.seen_by, code::kSeenBy, "`seen_by` without a window and `by`",
               "it keeps an event in the windows of other groups, too", context_.findings);
    } else {
      compiler.add_seen_by(*source.seen_by, compiled_.front().group_names);
    }
  }

  void fill_constants() {
    Rule& rule = *rule_;
    rule.id = spec_.id;
    rule.title = spec_.title;
    rule.mode = spec_.mode;
    rule.over_alerts = spec_.over_alerts;
    for (const ExceptionSpec& exception : spec_.exceptions) {
      rule.exceptions.push_back(exception.name->text);
    }
    rule.group_names = compiled_.front().group_names;
    rule.has_by = !rule.group_names.empty();
    rule.group_names_person.resize(rule.group_names.size());
    for (const CompiledSource& source : compiled_) {
      for (size_t i = 0; i < source.names_person.size(); ++i) {
        if (source.names_person[i]) rule.group_names_person[i] = true;
      }
    }
    rule.window = spec_.window;
    rule.emit = spec_.emit;
    rule.order = spec_.order;
    rule.labels = spec_.labels;
    rule.purpose = spec_.purpose;
    rule.quiet = spec_.quiet.value_or(default_quiet(spec_, rule.has_by));
  }

  const RuleSpec& spec_;
  const CompileContext& context_;
  RuleExpressions expressions_;
  std::vector<const event::EventType*> types_;
  std::vector<const SourceSpec*> sources_;
  std::vector<CompiledSource> compiled_;
  std::shared_ptr<Rule> rule_;
};

}  // namespace

std::unique_ptr<CompiledRule> compile_rule(const RuleSpec& spec, const CompileContext& context) {
  return RuleCompiler(spec, context).compile();
}

}  // namespace fengsui::rules
