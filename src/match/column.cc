#include "match/column.h"

#include <algorithm>

namespace fengsui::match {
namespace {

using cel::Value;
using Form = cel::Conjunct::Form;

}  // namespace

std::optional<Column::Kind> Column::kind_of(Form form) {
  switch (form) {
    case Form::Equal:
    case Form::NotEqual:
    case Form::In:
      return Kind::Values;
    case Form::True:
    case Form::False:
      return Kind::Truth;
    case Form::Prefix:
      return Kind::Prefixes;
    case Form::Suffix:
      return Kind::Suffixes;
    default:
      return std::nullopt;
  }
}

void Column::add(const cel::Conjunct& conjunct) {
  switch (kind_) {
    case Kind::Values:
      for (const Value& value : conjunct.values) symbols_.add(value);
      break;
    case Kind::Truth:
      symbols_.add(Value::boolean(conjunct.form == Form::True));
      break;
    default:
      affixes_.add(conjunct.values[0].as_string());
  }
}

uint32_t Column::read_other(const Value& value) const {
  if (kind_ == Kind::Truth) {
    return value.kind() == cel::Kind::Bool ? symbols_.find(value) : kUnsure;
  }
  return value.kind() == cel::Kind::String ? affixes_.find(value.as_string()) : kUnsure;
}

std::vector<uint32_t> Column::numbers_of(const cel::Conjunct& conjunct) const {
  std::vector<uint32_t> numbers;
  if (kind_ == Kind::Values) {
    for (const Value& value : conjunct.values) {
      if (const uint32_t number = symbols_.find(value); number != kNone) numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
  } else if (kind_ == Kind::Truth) {
    numbers.push_back(symbols_.find(Value::boolean(conjunct.form == Form::True)));
  } else {
    const auto [first, last] = affixes_.within(conjunct.values[0].as_string());
    numbers = {first, last};
  }
  return numbers;
}

}  // namespace fengsui::match
