// Conversions between the kinds, with their ranges. Details of errors name the function, never the
// value: it may be an event's.
#include <charconv>
#include <cmath>

#include "cel/decimal.h"
#include "cel/overloads.h"
#include "cel/time_math.h"
#include "cel/utf8.h"

namespace fengsui::cel {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

Value no_overload(const char* function) {
  return Value::error(ErrorCode::NoMatchingOverload, function);
}
Value out_of_range(const char* function) { return Value::error(ErrorCode::OutOfRange, function); }
Value unreadable(const char* function) {
  return Value::error(ErrorCode::InvalidArgument, function);
}

// A whole number in decimal, all of the text.
template <class T>
Value read_whole(std::string_view digits, Value (*made)(T), const char* function) {
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    if (digits.starts_with('-')) return unreadable(function);
  }
  T v = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), v);
  if (end != digits.end() || digits.empty()) return unreadable(function);
  if (error == std::errc::result_out_of_range) return out_of_range(function);
  return error == std::errc() ? made(v) : unreadable(function);
}

Value read_double(std::string_view digits) {
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    if (digits.starts_with('-')) return unreadable("double()");
  }
  double v = 0;
  const auto [end, error] = read_decimal(digits, v);
  if (end != digits.end() || digits.empty() || digits.back() == ')') return unreadable("double()");
  if (error == std::errc::result_out_of_range) return out_of_range("double()");
  return error == std::errc() ? Value::real(v) : unreadable("double()");
}

}  // namespace

Value to_int(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  switch (v.kind()) {
    case Kind::Int:
      return v;
    case Kind::Uint:
      if (v.as_uint() > INT64_MAX) return out_of_range("int()");
      return Value::integer(static_cast<int64_t>(v.as_uint()));
    case Kind::Double:
      // Both ends left out, as cel-go and cel-cpp do: a double near them has no exact int.
      if (!(v.as_double() > -kTwoTo63 && v.as_double() < kTwoTo63)) return out_of_range("int()");
      return Value::integer(static_cast<int64_t>(v.as_double()));
    case Kind::String:
      return read_whole<int64_t>(v.as_string(), &Value::integer, "int()");
    case Kind::Timestamp:
      return Value::integer(v.as_timestamp().seconds);
    default:
      return no_overload("int()");
  }
}

Value to_uint(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  switch (v.kind()) {
    case Kind::Uint:
      return v;
    case Kind::Int:
      if (v.as_int() < 0) return out_of_range("uint()");
      return Value::uinteger(static_cast<uint64_t>(v.as_int()));
    case Kind::Double:
      if (!(v.as_double() >= 0 && v.as_double() < kTwoTo64)) return out_of_range("uint()");
      return Value::uinteger(static_cast<uint64_t>(v.as_double()));
    case Kind::String:
      return read_whole<uint64_t>(v.as_string(), &Value::uinteger, "uint()");
    default:
      return no_overload("uint()");
  }
}

Value to_double(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  switch (v.kind()) {
    case Kind::Double:
      return v;
    case Kind::Int:
      return Value::real(static_cast<double>(v.as_int()));
    case Kind::Uint:
      return Value::real(static_cast<double>(v.as_uint()));
    case Kind::String:
      return read_double(v.as_string());
    default:
      return no_overload("double()");
  }
}

Value to_text(Arguments arguments, Budget&) { return to_string(*arguments[0]); }

Value to_bytes(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  if (v.kind() == Kind::Bytes) return v;
  return v.kind() == Kind::String ? Value::bytes(v.as_string()) : no_overload("bytes()");
}

Value to_bool(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  if (v.kind() == Kind::Bool) return v;
  if (v.kind() != Kind::String) return no_overload("bool()");
  const std::string& text = v.as_string();
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return Value::boolean(true);
  }
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) return Value::boolean(false);
  }
  return unreadable("bool()");
}

Value to_timestamp(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  switch (v.kind()) {
    case Kind::Timestamp:
      return v;
    case Kind::Int:
      return timestamp_value(v.as_int() * kNanosPerSecond);
    case Kind::String: {
      const std::optional<Instant> instant = parse_rfc3339(v.as_string());
      return instant ? timestamp_value(nanos_of(*instant)) : unreadable("timestamp()");
    }
    default:
      return no_overload("timestamp()");
  }
}

Value to_duration(Arguments arguments, Budget&) {
  const Value& v = *arguments[0];
  if (v.kind() == Kind::Duration) return v;
  if (v.kind() != Kind::String) return no_overload("duration()");
  return parse_cel_duration(v.as_string()).value_or(unreadable("duration()"));
}

Value to_type(Arguments arguments, Budget&) { return Value::type(type_name(arguments[0]->kind())); }

Value to_dyn(Arguments arguments, Budget&) { return *arguments[0]; }

}  // namespace fengsui::cel
