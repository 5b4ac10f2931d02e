// Small changes to one CEL expression, found in its tree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fengsui::author {

enum class Place : uint8_t {
  Condition,  // the whole is a bool
  Let,        // a value; the last argument of an aggregate may be a condition
};

struct ConditionMutant {
  size_t offset = 0, end = 0;  // bytes of the expression
  std::string text;            // what stands there instead; $: what stood there
  std::string change;          // "`n >= 3` becomes `n > 3`"
};

// Empty for what is no CEL. None of the texts has a character that YAML's flow style would take for
// its own.
std::vector<ConditionMutant> condition_mutants(std::string_view text, Place place);

}  // namespace fengsui::author
