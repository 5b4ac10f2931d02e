#include "rules/rule_compiler.h"

#include <algorithm>
#include <optional>

#include "base/byte_codec.h"
#include "base/hash.h"
#include "cel/syntax.h"
#include "rules/codes.h"
#include "rules/row_compiler.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

const cel::Type kAny = cel::Type::of(cel::Type::Kind::Dyn);
const cel::Type kBool = cel::Type::of(cel::Type::Kind::Bool);
// rules.md: of a rule with `by` and no window.
constexpr Duration kQuietWithoutWindow = std::chrono::hours(1);

bool names_a_group(const cel::Type& type) {
  using Kind = cel::Type::Kind;
  return type.is(Kind::Dyn) || type.is(Kind::String) || type.is(Kind::Int) || type.is(Kind::Bool);
}

// What one type's `when` and `by` compile to, with what the version needs of them.
struct CompiledSource {
  RuleSource source;
  std::vector<std::string> group_names;
  std::string when_fingerprint;
  std::vector<std::string> by_fingerprints;
  std::set<std::string> guaranteed;  // fields there in each event that counts
};

class RuleCompiler {
 public:
  RuleCompiler(const RuleSpec& spec, const World& world, Findings& findings)
      : spec_(spec), world_(world), findings_(findings) {}

  std::unique_ptr<CompiledRule> compile() {
    const size_t errors = findings_.errors();
    if (!find_types()) return nullptr;
    scope_.emplace(world_, types_, spec_.purpose.id);
    expressions_.emplace(*scope_, findings_);
    for (size_t i = 0; i < sources_.size(); ++i) compile_source(i);
    check_group_counts();

    auto compiled = std::make_unique<CompiledRule>();
    auto rule = std::make_shared<Rule>();
    fill_constants(*rule);
    std::vector<std::set<std::string>> guaranteed;
    for (CompiledSource& source : compiled_) {
      rule->sources.push_back(source.source);
      guaranteed.push_back(source.guaranteed);
    }
    RowCompiler row(spec_, *scope_, *expressions_, std::move(guaranteed), findings_);
    row.compile(*rule);
    if (findings_.errors() != errors) return nullptr;
    rule->version = version(row.aggregate_fingerprints());
    for (const event::EventType* type : types_) compiled->types.push_back(type->name());
    compiled->identities = expressions_->identities();
    compiled->rule = std::move(rule);
    return compiled;
  }

 private:
  // False: no type of the rule is known.
  bool find_types() {
    std::vector<std::string> known;
    for (const auto& [name, type] : world_.types) known.push_back(name);
    for (const SourceSpec& source : spec_.sources) {
      const auto found = world_.types.find(source.type->text);
      if (found == world_.types.end()) {
        error_at(*source.type, code::kUnknownType,
                 "no schema names the event type `" + source.type->text + "`",
                 nearest_hint(source.type->text, known), findings_);
        continue;
      }
      types_.push_back(found->second.get());
      sources_.push_back(&source);
    }
    return !types_.empty();
  }

  void compile_source(size_t i) {
    CompiledSource& compiled = compiled_.emplace_back();
    const SourceSpec& source = *sources_[i];
    if (source.when != nullptr) {
      const std::optional<PlacedExpression> when = parse_expression(*source.when, findings_);
      if (when) {
        compiled.source.when = check(*when, i, kBool, {});
        compiled.when_fingerprint = fingerprint(when->syntax.root());
        compiled.guaranteed = guaranteed_fields(when->syntax.root());
      }
    }
    if (source.by == nullptr) return;
    if (source.by->is_scalar()) {
      add_group_field(i, *source.by);
    } else if (source.by->is_list()) {
      for (const YamlNode& field : source.by->items) add_group_field(i, field);
    } else if (source.by->is_map()) {
      add_group_values(i, *source.by);
    }
    if (source.by->is_null() || (!source.by->is_scalar() && source.by->items.empty())) {
      error_at(*source.by, code::kWrongKind, "`by` names no field",
               "leave it out where every event is a group of its own", findings_);
    }
  }

  void add_group_field(size_t i, const YamlNode& field) {
    const std::optional<std::string> path = expect_text(field, "a field of `by`", findings_);
    if (!path) return;
    const std::optional<PlacedExpression> expression = parse_expression(field, findings_);
    if (!expression) return;
    const std::optional<std::string> named = field_path(expression->syntax.root());
    if (!named) {
      error_at(field, code::kGroupValue, "`" + *path + "` is no field",
               "for CEL, `by` is a map from a name: by: { cell: \"geohash(lat, lon, 6)\" }",
               findings_);
      return;
    }
    // An event without the field does not count: no need for has().
    std::set<std::string>& there = compiled_[i].guaranteed;
    for (std::string at = *named; !at.empty();) {
      there.insert(at);
      const size_t dot = at.rfind('.');
      at = dot == std::string::npos ? "" : at.substr(0, dot);
    }
    add_group_value(i, *path, field, *expression);
  }

