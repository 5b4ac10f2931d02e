// What a shard must say, said in the plainest way: one event after the other, every window
// recomputed from all events, every timer found by looking at all episodes. Shares nothing with the
// shard but SHA-256 and the text of times.
#pragma once

#include <string>
#include <vector>

#include "shard_fixture.h"

namespace fengsui::pipeline {

// The lines of lines_of() for these events: by the rules of `specs`, tumbling windows counted from
// `origin`.
std::vector<std::string> naive_lines(const std::vector<RuleSpec>& specs, int64_t origin,
                                     const Feed& feed, const std::vector<Arriving>& events,
                                     bool flush);

}  // namespace fengsui::pipeline
