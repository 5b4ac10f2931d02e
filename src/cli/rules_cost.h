// `fengsui rules cost`: time, state bytes and hits per rule.
#pragma once

#include <string>

#include "cli/recorded_options.h"

namespace fengsui::cli {

struct RulesCostOptions {
  std::string pack;
  bool measured = false;  // with events; else what can be said beforehand
  RecordedOptions recorded;
};

int rules_cost(const RulesCostOptions& options);

}  // namespace fengsui::cli
