// The reference workload's lines (seed 7) and the reference pack, for benches in this process.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cli/city.h"
#include "rules/pack.h"

namespace fengsui::bench {

struct ReferenceWorkload {
  std::shared_ptr<const rules::RuleSet> rules;
  std::vector<std::string> lines;
};

// Ends the process where the pack does not load.
inline ReferenceWorkload make_reference_workload(size_t events) {
  rules::LoadedPack pack = rules::load_pack(FENGSUI_REFERENCE_PACK);
  if (!pack.rules) {
    std::fprintf(stderr, "%s\n", rules::as_text(pack.issues).c_str());
    std::exit(1);
  }
  ReferenceWorkload out{pack.rules, {}};
  const auto city = cli::make_reference_city({.seed = 7});
  for (size_t i = 0; i < events; ++i) out.lines.push_back(city->next().line);
  return out;
}

}  // namespace fengsui::bench
