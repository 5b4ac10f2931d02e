// What an evaluation may use up. Not for callers of the folder.
#pragma once

#include "cel/expression.h"

namespace fengsui::cel {

// Making a text costs a step for so many bytes.
inline constexpr size_t kTextBytesPerStep = 64;

// What an evaluation has used up: steps, so that every evaluation ends.
class Budget {
 public:
  // False: nothing is left; the result is an error.
  bool spend(int64_t steps) { return (left_ -= steps) >= 0; }
  bool spent() const { return left_ < 0; }

  // The cost of putting one more value into a list or a map: all that it holds counts anew, though
  // it is shared, since comparing, hashing and printing walk over all of it.
  bool spend_on(const Value& v) {
    switch (v.kind()) {
      case Kind::String:
        return spend(1 + static_cast<int64_t>(v.as_string().size() / kTextBytesPerStep));
      case Kind::Bytes:
        return spend(1 + static_cast<int64_t>(v.as_bytes().size() / kTextBytesPerStep));
      case Kind::List:
      case Kind::Map:
        return spend_on_items(v);
      default:
        return spend(1);
    }
  }

 private:
  bool spend_on_items(const Value& v);

  int64_t left_ = kEvaluationStepsMax;
};
Value out_of_budget();

}  // namespace fengsui::cel
