#include "rules/aggregates.h"

namespace fengsui::rules {
namespace {

using Function = Aggregate::Function;
using Kind = cel::Type::Kind;

constexpr AggregateWord kWords[] = {
    {"count", true, Function::Count},
    {"distinct", true, Function::Distinct},
    {"sum", true, Function::Sum},
    {"avg", true, Function::Avg},
    {"min", true, Function::Min},
    {"max", true, Function::Max},
    {"first", true, Function::First},
    {"last", true, Function::Last},
    {"stddev", false, {}},
    {"percentile", false, {}},
    {"approx_distinct", false, {}},
};

bool is_number(const cel::Type& type) {
  return type.is(Kind::Int) || type.is(Kind::Uint) || type.is(Kind::Double) || type.is(Kind::Dyn);
}

// What min and max compare.
bool is_ordered(const cel::Type& type) {
  return is_number(type) || type.is(Kind::Bool) || type.is(Kind::String) || type.is(Kind::Bytes) ||
         type.is(Kind::Timestamp) || type.is(Kind::Duration);
}

}  // namespace

std::span<const AggregateWord> aggregate_words() { return kWords; }

const AggregateWord* find_aggregate(std::string_view name) {
  for (const AggregateWord& word : kWords) {
    if (word.name == name) return &word;
  }
  return nullptr;
}

std::optional<cel::Type> aggregate_type(Function function, const cel::Type& argument) {
  switch (function) {
    case Function::Count:
    case Function::Distinct:
      return cel::Type::of(Kind::Int);
    case Function::Sum:
      if (is_number(argument)) return argument;
      break;
    case Function::Avg:
      if (is_number(argument)) return cel::Type::of(Kind::Double);
      break;
    case Function::Min:
    case Function::Max:
      if (is_ordered(argument)) return argument;
      break;
    case Function::First:
    case Function::Last:
      return argument;
  }
  return std::nullopt;
}

}  // namespace fengsui::rules
