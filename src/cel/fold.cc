// Constant folding.
#include <algorithm>

#include "cel/checker.h"

namespace fengsui::cel {
namespace {

using Code = Instruction::Code;

// Its value follows from its children's alone.
bool is_pure(const Instruction& at) {
  switch (at.code) {
    case Code::HasEntry:
    case Code::Select:
    case Code::Index:
    case Code::And:
    case Code::Or:
    case Code::Not:
    case Code::Conditional:
    case Code::Arithmetic:
    case Code::Compare:
    case Code::Equal:
    case Code::NotEqual:
    case Code::In:
    case Code::InSet:
    case Code::Matches:
    case Code::Call:
    case Code::List:
    case Code::Map:
      return std::all_of(at.children.begin(), at.children.end(),
                         [](const Instruction& child) { return child.is_constant(); });
    default:
      return false;
  }
}

bool is_constant_bool(const Instruction& at, bool wanted) {
  return at.is_constant() && at.value.kind() == Kind::Bool && at.value.as_bool() == wanted;
}

bool decides_chain(const Instruction& at) {
  const bool decides = at.code == Code::Or;
  return std::any_of(at.children.begin(), at.children.end(),
                     [&](const Instruction& child) { return is_constant_bool(child, decides); });
}

// `x in [constants]` looks into a hash set.
Instruction with_set(Instruction in) {
  const Instruction& container = in.children[1];
  if (!container.is_constant() || container.value.kind() != Kind::List) return in;
  const ListValue& items = container.value.as_list();
  in.set = std::make_shared<const ValueSet>(items.begin(), items.end());
  in.code = Code::InSet;
  in.children.pop_back();
  return in;
}

}  // namespace

Instruction fold(Instruction at) {
  const bool is_chain = at.code == Code::And || at.code == Code::Or;
  if (is_chain && decides_chain(at)) return constant(Value::boolean(at.code == Code::Or));
  if (is_pure(at)) return constant(evaluate_constant(at));
  if (at.code == Code::Conditional && at.children[0].is_constant()) {
    const Value& condition = at.children[0].value;
    if (condition.kind() == Kind::Bool) {
      return Instruction(std::move(at.children[condition.as_bool() ? 1 : 2]));
    }
  }
  if (at.code == Code::In) return with_set(std::move(at));
  return at;
}

}  // namespace fengsui::cel
