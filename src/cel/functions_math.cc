// CEL's math extension, as far as rules.md names it.
#include <cmath>

#include "cel/overloads.h"

namespace fengsui::cel {
namespace {

Value no_overload(const char* function) {
  return Value::error(ErrorCode::NoMatchingOverload, function);
}

bool is_number(const Value& v) {
  return v.kind() == Kind::Int || v.kind() == Kind::Uint || v.kind() == Kind::Double;
}

// The first of those that no other is beyond. `wanted`: what compare() gives for a better one.
Value extreme(Arguments arguments, int wanted, const char* function) {
  const Value* best = nullptr;
  const auto offer = [&](const Value& v) {
    if (!is_number(v)) return false;
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

}  // namespace fengsui::cel
