// Do the tests of a pack notice a mutant of one of its rules?
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "author/mutants.h"
#include "rules/pack.h"

namespace fengsui::author {

struct MutationOfRule {
  std::string rule;
  size_t tests = 0;  // that name it
  size_t killed = 0;
  size_t refused = 0;  // mutants that are no valid rule (a window beyond `retain`); not counted
  std::vector<Mutant> survived;
};

// By rule, in the order of the files; rules without a mutant are left out. Each mutant runs the
// tests that name its rule, until one fails. `done`: told after each how many of how many.
// Requires: the tests pass on the pack itself; `loaded` is the pack of these bytes.
std::vector<MutationOfRule> run_mutants(
    const rules::PackBytes& pack, const rules::LoadedPack& loaded,
    const std::function<void(size_t done, size_t of)>& progress = nullptr);

// The mutants that survive, a line each, and counts.
std::string as_text(const std::vector<MutationOfRule>& rules);

}  // namespace fengsui::author
