// `fengsui dispatch simulate`: a dispatch file in virtual time. Timed steps in, what the queues
// would be sent out.
#pragma once

#include <string>

#include "base/time.h"

namespace fengsui::cli {

struct DispatchSimulateOptions {
  std::string configuration;                // the dispatch file
  std::string steps = "-";                  // a step a line; - is standard input
  EventTime start{Duration{946684800000}};  // 2000-01-01T00:00:00Z; steps' durations count from it
};

int dispatch_simulate(const DispatchSimulateOptions& options);

}  // namespace fengsui::cli
