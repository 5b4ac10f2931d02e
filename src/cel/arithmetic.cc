// The operators that make a new value of two: numbers, texts, lists, times.
#include <limits>

#include "cel/code.h"
#include "cel/time_math.h"

namespace fengsui::cel {
namespace {

Value no_overload(Operator op) {
  return Value::error(ErrorCode::NoMatchingOverload, operator_text(op));
}

Value overflow() { return Value::error(ErrorCode::OutOfRange, "the result does not fit"); }

// Int or uint.
template <class T>
Value whole(Operator op, T a, T b, Value (*made)(T)) {
  T out = 0;
  bool fits = true;
  switch (op) {
    case Operator::Add:
      fits = !__builtin_add_overflow(a, b, &out);
      break;
    case Operator::Subtract:
      fits = !__builtin_sub_overflow(a, b, &out);
      break;
    case Operator::Multiply:
      fits = !__builtin_mul_overflow(a, b, &out);
      break;
    case Operator::Divide:
    case Operator::Modulo: {
      if (b == 0) return Value::error(ErrorCode::DivisionByZero);
      // The least int by -1 is the one division that does not fit; its remainder is no int to CEL.
      if (std::numeric_limits<T>::is_signed && a == std::numeric_limits<T>::min() &&
          b == static_cast<T>(-1)) {
        return overflow();
      }
      out = op == Operator::Divide ? a / b : a % b;
      break;
    }
    default:
      return no_overload(op);
  }
  return fits ? made(out) : overflow();
}

Value real(Operator op, double a, double b) {
  switch (op) {
    case Operator::Add:
      return Value::real(a + b);
    case Operator::Subtract:
      return Value::real(a - b);
    case Operator::Multiply:
      return Value::real(a * b);
    case Operator::Divide:
      return Value::real(a / b);  // IEEE 754: infinity or NaN by zero
    default:
      return no_overload(op);
  }
}

Value joined_text(Kind kind, const std::string& a, const std::string& b, Budget& budget) {
  if (!budget.spend(static_cast<int64_t>((a.size() + b.size()) / kTextBytesPerStep))) {
    return out_of_budget();
  }
  std::string out;
  out.reserve(a.size() + b.size());
  out += a;
  out += b;
  return kind == Kind::String ? Value::string(std::move(out)) : Value::bytes(std::move(out));
}

Value joined_lists(const ListValue& a, const ListValue& b, Budget& budget) {
  for (const ListValue* part : {&a, &b}) {
    for (const Value& item : *part) {
      if (!budget.spend_on(item)) return out_of_budget();
    }
  }
  ListValue out;
  out.reserve(a.size() + b.size());
  out.insert(out.end(), a.begin(), a.end());
  out.insert(out.end(), b.begin(), b.end());
  return Value::list(std::move(out));
}

Value negated(const Value& a) {
  if (a.kind() == Kind::Double) return Value::real(-a.as_double());
  if (a.kind() != Kind::Int) return no_overload(Operator::Negate);
  if (a.as_int() == INT64_MIN) return overflow();
  return Value::integer(-a.as_int());
}

// Where a timestamp or a duration is one of the two.
Value with_time(Operator op, const Value& a, const Value& b) {
  const bool add = op == Operator::Add;
  const bool subtract = op == Operator::Subtract;
  const Kind left = a.kind();
  const Kind right = b.kind();
  if (left == Kind::Timestamp && right == Kind::Duration && (add || subtract)) {
    return timestamp_value(nanos_of(a.as_timestamp()) +
                           (add ? nanos_of(b.as_duration()) : -nanos_of(b.as_duration())));
  }
  if (left == Kind::Duration && right == Kind::Timestamp && add) {
    return timestamp_value(nanos_of(a.as_duration()) + nanos_of(b.as_timestamp()));
  }
  if (left == Kind::Duration && right == Kind::Duration && (add || subtract)) {
    return duration_value(nanos_of(a.as_duration()) +
                          (add ? nanos_of(b.as_duration()) : -nanos_of(b.as_duration())));
  }
  if (left == Kind::Timestamp && right == Kind::Timestamp && subtract) {
    // Of two times CEL's implementations give no more than 64 bits of nanoseconds, some 292 years;
    // cel-spec's conformance cases hold them to it.
    const Nanos between = nanos_of(a.as_timestamp()) - nanos_of(b.as_timestamp());
    if (between > INT64_MAX || between < INT64_MIN) return overflow();
    return duration_value(between);
  }
  return no_overload(op);
}

}  // namespace

Value arithmetic(Operator op, const Value& a, const Value& b, Budget& budget) {
  if (op == Operator::Negate) return negated(a);
  const Kind kind = a.kind();
  if (kind == Kind::Timestamp || kind == Kind::Duration) return with_time(op, a, b);
  if (kind != b.kind()) return no_overload(op);
  switch (kind) {
    case Kind::Int:
      return whole<int64_t>(op, a.as_int(), b.as_int(), &Value::integer);
    case Kind::Uint:
      return whole<uint64_t>(op, a.as_uint(), b.as_uint(), &Value::uinteger);
    case Kind::Double:
      return real(op, a.as_double(), b.as_double());
    default:
      break;
  }
  if (op != Operator::Add) return no_overload(op);
  switch (kind) {
    case Kind::String:
      return joined_text(kind, a.as_string(), b.as_string(), budget);
    case Kind::Bytes:
      return joined_text(kind, a.as_bytes(), b.as_bytes(), budget);
    case Kind::List:
      return joined_lists(a.as_list(), b.as_list(), budget);
    default:
      return no_overload(op);
  }
}

}  // namespace fengsui::cel
