// `fengsui run`: the service, until SIGTERM or SIGINT. SIGHUP loads the pack again.
#pragma once

#include <string>

namespace fengsui::cli {

struct RunOptions {
  std::string configuration;  // empty: defaults
  bool check_only = false;
};

int run(const RunOptions& options);

}  // namespace fengsui::cli
