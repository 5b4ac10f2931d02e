// Numbers that an index compares as doubles. Not for callers of the folder.
#pragma once

#include <cstdint>
#include <optional>

#include "cel/value.h"

namespace fengsui::match {

// Up to here, on both sides of 0, a double holds every int.
inline constexpr int64_t kPlainMost = int64_t{1} << 53;

// What decides a number's place among thresholds, and a threshold; anything else (an error, a text,
// a NaN, an int that a double does not hold with its neighbours) is left to the evaluator.
inline std::optional<double> plain_number(const cel::Value& v) {
  if (v.kind() == cel::Kind::Double && v.as_double() == v.as_double()) return v.as_double();
  if (v.kind() == cel::Kind::Int && v.as_int() >= -kPlainMost && v.as_int() <= kPlainMost) {
    return static_cast<double>(v.as_int());
  }
  return std::nullopt;
}

}  // namespace fengsui::match
