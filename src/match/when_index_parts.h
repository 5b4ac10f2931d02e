// What building an index and asking it must agree on. Not for callers of the folder.
#pragma once

#include <cstdint>
#include <optional>

#include "base/hash_table.h"
#include "cel/conjuncts.h"
#include "cel/value.h"

namespace fengsui::match {

// Of a key that is too wide for a word.
inline uint64_t mixed(uint64_t hash, uint64_t number) {
  return fold_multiply(hash ^ number ^ 0x9e3779b97f4a7c15, 0xa0761d6478bd642f);
}

// What decides a number's place among thresholds, and a threshold; anything else (an error, a text,
// a NaN, an int that a double does not hold with its neighbours) is left to the evaluator.
inline std::optional<double> plain_number(const cel::Value& v) {
  constexpr int64_t kMost = int64_t{1} << 53;
  if (v.kind() == cel::Kind::Double && v.as_double() == v.as_double()) return v.as_double();
  if (v.kind() == cel::Kind::Int && v.as_int() >= -kMost && v.as_int() <= kMost) {
    return static_cast<double>(v.as_int());
  }
  return std::nullopt;
}

inline bool is_range(cel::Conjunct::Form form) {
  using Form = cel::Conjunct::Form;
  return form == Form::Less || form == Form::LessEqual || form == Form::Greater ||
         form == Form::GreaterEqual;
}

}  // namespace fengsui::match
