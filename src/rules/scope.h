// What names mean in a rule's expressions: the fields of its event types, the envelope, lists and
// keyword sets; and behind the log, a row of captures and lets.
//
// A field is known if one of the rule's types declares it; in events of the others it is missing
// (slot -1). Two types that declare it differently are a type error where it is read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cel/expression.h"
#include "event/schema.h"

namespace fengsui::rules {

// What a pack gives to its rules beside the rules.
struct World {
  struct List {
    int index = 0;
    std::shared_ptr<const cel::ValueList> list;
  };
  std::map<std::string, std::shared_ptr<event::EventType>, std::less<>> types;
  std::map<std::string, List, std::less<>> lists;
  std::map<std::string, int, std::less<>> keyword_sets;
  std::shared_ptr<event::EventType> alert_type;  // of rules over alerts
  std::vector<std::string> defs;                 // names of named conditions

  // Null: no schema names it.
  const event::EventType* find_type(const std::string& name) const;
};

// What `baseline` gives, from slot `first` on. Hides a field of that name.
void declare_baseline(cel::Environment& environment, int first);
// A let, as the expressions below it see it.
void declare_let(cel::Environment& environment, const std::string& name, const cel::Type& type,
                 int slot);

class Scope {
 public:
  // `purpose`: of the rule; its token is what an identity field stands for. Requires: types is not
  // empty; both outlive the scope.
  Scope(const World& world, std::vector<const event::EventType*> types, std::string purpose);

  size_t types() const { return types_.size(); }
  const event::EventType& type(size_t i) const { return *types_[i]; }

  // Of an event of type i.
  const cel::Environment& event(size_t i) const { return events_[i]; }
  // Of a row: `slots` gives the place of each path that may be read.
  cel::Environment row(const std::map<std::string, int>& slots) const;
  // The same where paths()[i] has slot i.
  const cel::Environment& whole_row() const;
  // Lists, keyword sets, defs, and what to say of other names: no field at all.
  cel::Environment base() const;
  // The fields of type `i` as parts of a name (`report.grid`), at their `slots`.
  void declare_parts(cel::Environment& environment, const std::string& of,
                     const std::map<std::string, int>& slots) const;
  // Of the x-area field of an event of type i, under the name `area`.
  cel::Environment area(size_t i) const;

  // All that a rule may read, in order: fields ("outlet.code") and the envelope ("event.id").
  std::vector<std::string> paths() const;
  bool knows(std::string_view path) const;
  // The path of a slot of type i; empty: an envelope's.
  std::string path_of(size_t i, int slot) const;
  // The identity field of this path in type i, or null.
  const event::Field* identity(size_t i, const std::string& path) const;

 private:
  struct Name {
    cel::Type type;
    bool field = true;
    bool is_protected = false;
    std::vector<const event::Field*> by_type;  // null where a type has none
    std::vector<bool> optional;                // by type; a type without it counts
    int envelope_slot = -1;                    // of event.id and its like
  };

  void add_fields(size_t type, const event::Field& object, bool optional, bool is_protected);
  cel::Variable variable(const Name& name, size_t type) const;
  static cel::Variable in_row(const std::string& path, const Name& name,
                              const std::map<std::string, int>& slots);

  const World& world_;
  std::vector<const event::EventType*> types_;
  std::string purpose_;
  std::map<std::string, Name, std::less<>> names_;
  std::map<std::string, std::string> conflicts_;  // path -> what is wrong
  std::vector<cel::Environment> events_;
  mutable std::optional<cel::Environment> whole_row_;
};

// Scopes of rules that have the same types (and purpose, where it matters) are one.
class Scopes {
 public:
  explicit Scopes(const World& world) : world_(world) {}  // which outlives this
  const Scope& of(const std::vector<const event::EventType*>& types, const std::string& purpose);

 private:
  const World& world_;
  std::map<std::pair<std::vector<const event::EventType*>, std::string>, std::unique_ptr<Scope>>
      scopes_;
};

// The code of a finding about a name that a scope explains (declared differently, a baseline where
// there is none), by what it says of it; none: the message is of another origin.
std::optional<std::string_view> explained_code(const std::string& message);

}  // namespace fengsui::rules
