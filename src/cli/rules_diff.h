// `fengsui rules diff`: old pack against new over recorded events.
#pragma once

#include <string>

#include "cli/recorded_options.h"

namespace fengsui::cli {

struct RulesDiffOptions {
  std::string before, after;  // packs
  RecordedOptions recorded;
};

int rules_diff(const RulesDiffOptions& options);

}  // namespace fengsui::cli
