// What names mean where an expression stands (expression.h).
#pragma once

#include <memory>
#include <string>

#include "cel/tables.h"
#include "cel/type.h"

namespace fengsui::cel {

struct Variable {
  Type type;
  int slot = -1;          // index into the slots given to evaluate(); -1: known, but missing here
  bool field = false;     // a declared field of an event (int literals beside a double one adapt)
  bool optional = false;  // its schema does not require it: reading it without has() warns
  bool is_protected = false;  // naming it is an error
  std::string entry;          // not empty: the slot holds a map, the variable is this entry of it
};

// Names are dotted paths ("outlet.code", "event.id"). A path whose last part is an object field may
// be declared itself (type map(string, dyn)) beside its parts.
class Environment {
 public:
  Environment();
  ~Environment();
  Environment(const Environment&);
  Environment(Environment&&) noexcept;
  Environment& operator=(const Environment&);
  Environment& operator=(Environment&&) noexcept;

  // A later declaration of the same name hides the earlier one.
  void declare(std::string name, Variable variable);
  // Neither the name nor its parts ("outlet", "outlet.code") are declared any more.
  void hide(const std::string& name);
  // index: into Tables::lists or Tables::keywords at evaluation.
  void declare_list(std::string name, int index, std::shared_ptr<const ValueList> list);
  void declare_keywords(std::string name, int index);
  // Calls of these names are refused as NotHere (aggregates outside `let`), with this hint.
  void refuse_function(std::string name, std::string hint);
  // For a name that is not declared: what to say instead of "unknown name" (an event type's field
  // that only another type has, a feature not built yet).
  void explain_name(std::string name, std::string message);

 private:
  friend struct Checker;
  struct Names;
  std::unique_ptr<Names> names_;
};

}  // namespace fengsui::cel