  void add_group_values(size_t i, const YamlNode& by) {
    for (size_t k = 0; k < by.keys.size(); ++k) {
      if (!by.keys[k].is_scalar()) continue;
      if (!expect_text(by.items[k], "the value of `" + by.keys[k].text + "`", findings_)) continue;
      const std::optional<PlacedExpression> expression = parse_expression(by.items[k], findings_);
      if (expression) add_group_value(i, by.keys[k].text, by.items[k], *expression);
    }
  }

  void add_group_value(size_t i, const std::string& name, const YamlNode& place,
                       const PlacedExpression& expression) {
    CompiledSource& compiled = compiled_[i];
    std::optional<cel::Program> program = check(expression, i, kAny, compiled.guaranteed);
    const auto first = std::find(compiled.group_names.begin(), compiled.group_names.end(), name);
    if (first != compiled.group_names.end()) {
      expressions_->error(expression, 0, code::kGroupValue, "`by` names `" + name + "` twice");
    }
    compiled.group_names.push_back(name);
    if (!program) return;
    if (!names_a_group(program->type())) {
      error_at(place, code::kGroupValue,
               "`" + name + "` is of type " + program->type().text() +
                   ": a group value is a string, an int or a bool",
               "a number is put in steps by int() or string()", findings_);
      return;
    }
    compiled.by_fingerprints.push_back(fingerprint(expression.syntax.root()));
    compiled.source.by.push_back(std::move(*program));
  }

  std::optional<cel::Program> check(const PlacedExpression& expression, size_t i,
                                    const cel::Type& wanted,
                                    const std::set<std::string>& guaranteed) {
    std::optional<cel::Program> program =
        expressions_->check_event(expression, i, wanted, guaranteed);
    if (!program) return program;
    for (const int slot : program->slots_read()) {
      expressions_->note_read(expression, i, scope_->path_of(i, slot), spec_.purpose.id);
    }
    return program;
  }

  // "In the map form each type names its own fields, in the same number."
  void check_group_counts() {
    const size_t first = compiled_.front().group_names.size();
    for (size_t i = 1; i < compiled_.size(); ++i) {
      const size_t own = compiled_[i].group_names.size();
      if (own == first) continue;
      const YamlNode* place = sources_[i]->by != nullptr ? sources_[i]->by : sources_[i]->type;
      error_at(*place, code::kGroupCount,
               "`" + types_[i]->name() + "` has " + std::to_string(own) + " group values, `" +
                   types_[0]->name() + "` has " + std::to_string(first),
               "every type of a rule has as many", findings_);
    }
  }

  void fill_constants(Rule& rule) const {
    rule.id = spec_.id;
    rule.title = spec_.title;
    rule.mode = spec_.mode;
    rule.group_names = compiled_.front().group_names;
    rule.has_by = !rule.group_names.empty();
    rule.window = spec_.window;
    rule.labels = spec_.labels;
    rule.purpose = spec_.purpose;
    const bool has_window = spec_.window.kind != WindowSpec::Kind::None;
    const Duration with_groups = has_window ? spec_.window.length : kQuietWithoutWindow;
    rule.quiet = spec_.quiet.value_or(rule.has_by ? with_groups : Duration{0});
  }

  // Over what rules.md's "Changing a running pack" lists; a stored state belongs to one.
  std::string version(const std::map<std::string, std::string>& aggregates) const {
    std::string bytes;
    ByteWriter out(bytes);
    out.text("rule/1");
    out.varint(compiled_.size());
    for (size_t i = 0; i < compiled_.size(); ++i) {
      out.text(types_[i]->name());
      out.text(compiled_[i].when_fingerprint);
      out.varint(compiled_[i].by_fingerprints.size());
      for (const std::string& by : compiled_[i].by_fingerprints) out.text(by);
    }
    for (const std::string& name : compiled_.front().group_names) out.text(name);
    out.u8(static_cast<uint8_t>(spec_.window.kind));
    out.signed_varint(spec_.window.length.count());
    out.varint(aggregates.size());
    for (const auto& [name, aggregate] : aggregates) {
      out.text(name);
      out.text(aggregate);
    }
    out.text("arrival");
    return sha256_hex(bytes);
  }

  const RuleSpec& spec_;
  const World& world_;
  Findings& findings_;
  std::vector<const event::EventType*> types_;
  std::vector<const SourceSpec*> sources_;
  std::optional<Scope> scope_;
  std::optional<RuleExpressions> expressions_;
  std::vector<CompiledSource> compiled_;
};

}  // namespace

std::unique_ptr<CompiledRule> compile_rule(const RuleSpec& spec, const World& world,
                                           Findings& findings) {
  return RuleCompiler(spec, world, findings).compile();
}

}  // namespace fengsui::rules
