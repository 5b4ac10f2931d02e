#include "cel/flat_condition.h"

#include <cmath>

#include "cel/code.h"

namespace fengsui::cel {
namespace {

using Code = Instruction::Code;

// Up to here, on both sides of 0, ints and doubles compare as CEL has it by their order alone.
constexpr int64_t kPlainMost = int64_t{1} << 53;

bool is_plain_number(const Value& v) {
  if (v.kind() == Kind::Int) return v.as_int() >= -kPlainMost && v.as_int() <= kPlainMost;
  return v.kind() == Kind::Double && std::abs(v.as_double()) <= static_cast<double>(kPlainMost);
}

}  // namespace

FlatCondition::FlatCondition(const Instruction& root) {
  if (add(root, kTrue, kFalse) == kNone) tests_.clear();
}

uint32_t FlatCondition::add(const Instruction& at, uint32_t if_true, uint32_t if_false) {
  if (at.code != Code::And && at.code != Code::Or) return add_test(at, if_true, if_false);
  // From the last to the first, since each needs to know what comes after it.
  uint32_t next = kNone;
  for (size_t i = at.children.size(); i-- > 0;) {
    const bool is_last = next == kNone;
    const bool is_and = at.code == Code::And;
    next = add(at.children[i], is_and && !is_last ? next : if_true,
               !is_and && !is_last ? next : if_false);
    if (next == kNone) return kNone;
  }
  return next;
}

uint32_t FlatCondition::add_test(const Instruction& at, uint32_t if_true, uint32_t if_false) {
  const bool is_order = at.code == Code::Compare;
  if (!is_order && at.code != Code::Equal && at.code != Code::NotEqual) return kNone;
  const bool turned = at.children[0].is_constant();
  const Instruction& slot = at.children[turned ? 1 : 0];
  const Instruction& constant = at.children[turned ? 0 : 1];
  if (slot.code != Code::Slot || !constant.is_constant()) return kNone;
  const Value& value = constant.value;
  const bool is_text = value.kind() == Kind::String || value.kind() == Kind::Bool;
  if (!is_plain_number(value) && (is_order || !is_text)) return kNone;
  Test test;
  test.kind = value.kind();
  test.slot = static_cast<uint32_t>(slot.index);
  test.if_true = if_true;
  test.if_false = if_false;
  test.constant = value;
  if (value.kind() == Kind::Int) test.integer = value.as_int();
  if (value.kind() == Kind::Double) test.real = value.as_double();
  if (!is_order) {
    test.op = at.code == Code::Equal ? Op::Equal : Op::NotEqual;
  } else {
    switch (at.op) {
      case Operator::Less:
        test.op = turned ? Op::Greater : Op::Less;
        break;
      case Operator::LessEqual:
        test.op = turned ? Op::GreaterEqual : Op::LessEqual;
        break;
      case Operator::Greater:
        test.op = turned ? Op::Less : Op::Greater;
        break;
      default:
        test.op = turned ? Op::LessEqual : Op::GreaterEqual;
    }
  }
  tests_.push_back(std::move(test));
  return static_cast<uint32_t>(tests_.size() - 1);
}

bool FlatCondition::holds(std::span<const Value> slots) const {
  auto at = static_cast<uint32_t>(tests_.size() - 1);
  while (at < kFalse) {
    const Test& test = tests_[at];
    at = passes(test, slots[test.slot]) ? test.if_true : test.if_false;
  }
  return at == kTrue;
}

bool FlatCondition::passes(const Test& test, const Value& value) {
  const auto answer = [&test](auto a, auto b) {
    switch (test.op) {
      case Op::Less:
        return a < b;
      case Op::LessEqual:
        return a <= b;
      case Op::Greater:
        return a > b;
      case Op::GreaterEqual:
        return a >= b;
      case Op::Equal:
        return a == b;
      default:
        return a != b;
    }
  };
  if (value.kind() == test.kind) {
    if (test.kind == Kind::Int) return answer(value.as_int(), test.integer);
    if (test.kind == Kind::Double) return answer(value.as_double(), test.real);
  }
  if (value.is_error()) return false;
  if (test.op == Op::Equal) return equal(value, test.constant);
  if (test.op == Op::NotEqual) return !equal(value, test.constant);
  const int order = compare(value, test.constant);
  return order != 2 && answer(order, 0);
}

}  // namespace fengsui::cel
