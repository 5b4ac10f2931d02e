// `fengsui rules test`: the unit tests of a pack.
#pragma once

#include <string>

namespace fengsui::cli {

struct RulesTestOptions {
  std::string pack;
  std::string junit;  // empty: not written
  bool coverage = false;
  bool mutate = false;
};

// 1 if a test fails or the pack has errors.
int rules_test(const RulesTestOptions& options);

}  // namespace fengsui::cli
