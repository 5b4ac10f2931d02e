// `fengsui replay --state DIR`: the same replay through the embedded engine, whose state stays.
#pragma once

#include <memory>

#include "cli/replay.h"
#include "event/identity.h"
#include "rules/rule_set.h"

namespace fengsui::cli {

// Goes on from the last commit of a state that is there; exit status 2 if its pack or input is
// another.
int replay_with_state(const ReplayOptions& options, std::shared_ptr<const rules::RuleSet> rules,
                      const event::KeyRing* keys);

}  // namespace fengsui::cli
