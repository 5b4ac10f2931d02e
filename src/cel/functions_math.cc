// CEL's math extension, as far as rules.md names it.
#include <cmath>

#include "cel/overloads.h"

namespace fengsui::cel {
namespace {

Value no_overload(const char* function) {
  return Value::error(ErrorCode::NoMatchingOverload, function);
}

// The first of those that no other is beyond. `wanted`: what compare() gives for a better one.
Value extreme(Arguments arguments, int wanted, const char* function) {
  const Value* best = nullptr;
  const auto offer = [&](const Value& v) {
    if (!is_number(v.kind())) return false;
    if (!best || compare(v, *best) == wanted) best = &v;
    return true;
  };
  if (arguments.size() == 1 && arguments[0]->kind() == Kind::List) {
    for (const Value& item : arguments[0]->as_list()) {
      if (!offer(item)) return no_overload(function);
    }
    if (!best)
      return Value::error(ErrorCode::InvalidArgument, std::string(function) + " of nothing");
    return *best;
  }
  for (const Value* argument : arguments) {
    if (!offer(*argument)) return no_overload(function);
  }
  return *best;
}

// Of two ints or two uints, bit by bit.
template <class Function>
Value of_bits(Arguments arguments, const char* name, Function function) {
  const Value& a = *arguments[0];
  const Value& b = *arguments[1];
  if (a.kind() == Kind::Int && b.kind() == Kind::Int) {
    return Value::integer(static_cast<int64_t>(
        function(static_cast<uint64_t>(a.as_int()), static_cast<uint64_t>(b.as_int()))));
  }
  if (a.kind() == Kind::Uint && b.kind() == Kind::Uint) {
    return Value::uinteger(function(a.as_uint(), b.as_uint()));
  }
  return no_overload(name);
}

// An int's bits move as a uint's do: from the left come zeros.
template <class Function>
Value shifted(Arguments arguments, const char* name, Function function) {
  const Value& v = *arguments[0];
  const bool is_whole = v.kind() == Kind::Int || v.kind() == Kind::Uint;
  if (!is_whole || arguments[1]->kind() != Kind::Int) return no_overload(name);
  const int64_t places = arguments[1]->as_int();
  if (places < 0)
    return Value::error(ErrorCode::InvalidArgument, std::string(name) + " by less than 0");
  const uint64_t bits = v.kind() == Kind::Uint ? v.as_uint() : static_cast<uint64_t>(v.as_int());
  const uint64_t out = places > 63 ? 0 : function(bits, places);
  return v.kind() == Kind::Uint ? Value::uinteger(out) : Value::integer(static_cast<int64_t>(out));
}

template <class Function>
Value of_double(Arguments arguments, const char* name, Function function) {
  if (arguments[0]->kind() != Kind::Double) return no_overload(name);
  return function(arguments[0]->as_double());
}

}  // namespace

Value math_greatest(Arguments arguments, Budget&) {
  return extreme(arguments, 1, "math.greatest()");
}

Value math_least(Arguments arguments, Budget&) { return extreme(arguments, -1, "math.least()"); }

Value math_abs(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  switch (v.kind()) {
    case Kind::Int:
      if (v.as_int() == INT64_MIN) return Value::error(ErrorCode::OutOfRange, "math.abs()");
      return Value::integer(v.as_int() < 0 ? -v.as_int() : v.as_int());
    case Kind::Uint:
      return v;
    case Kind::Double:
      return Value::real(std::fabs(v.as_double()));
    default:
      return no_overload("math.abs()");
  }
}

Value math_ceil(Arguments arguments, Budget&) {
  return of_double(arguments, "math.ceil()", [](double v) { return Value::real(std::ceil(v)); });
}

Value math_floor(Arguments arguments, Budget&) {
  return of_double(arguments, "math.floor()", [](double v) { return Value::real(std::floor(v)); });
}

Value math_round(Arguments arguments, Budget&) {  // halves go away from zero
  return of_double(arguments, "math.round()", [](double v) { return Value::real(std::round(v)); });
}

Value math_sign(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  switch (v.kind()) {
    case Kind::Int:
      return Value::integer((v.as_int() > 0) - (v.as_int() < 0));
    case Kind::Uint:
      return Value::uinteger(v.as_uint() > 0);
    case Kind::Double:
      if (std::isnan(v.as_double())) return v;
      return Value::real((v.as_double() > 0) - (v.as_double() < 0));
    default:
      return no_overload("math.sign()");
  }
}

Value math_is_nan(Arguments arguments, Budget&) {
  return of_double(arguments, "math.isNaN()",
                   [](double v) { return Value::boolean(std::isnan(v)); });
}

Value math_is_inf(Arguments arguments, Budget&) {
  return of_double(arguments, "math.isInf()",
                   [](double v) { return Value::boolean(std::isinf(v)); });
}

Value math_is_finite(Arguments arguments, Budget&) {
  return of_double(arguments, "math.isFinite()",
                   [](double v) { return Value::boolean(std::isfinite(v)); });
}

Value math_trunc(Arguments arguments, Budget&) {
  return of_double(arguments, "math.trunc()", [](double v) { return Value::real(std::trunc(v)); });
}

Value math_sqrt(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  switch (v.kind()) {
    case Kind::Int:
      return Value::real(std::sqrt(static_cast<double>(v.as_int())));
    case Kind::Uint:
      return Value::real(std::sqrt(static_cast<double>(v.as_uint())));
    case Kind::Double:
      return Value::real(std::sqrt(v.as_double()));
    default:
      return no_overload("math.sqrt()");
  }
}

Value math_bit_and(Arguments arguments, Budget&) {
  return of_bits(arguments, "math.bitAnd()", [](uint64_t a, uint64_t b) { return a & b; });
}

Value math_bit_or(Arguments arguments, Budget&) {
  return of_bits(arguments, "math.bitOr()", [](uint64_t a, uint64_t b) { return a | b; });
}

Value math_bit_xor(Arguments arguments, Budget&) {
  return of_bits(arguments, "math.bitXor()", [](uint64_t a, uint64_t b) { return a ^ b; });
}

Value math_bit_not(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  if (v.kind() == Kind::Int) return Value::integer(~v.as_int());
  return v.kind() == Kind::Uint ? Value::uinteger(~v.as_uint()) : no_overload("math.bitNot()");
}

Value math_bit_shift_left(Arguments arguments, Budget&) {
  return shifted(arguments, "math.bitShiftLeft()",
                 [](uint64_t bits, int64_t places) { return bits << places; });
}

Value math_bit_shift_right(Arguments arguments, Budget&) {
  return shifted(arguments, "math.bitShiftRight()",
                 [](uint64_t bits, int64_t places) { return bits >> places; });
}

}  // namespace fengsui::cel
