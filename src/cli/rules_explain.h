// `fengsui rules explain`: why each event of recorded ones did or did not count for a rule.
#pragma once

#include <string>
#include <vector>

#include "cli/recorded_options.h"

namespace fengsui::cli {

struct RulesExplainOptions {
  std::string pack, rule;
  std::string event;               // "source#id"; empty: all
  std::vector<std::string> group;  // name=value
  std::string at;                  // RFC 3339; empty: any time
  RecordedOptions recorded;
};

int rules_explain(const RulesExplainOptions& options);

}  // namespace fengsui::cli
