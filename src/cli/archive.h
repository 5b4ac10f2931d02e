// `fengsui archive ls|cat DIR`: what an archive holds, beside a running service or without one.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace fengsui::cli {

struct ArchiveCatOptions {
  std::string directory;
  EventTime from = kBeforeAllTime;  // of event time
  EventTime to = kAfterAllTime;     // not in it
  std::vector<std::string> types;   // empty: all
};

// A line of JSON a segment.
int archive_list(const std::string& directory);
// Its events as CloudEvents, a line each, in the order of their arrival: what `replay`, `rules
// diff` and `rules explain` read. Damage is told on standard error, and makes the exit status 3.
int archive_cat(const ArchiveCatOptions& options);

}  // namespace fengsui::cli
