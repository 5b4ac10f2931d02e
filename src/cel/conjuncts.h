// What a `when` is the `&&` of: for an index over many of them (src/match).
#pragma once

#include <string>
#include <vector>

#include "cel/expression.h"

namespace fengsui::cel {

// The whole is false exactly if one of its conjuncts is, and true exactly if all are; with none
// false and one an error (or no bool) it is an error.
struct Conjunct {
  enum class Form : uint8_t {
    Equal,     // slot == values[0]
    NotEqual,  // slot != values[0]
    Less,      // slot < values[0], a number, and so on
    LessEqual,
    Greater,
    GreaterEqual,
    In,        // slot in values: scalars, no two equal
    Has,       // has(slot)
    True,      // slot, as a bool
    False,     // !slot
    Prefix,    // slot.startsWith(values[0]), a string
    Suffix,    // slot.endsWith(values[0])
    Mentions,  // text.mentions(slot, keyword set `keywords`)
    Other,     // program
  };
  Form form = Form::Other;
  int slot = -1;
  int keywords = -1;
  std::vector<Value> values;
  Program program;  // of Other
  std::string key;  // of Other: ones of the same key have the same value for every event
  // Neither it nor any conjunct before it can use up the steps of an evaluation: what it is by
  // itself is what it is within the whole.
  bool is_early = false;
};

std::vector<Conjunct> conjuncts_of(const Program& when);

}  // namespace fengsui::cel
