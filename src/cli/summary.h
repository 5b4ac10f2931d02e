// The last line on standard error of replay, run and demo: one JSON object. Its first five keys and
// their meaning are fixed (interfaces.md); others may be added.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/front.h"
#include "pipeline/shard.h"

namespace fengsui::cli {

struct Summary {
  pipeline::RecordCounters records;
  uint64_t opens = 0, raises = 0, clears = 0;
  uint64_t evaluations = 0, hits = 0;
};

Summary summary_of(const pipeline::RecordCounters& records, const pipeline::ShardCounters& shard);
// `{"read":…,"processed":…,"duplicate":…,"late":…,"dead_letter":…,…}`
std::string summary_json(const Summary& summary);
void print_summary(const Summary& summary);

}  // namespace fengsui::cli
