// Where a shard reads groups that are not in memory. Whoever owns the shard gives it one; it knows
// no store. Several shards may read from one at the same time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fengsui::pipeline {

class GroupReader {
 public:
  virtual ~GroupReader() = default;
  // The value of each key, in their order; nullopt: there is none. One look for all.
  using Values = std::vector<std::optional<std::string>>;
  virtual Expected<Values> read(const std::vector<std::string>& keys) = 0;
  // Pairs whose key begins with `prefix`, by key. The views hold during the visit.
  using Visit = std::function<void(std::string_view key, std::string_view value)>;
  virtual Expected<void> scan(std::string_view prefix, const Visit& visit) = 0;
};

}  // namespace fengsui::pipeline
