// What building an index and asking it must agree on. Not for callers of the folder.
#pragma once

#include <cstdint>

#include "cel/conjuncts.h"
#include "cel/value.h"

namespace fengsui::match {

// Values that are equal to CEL have the same.
uint64_t hash_value_of(const cel::Value& v);

inline uint64_t mixed(uint64_t hash, uint64_t value) {
  __extension__ using Wide = unsigned __int128;
  const Wide wide = static_cast<Wide>(hash ^ value ^ 0x9e3779b97f4a7c15) * 0xa0761d6478bd642f;
  return static_cast<uint64_t>(wide) ^ static_cast<uint64_t>(wide >> 64);
}

// A double holds it and its neighbours.
inline bool is_plain(int64_t v) {
  constexpr int64_t kMost = int64_t{1} << 53;
  return v >= -kMost && v <= kMost;
}

inline bool is_range(cel::Conjunct::Form form) {
  using Form = cel::Conjunct::Form;
  return form == Form::Less || form == Form::LessEqual || form == Form::Greater ||
         form == Form::GreaterEqual;
}

}  // namespace fengsui::match
