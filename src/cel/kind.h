// The kinds of values of the expression language.
#pragma once

#include <cstdint>

namespace fengsui::cel {

// In the order of Value's variant.
enum class Kind : uint8_t {
  Null,
  Error,
  Bool,
  Int,
  Uint,
  Double,
  String,
  Bytes,
  Timestamp,
  Duration,
  List,
  Map,
  Type
};

inline bool is_number(Kind kind) {
  return kind == Kind::Int || kind == Kind::Uint || kind == Kind::Double;
}

}  // namespace fengsui::cel
