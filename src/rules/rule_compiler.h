// A rule as written -> a rule that runs, against the pack's event types, lists and keyword sets.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/defs.h"
#include "rules/rule_spec.h"
#include "rules/scope.h"

namespace fengsui::rules {

struct CompiledRule {
  // RuleSource::type is still null and `index` unset: the loader fills them when types are final.
  std::shared_ptr<Rule> rule;
  std::vector<std::string> types;  // of its sources, in order
  // (event type, path) of the identity fields that it reads.
  std::set<std::pair<std::string, std::string>> identities;
};

// What all rules of a pack are compiled with.
struct CompileContext {
  const World& world;
  Scopes& scopes;
  Definitions& definitions;
  Findings& findings;
};

// Null if a finding makes it unfit to run; all findings are made. Requires: all outlive the call.
std::unique_ptr<CompiledRule> compile_rule(const RuleSpec& spec, const CompileContext& context);

}  // namespace fengsui::rules
