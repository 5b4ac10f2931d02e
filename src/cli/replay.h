// `fengsui replay`: events in, alert records out, a summary on standard error.
#pragma once

#include <cstddef>
#include <string>

#include "base/time.h"

namespace fengsui::cli {

struct ReplayOptions {
  std::string pack;
  std::string file = "-";
  Duration out_of_orderness{0};
  Duration allowed_lateness{0};
  std::string keys;
  bool flush = false;
  std::string dead_letters;  // empty: not written
  size_t shards = 1;
  std::string state;  // empty: in memory
  bool progress = true;
};

int replay(const ReplayOptions& options);

}  // namespace fengsui::cli
