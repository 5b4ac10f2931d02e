// Pieces of the stored form that are made of several shards together (shards_stored.cc).
#pragma once

#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/ids.h"
#include "pipeline/shard.h"

namespace fengsui::pipeline {

// The head of the rest; the core follows.
std::string encode_rest_head(LogPosition position, const ShardCounters& counters);
std::string stored_digest_of(const Hash128& sum, std::string_view rest);

// Of all groups in the order of their keys, and the core.
class StateDigest {
 public:
  void add(std::string_view key, std::string_view body);
  std::string end(std::string_view core);

 private:
  std::string digest_;
  std::string bytes_;
};

}  // namespace fengsui::pipeline
