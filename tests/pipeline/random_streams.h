// Rules of every kind, and random streams of events that trip them.
#pragma once

#include <cstdint>
#include <vector>

#include "shard_fixture.h"

namespace fengsui::pipeline {

constexpr int64_t kOrigin = -11;  // of tumbling windows

// Those that the naive shard knows.
const std::vector<RuleSpec>& all_kinds();
// Those that it does not know. The oracle tells whether they say what they should (tests/oracle);
// here it is about frames, checkpoints and shards.
const std::vector<RuleSpec>& other_kinds();
const std::vector<RuleSpec>& with_alerts();  // other_kinds() with rules over their alerts

struct Stream {
  std::vector<Arriving> events;
  Feed feed;
};

Stream random_stream(uint32_t seed, uint32_t partitions, size_t groups_most = 4);

}  // namespace fengsui::pipeline
