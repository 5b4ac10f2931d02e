// From the tree to instructions, with static types. One Checker checks one expression; it goes on
// after a finding, to report them all. Not for callers of the folder: check() is (expression.h).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cel/code.h"
#include "cel/names.h"
#include "cel/overloads.h"

namespace fengsui::cel {

// A part of the expression, checked.
struct Typed {
  Type type;
  Instruction code;
  bool failed = false;                 // a finding was made; say no more about it
  const Variable* variable = nullptr;  // it is this declared name and nothing else
  const ValueList* rows = nullptr;     // of a ListTable or ListRow; null: not known
};

struct Checker {
  explicit Checker(const Environment& environment, bool is_dynamic = false)
      : names(*environment.names_), dynamic(is_dynamic) {}
  Checked run(const Syntax& syntax, const Type& wanted);

  // checker.cc
  Typed check(const Node& node);
  Typed check_node(const Node& node);
  void collect_conditions(const Node& node, size_t start);
  Typed value(const Node& node);  // the same, where a table may not stand
  Typed list_literal(const Node& node);
  Typed map_literal(const Node& node);
  Typed index(const Node& node);
  Typed conditional(const Node& node);
  Typed logical(const Node& node);
  Typed unary(const Node& node);
  void require_bool(const Typed& typed, const Node& node, const std::string& what);
  // Of a dynamic check it is a part that errs, unless the form is at fault.
  Typed fail_at(size_t place, Finding::Code code, std::string message, std::string hint = "");

  // checker_names.cc
  struct Path {
    std::vector<const Node*> parts;  // a Name, then Selects: each the node that ends there
    std::string text(size_t count) const;
  };
  // The whole of `node` as a path; no parts: it is none.
  static Path path_of(const Node& node);
  struct Resolved {
    Typed typed;
    size_t parts = 0;  // that the name took; 0: there is no such name
  };
  Resolved resolve(const Path& path);
  Typed name_or_selection(const Node& node);
  Typed select(Typed target, const Node& node);
  Typed declared(const std::string& name, const Variable& variable, const Node& node);
  Typed unknown_name(const Path& path);
  // Selecting `node` would read a field that no schema declares, of an object whose fields are.
  bool is_undeclared_part(const Path& path, const Resolved& resolved) const;
  Typed has(const Node& call);
  Typed has_declared(const std::string& name, const Node& argument);
  std::vector<std::string> known_names() const;
  void warn_of_optional_reads();
  static std::string field_key(const std::string& name, const Variable& variable);

  // checker_operators.cc
  Typed binary(const Node& node);
  Typed arithmetic_of(const Node& node, Typed a, Typed b);
  Typed membership(const Node& node);
  void adapt_literal(const Node& literal, Typed& typed, const Typed& other) const;
  Typed no_form(const Node& node, const Typed& a, const Typed& b);

  // checker_calls.cc
  Typed call(const Node& node);
  Typed method(const Node& node);
  Typed macro(const Node& node);
  Typed bind(const Node& node);
  Typed keywords_in(const Node& node);
  Typed in_area(const Node& node);
  Typed extreme(const Node& node, const std::string& name);
  Typed overloaded(const Node& node, const std::string& name, CallForm form, size_t first);
  Typed unknown_function(const Node& node, const std::string& name);
  Typed folded_call(const Node& node, const Overload& overload, std::vector<Typed> arguments);

  struct Local {
    std::string name;
    Type type;
  };
  struct Read {
    std::string name;
    size_t place;
  };

  const Environment::Names& names;
  const bool dynamic;         // every type is dyn, and what does not fit an error of evaluation
  std::vector<Local> locals;  // of the macros that stand round, outermost first
  std::vector<Finding> findings;
  std::vector<Condition> conditions;
  std::map<const Node*, int> condition_of;     // index into conditions
  std::map<std::string, Read> optional_reads;  // by field_key, the first place
  std::set<std::string> tested_fields;         // by field_key: has() of it stands somewhere
};

// Does the calculation on constants, and drops what a constant decides.
Instruction fold(Instruction instruction);
// The type of either; nullopt: they have none in common.
std::optional<Type> joined(const Type& a, const Type& b);
// `==` can hold between them.
bool comparable(const Type& a, const Type& b);
const Type& element_of(const Type& list_or_map);

Instruction constant(Value value);

}  // namespace fengsui::cel
