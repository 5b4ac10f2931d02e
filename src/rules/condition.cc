#include "rules/condition.h"

#include <algorithm>
#include <utility>

#include "rules/placed_expression.h"

namespace fengsui::rules {
namespace {

using cel::Node;
using cel::Operator;
using cel::Value;
using NodeKind = cel::Node::Kind;

// A condition with more cubes is not reasoned about.
constexpr size_t kCubesMax = 128;
// Nor is one with more parts in a row, or longer lists.
constexpr size_t kPartsMax = 1'000;
// Defs in defs, lets over lets.
constexpr int kMeaningsMax = 16;

bool is_comparison(Operator op) {
  switch (op) {
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual:
    case Operator::Equal:
    case Operator::NotEqual:
      return true;
    default:
      return false;
  }
}

Operator mirrored(Operator op) {
  switch (op) {
    case Operator::Less:
      return Operator::Greater;
    case Operator::LessEqual:
      return Operator::GreaterEqual;
    case Operator::Greater:
      return Operator::Less;
    case Operator::GreaterEqual:
      return Operator::LessEqual;
    default:
      return op;
  }
}

bool is_literal(const Node& node) { return node.kind == NodeKind::Literal; }

void set_comparison(Atom& atom, Operator op, const Value& value) {
  const auto set = [&](ValueRange holds, ValueRange fails) {
    atom.holds = std::move(holds);
    atom.fails = std::move(fails);
  };
  switch (op) {
    case Operator::Less:
      set(ValueRange::up_to(value, true), ValueRange::from(value));
      break;
    case Operator::LessEqual:
      set(ValueRange::up_to(value), ValueRange::from(value, true));
      break;
    case Operator::Greater:
      set(ValueRange::from(value, true), ValueRange::up_to(value));
      break;
    case Operator::GreaterEqual:
      set(ValueRange::from(value), ValueRange::up_to(value, true));
      break;
    case Operator::Equal:
      set(ValueRange::one_of({value}), ValueRange::other_than({value}));
      return;
    default:
      set(ValueRange::other_than({value}), ValueRange::one_of({value}));
      return;
  }
  if (!atom.subject.never_nan) atom.fails.reset();
}

bool is_list_of_literals(const Node& node) {
  return node.kind == NodeKind::List && !node.children.empty() &&
         node.children.size() <= kPartsMax &&
         std::all_of(node.children.begin(), node.children.end(),
                     [](const auto& item) { return is_literal(*item); });
}

// Puts `range` to what the cube knows of a subject; false: nothing is left of it.
bool narrow(Cube& cube, const std::string& key, const ValueRange& range) {
  const auto [entry, is_new] = cube.try_emplace(key, range);
  if (!is_new) entry->second = both(entry->second, range);
  return !entry->second.is_empty();
}

std::optional<Cubes> cubes_at(const Node& node, bool wanted, const ConditionScope& scope,
                              int meanings);

std::optional<Cubes> cubes_of_atom(const Node& node, bool wanted, const ConditionScope& scope) {
  const Atom atom = atom_of(node, scope);
  Cube cube;
  if (!wanted && !atom.fails) {
    narrow(cube, fingerprint(node), ValueRange::one_of({Value::boolean(false)}));
    return Cubes{std::move(cube)};
  }
  narrow(cube, atom.subject.key, atom.subject.range);
  if (!narrow(cube, atom.subject.key, wanted ? atom.holds : *atom.fails)) return Cubes{};
  return Cubes{std::move(cube)};
}

std::optional<Cubes> cubes_of_parts(const Node& node, bool wanted, bool all,
                                    const ConditionScope& scope, int meanings) {
  if (node.children.size() > kPartsMax) return std::nullopt;
  Cubes cubes;
  if (all) cubes.emplace_back();
  for (const auto& child : node.children) {
    const std::optional<Cubes> part = cubes_at(*child, wanted, scope, meanings);
    if (!part) return std::nullopt;
    if (all) {
      std::optional<Cubes> product = joined(cubes, *part);
      if (!product) return std::nullopt;
      cubes = std::move(*product);
    } else {
      cubes.insert(cubes.end(), part->begin(), part->end());
      if (cubes.size() > kCubesMax) return std::nullopt;
    }
  }
  return cubes;
}

std::optional<Cubes> cubes_at(const Node& node, bool wanted, const ConditionScope& scope,
                              int meanings) {
  switch (node.kind) {
    case NodeKind::And:
      return cubes_of_parts(node, wanted, wanted, scope, meanings);
    case NodeKind::Or:
      return cubes_of_parts(node, wanted, !wanted, scope, meanings);
    case NodeKind::Literal:
      if (node.value.kind() != cel::Kind::Bool) return std::nullopt;
      return node.value.is_true() == wanted ? Cubes{Cube{}} : Cubes{};
    case NodeKind::Unary:
      if (node.op == Operator::Not) return cubes_at(node.child(0), !wanted, scope, meanings);
      break;
    default:
      break;
  }
  const ConditionScope::Meaning meaning = scope.meaning(node);
  if (meaning.node != nullptr && meanings < kMeaningsMax) {
    return cubes_at(*meaning.node, wanted, *meaning.scope, meanings + 1);
  }
  return cubes_of_atom(node, wanted, scope);
}

bool implies_at(const Cube& cube, const Node& node, bool wanted, const ConditionScope& scope,
                int meanings) {
  const auto part = [&](const auto& child) {
    return implies_at(cube, *child, wanted, scope, meanings);
  };
  const auto& parts = node.children;
  switch (node.kind) {
    case NodeKind::And:
    case NodeKind::Or:
      if ((node.kind == NodeKind::And) == wanted) {
        return std::all_of(parts.begin(), parts.end(), part);
      }
      return std::any_of(parts.begin(), parts.end(), part);
    case NodeKind::Literal:
      return node.value.kind() == cel::Kind::Bool && node.value.is_true() == wanted;
    case NodeKind::Unary:
      if (node.op != Operator::Not) break;
      return implies_at(cube, node.child(0), !wanted, scope, meanings);
    default:
      break;
  }
  const ConditionScope::Meaning meaning = scope.meaning(node);
  if (meaning.node != nullptr && meanings < kMeaningsMax) {
    return implies_at(cube, *meaning.node, wanted, *meaning.scope, meanings + 1);
  }
  const Atom atom = atom_of(node, scope);
  if (!wanted && !atom.fails) {
    const auto known = cube.find(fingerprint(node));
    return known != cube.end() && known->second.within(ValueRange::one_of({Value::boolean(false)}));
  }
  const ValueRange& needed = wanted ? atom.holds : *atom.fails;
  const auto known = cube.find(atom.subject.key);
  if (known != cube.end()) return known->second.within(needed);
  return atom.subject.never_errs && atom.subject.range.within(needed);
}

}  // namespace

bool is_atom(const Node& node) {
  if (node.kind == NodeKind::Unary) return node.op != Operator::Not;
  return node.kind != NodeKind::And && node.kind != NodeKind::Or && node.kind != NodeKind::Literal;
}

Atom atom_of(const Node& node, const ConditionScope& scope) {
  Atom atom;
  if (node.kind == NodeKind::Binary && is_comparison(node.op) &&
      is_literal(node.child(0)) != is_literal(node.child(1))) {
    const bool right = is_literal(node.child(1));
    atom.compared = &node.child(right ? 0 : 1);
    atom.subject = scope.subject(*atom.compared);
    set_comparison(atom, right ? node.op : mirrored(node.op), node.child(right ? 1 : 0).value);
    return atom;
  }
  if (node.kind == NodeKind::Binary && node.op == Operator::In && !is_literal(node.child(0)) &&
      is_list_of_literals(node.child(1))) {
    std::vector<Value> values;
    for (const auto& item : node.child(1).children) values.push_back(item->value);
    atom.compared = &node.child(0);
    atom.subject = scope.subject(*atom.compared);
    atom.fails = ValueRange::other_than(values);
    atom.holds = ValueRange::one_of(std::move(values));
    return atom;
  }
  atom.subject = scope.subject(node);
  atom.holds = ValueRange::one_of({Value::boolean(true)});
  atom.fails = ValueRange::one_of({Value::boolean(false)});
  return atom;
}

std::optional<Cubes> cubes_of(const Node& node, bool wanted, const ConditionScope& scope) {
  return cubes_at(node, wanted, scope, 0);
}

std::optional<Cubes> joined(const Cubes& a, const Cubes& b) {
  Cubes cubes;
  for (const Cube& one : a) {
    for (const Cube& other : b) {
      Cube cube = one;
      bool possible = true;
      for (const auto& [key, range] : other) possible = possible && narrow(cube, key, range);
      if (possible) cubes.push_back(std::move(cube));
      if (cubes.size() > kCubesMax) return std::nullopt;
    }
  }
  return cubes;
}

bool implies(const Cube& cube, const Node& node, bool wanted, const ConditionScope& scope) {
  return implies_at(cube, node, wanted, scope, 0);
}

}  // namespace fengsui::rules
