// What a condition says of the things it compares, as the linter needs it: its tree as a choice of
// cubes, each of which is what must hold of each subject together. Sound, not complete: "never" and
// "always" are so for every event, whatever is missing or errs; where a condition is too large or
// of another form, nothing is known of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cel/syntax.h"
#include "rules/value_range.h"

namespace fengsui::rules {

// A subject is what is compared with constants: a field, a let, or any other expression.
struct Subject {
  std::string key;   // the same for the same one
  ValueRange range;  // what it may be before any condition
  std::string why;  // of the range, in words: "its schema's minimum is 0"; empty: nothing limits it
  bool from_enum = false;   // the range is the schema's `enum`
  bool never_errs = false;  // it has a value for every event
  bool never_nan = false;
};

// What the names of an expression stand for.
class ConditionScope {
 public:
  virtual ~ConditionScope() = default;
  virtual Subject subject(const cel::Node& node) const = 0;
  // The condition that a name (of a def or a let) stands for, and the scope it is in; null: none.
  struct Meaning {
    const cel::Node* node = nullptr;
    const ConditionScope* scope = nullptr;
  };
  virtual Meaning meaning(const cel::Node& name) const = 0;
};

// A comparison with constants, or any other part that is true or false as a whole.
struct Atom {
  Subject subject;
  const cel::Node* compared = nullptr;  // the subject's node; null: the part itself is the subject
  ValueRange holds;                     // where it is true
  std::optional<ValueRange> fails;      // where it is false; absent: cannot be told (NaN)
};
Atom atom_of(const cel::Node& node, const ConditionScope& scope);
// `node` is neither a literal nor joined by && || ! of others.
bool is_atom(const cel::Node& node);

using Cube = std::map<std::string, ValueRange>;  // by subject
using Cubes = std::vector<Cube>;

// How the condition can be `wanted`; none: it cannot. nullopt: not known.
std::optional<Cubes> cubes_of(const cel::Node& node, bool wanted, const ConditionScope& scope);
// Those of both; nullopt: too many.
std::optional<Cubes> joined(const Cubes& a, const Cubes& b);

// Where all of the cube holds, the condition does.
bool implies(const Cube& cube, const cel::Node& node, bool wanted, const ConditionScope& scope);

}  // namespace fengsui::rules
