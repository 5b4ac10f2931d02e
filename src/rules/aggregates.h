// The aggregates of rules.md's "Windows" and README.md.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "cel/syntax.h"
#include "cel/type.h"
#include "rules/rule_set.h"

namespace fengsui::rules {

struct AggregateWord {
  const char* name;
  Aggregate::Function function;
  size_t values;     // arguments over events
  bool has_literal;  // then one that is a literal; last, if need be, a condition
  const char* form;  // what it takes, in words
};

std::span<const AggregateWord> aggregate_words();
const AggregateWord* find_aggregate(std::string_view name);

// The type of what the aggregate gives of arguments of a type (of speed: of each of the two);
// nullopt: it takes none of them.
std::optional<cel::Type> aggregate_type(Aggregate::Function function, const cel::Type& argument);

// Sets what the literal says: percentile's p, top's k, speed's d. `text`: as it is written. False:
// it is none, or out of range.
bool set_literal(Aggregate& aggregate, const cel::Node& literal, std::string_view text);

}  // namespace fengsui::rules
