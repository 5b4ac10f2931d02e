#include "rules/scope.h"

#include <algorithm>
#include <utility>

#include "rules/aggregates.h"
#include "rules/alert_type.h"
#include "rules/codes.h"

namespace fengsui::rules {
namespace {

using cel::Type;

struct EnvelopeName {
  const char* path;
  int slot;
  Type::Kind type;
};
constexpr EnvelopeName kEnvelope[] = {
    {"event.id", event::kSlotId, Type::Kind::String},
    {"event.source", event::kSlotSource, Type::Kind::String},
    {"event.type", event::kSlotType, Type::Kind::String},
    {"event.time", event::kSlotTime, Type::Kind::Timestamp},
};

constexpr const char* kBaselineText =
    "`baseline` is read by let, grade and message of a rule that has one";
constexpr const char* kDifferently = "` is declared differently: ";

bool is_envelope(std::string_view path) { return path.starts_with("event."); }

}  // namespace

Scope::Scope(const World& world, std::vector<const event::EventType*> types, std::string purpose)
    : world_(world), types_(std::move(types)), purpose_(std::move(purpose)) {
  for (size_t i = 0; i < types_.size(); ++i) add_fields(i, types_[i]->root(), false, false);
  // The envelope hides a field `event` and its parts.
  std::erase_if(
      names_, [](const auto& entry) { return entry.first == "event" || is_envelope(entry.first); });
  for (const EnvelopeName& own : kEnvelope) {
    Name name;
    name.type = Type::of(own.type);
    name.field = false;
    name.envelope_slot = own.slot;
    names_.emplace(own.path, std::move(name));
  }
  for (size_t i = 0; i < types_.size(); ++i) {
    cel::Environment environment = base();
    for (const auto& [path, name] : names_) {
      if (!conflicts_.contains(path)) environment.declare(path, variable(name, i));
    }
    for (const auto& [path, name] : names_) {
      if (is_envelope(path) || conflicts_.contains(path)) continue;
      environment.declare("data." + path, variable(name, i));
    }
    events_.push_back(std::move(environment));
  }
}

void Scope::add_fields(size_t type, const event::Field& object, bool optional, bool is_protected) {
  for (const event::Field& field : object.properties) {
    const bool may_miss = optional || !field.required;
    const bool is_hidden = is_protected || field.is_protected;
    const auto [entry, is_new] = names_.try_emplace(field.path);
    Name& name = entry->second;
    if (is_new) {
      name.type = event::expression_type(field);
      name.by_type.resize(types_.size());
      // Reading it without has() where a type has no such field is as reading an optional one.
      name.optional.resize(types_.size(), true);
    } else if (!cel::same_type(name.type, event::expression_type(field))) {
      conflicts_.emplace(field.path, "`" + field.path + kDifferently + name.type.text() +
                                         " and, by " + types_[type]->name() + ", " +
                                         event::expression_type(field).text());
    }
    name.optional[type] = may_miss;
    name.is_protected |= is_hidden;
    name.by_type[type] = &field;
    add_fields(type, field, may_miss, is_hidden);
  }
}

cel::Environment Scope::base() const {
  cel::Environment environment;
  // They never stand in a tree that is checked, but for one that is faulty; names near them do.
  for (const std::string& def : world_.defs) {
    if (!names_.contains(def)) environment.declare(def, {.type = Type::of(Type::Kind::Bool)});
  }
  for (const auto& [name, list] : world_.lists) {
    environment.declare_list(name, list.index, list.list);
  }
  for (const auto& [name, index] : world_.keyword_sets) environment.declare_keywords(name, index);
  for (const AggregateWord& word : aggregate_words()) {
    environment.refuse_function(word.name, "an aggregate stands alone, as the value of a `let`");
  }
  for (const auto& [path, what] : conflicts_) {
    environment.explain_name(path, what);
    environment.explain_name("data." + path, what);
  }
  environment.explain_name("data", "`data` as a whole cannot be read: name its fields");
  environment.explain_name("event",
                           "`event` as a whole cannot be read: it is event.id, "
                           "event.source, event.type and event.time");
  environment.explain_name("baseline", kBaselineText);
  return environment;
}

cel::Variable Scope::variable(const Name& name, size_t type) const {
  cel::Variable variable;
  variable.type = name.type;
  variable.field = name.field;
  variable.optional = !name.optional.empty() && name.optional[type];
  variable.is_protected = name.is_protected;
  if (name.envelope_slot >= 0) variable.slot = name.envelope_slot;
  if (name.by_type.empty() || name.by_type[type] == nullptr) return variable;
  const event::Field& field = *name.by_type[type];
  variable.slot = field.slot;
  // Without a purpose no token is the rule's own: reading the field is a finding (rule_compiler).
  if (field.identity) variable.entry = purpose_.empty() ? "-" : purpose_;
  return variable;
}

cel::Variable Scope::in_row(const std::string& path, const Name& name,
                            const std::map<std::string, int>& slots) {
  cel::Variable variable;
  variable.type = name.type;
  variable.field = name.field;
  variable.optional =
      std::find(name.optional.begin(), name.optional.end(), true) != name.optional.end();
  variable.is_protected = name.is_protected;
  const auto slot = slots.find(path);
  variable.slot = slot == slots.end() || name.is_protected ? -1 : slot->second;
  return variable;
}

cel::Environment Scope::row(const std::map<std::string, int>& slots) const {
  cel::Environment environment = base();
  for (const auto& [path, name] : names_) {
    if (conflicts_.contains(path)) continue;
    const cel::Variable variable = in_row(path, name, slots);
    environment.declare(path, variable);
    if (!is_envelope(path)) environment.declare("data." + path, variable);
  }
  return environment;
}

const cel::Environment& Scope::whole_row() const {
  if (!whole_row_) {
    std::map<std::string, int> slots;
    for (const auto& [path, name] : names_) slots.emplace(path, static_cast<int>(slots.size()));
    whole_row_ = row(slots);
  }
  return *whole_row_;
}

void Scope::declare_parts(cel::Environment& environment, const std::string& of,
                          const std::map<std::string, int>& slots) const {
  for (const auto& [path, name] : names_) {
    if (is_envelope(path) || conflicts_.contains(path)) continue;
    environment.declare(of + "." + path, in_row(path, name, slots));
  }
}

cel::Environment Scope::area(size_t i) const {
  cel::Environment environment;
  environment.declare("area",
                      {.type = Type::of(Type::Kind::String), .slot = types_[i]->area_slot()});
  return environment;
}

std::vector<std::string> Scope::paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, name] : names_) paths.push_back(path);
  return paths;
}

