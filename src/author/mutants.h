// Small changes to a pack's rules, each of which a good unit test should notice: what
// `fengsui rules test --mutate` tries.
#pragma once

#include <string>
#include <vector>

#include "rules/pack.h"

namespace fengsui::author {

struct Mutant {
  std::string rule;
  rules::TestPlace place;  // of what is changed
  std::string change;      // "`n >= 3` becomes `n > 3`"

  // In the file: bytes [start, end) become `text`.
  size_t start = 0, end = 0;
  std::string text;
};

// Of every rule that is not disabled, file by file, from top to bottom:
//   conditions (`when`, `except`, `grade`, what aggregates count): each comparison's operator
//   moved over its bound, each number in one by a step up and down, each condition negated, each
//   that `&&` or `||` joins left out; a grade that never holds; windows, gaps, `within` and `quiet`
//   halved and doubled; numbers of events one more and one less.
// Requires: the pack has no errors.
std::vector<Mutant> mutants_of(const rules::PackBytes& pack);

// The bytes of the mutant's file.
std::string mutated(const Mutant& mutant, const std::string& bytes);

}  // namespace fengsui::author
