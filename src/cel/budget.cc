#include "cel/budget.h"

namespace fengsui::cel {

Value out_of_budget() { return Value::error(ErrorCode::OutOfRange, "too much work"); }

bool Budget::spend_on_items(const Value& v) {
  if (!spend(1)) return false;
  if (v.kind() == Kind::List) {
    for (const Value& item : v.as_list()) {
      if (!spend_on(item)) return false;
    }
    return true;
  }
  for (const auto& [key, item] : v.as_map()) {
    if (!spend_on(key) || !spend_on(item)) return false;
  }
  return true;
}

}  // namespace fengsui::cel
