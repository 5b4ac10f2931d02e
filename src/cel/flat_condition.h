// Comparisons of slots with constants, joined by && and ||, as a row of tests: what most `when`s
// and grades are. Whether one is true, without the values in between. Not for callers of the
// folder: Program::holds().
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cel/value.h"

namespace fengsui::cel {

struct Instruction;

class FlatCondition {
 public:
  FlatCondition() = default;
  // Empty if `root` is anything else.
  explicit FlatCondition(const Instruction& root);

  bool empty() const { return tests_.empty(); }
  // Whether the expression is true: false and errors are alike. An && is true if both sides are, an
  // || if one is, whatever the other; so what a test that errs would make of the whole is known.
  // Requires: not empty().
  bool holds(std::span<const Value> slots) const;

 private:
  enum class Op : uint8_t { Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual };
  struct Test {
    Op op = Op::Equal;
    Kind kind = Kind::Null;  // of the constant
    uint32_t slot = 0;
    uint32_t if_true = 0, if_false = 0;  // the next test, or kTrue, kFalse
    int64_t integer = 0;                 // the constant, if it is an int
    double real = 0;                     // likewise a double
    Value constant;
  };
  static constexpr uint32_t kTrue = UINT32_MAX, kFalse = UINT32_MAX - 1;
  static constexpr uint32_t kNone = UINT32_MAX - 2;  // it is no such expression

  // Adds the tests of `at`; gives the first, or kNone.
  uint32_t add(const Instruction& at, uint32_t if_true, uint32_t if_false);
  uint32_t add_test(const Instruction& at, uint32_t if_true, uint32_t if_false);
  static bool passes(const Test& test, const Value& value);

  std::vector<Test> tests_;  // the last one comes first
};

}  // namespace fengsui::cel