bool Scope::knows(std::string_view path) const { return names_.contains(path); }

std::string Scope::path_of(size_t i, int slot) const {
  for (const event::Field* field : types_[i]->fields()) {
    if (field->slot == slot) return field->path;
  }
  return {};
}

const event::Field* Scope::identity(size_t i, const std::string& path) const {
  const auto name = names_.find(path);
  if (name == names_.end() || name->second.by_type.empty()) return nullptr;
  const event::Field* field = name->second.by_type[i];
  return field != nullptr && field->identity ? field : nullptr;
}

const Scope& Scopes::of(const std::vector<const event::EventType*>& types,
                        const std::string& purpose) {
  const bool has_identity =
      std::any_of(types.begin(), types.end(),
                  [](const event::EventType* type) { return type->has_identity(); });
  std::unique_ptr<Scope>& scope = scopes_[{types, has_identity ? purpose : ""}];
  if (scope == nullptr) scope = std::make_unique<Scope>(world_, types, purpose);
  return *scope;
}

const event::EventType* World::find_type(const std::string& name) const {
  if (name == kAlertTypeName) return alert_type.get();
  const auto found = types.find(name);
  return found == types.end() ? nullptr : found->second.get();
}

void declare_baseline(cel::Environment& environment, int first) {
  environment.hide("baseline");
  environment.declare("baseline.mean", {.type = Type::of(Type::Kind::Double), .slot = first});
  environment.declare("baseline.stddev", {.type = Type::of(Type::Kind::Double), .slot = first + 1});
  environment.declare("baseline.samples", {.type = Type::of(Type::Kind::Int), .slot = first + 2});
}

void declare_let(cel::Environment& environment, const std::string& name, const cel::Type& type,
                 int slot) {
  environment.hide(name);
  environment.declare(name, {.type = type, .slot = slot});
}

std::optional<std::string_view> explained_code(const std::string& message) {
  if (message == kBaselineText) return code::kNoBaseline;
  if (message.find(kDifferently) != std::string::npos) return code::kTypeMismatch;
  return {};
}

}  // namespace fengsui::rules
