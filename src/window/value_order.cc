#include "window/value_order.h"

#include <cmath>

namespace fengsui::window {
namespace {

using cel::Kind;
using cel::Value;

// Values of one class compare with each other.
int order_class(Kind kind) { return is_number(kind) ? -1 : static_cast<int>(kind); }

}  // namespace

bool is_nan(const Value& v) { return v.kind() == Kind::Double && std::isnan(v.as_double()); }

bool can_be_ordered(const Value& v) {
  switch (v.kind()) {
    case Kind::Double:
      return !std::isnan(v.as_double());
    case Kind::Bool:
    case Kind::Int:
    case Kind::Uint:
    case Kind::String:
    case Kind::Bytes:
    case Kind::Timestamp:
    case Kind::Duration:
      return true;
    default:
      return false;
  }
}

bool compare_with_each_other(const Value& a, const Value& b) {
  return order_class(a.kind()) == order_class(b.kind());
}

bool ValueBefore::operator()(const Value& a, const Value& b) const {
  const int class_of_a = order_class(a.kind()), class_of_b = order_class(b.kind());
  if (class_of_a != class_of_b) return class_of_a < class_of_b;
  const int order = cel::compare(a, b);
  if (order == -1 || order == 1) return order < 0;
  if (order == 0 && a.kind() != b.kind()) return a.kind() < b.kind();
  if (order == 0 && a.kind() == Kind::Double) {
    return std::signbit(a.as_double()) && !std::signbit(b.as_double());
  }
  return false;
}

}  // namespace fengsui::window
