// The aggregates of rules.md's "Windows", and those of them that are built.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "cel/type.h"
#include "rules/rule_set.h"

namespace fengsui::rules {

struct AggregateWord {
  const char* name;
  bool built;
  Aggregate::Function function;  // where it is built
};

std::span<const AggregateWord> aggregate_words();
const AggregateWord* find_aggregate(std::string_view name);

// The type of what the aggregate gives of arguments of a type; nullopt: it takes none of them.
std::optional<cel::Type> aggregate_type(Aggregate::Function function, const cel::Type& argument);

}  // namespace fengsui::rules
