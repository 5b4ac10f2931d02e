// `fengsui demo`: the service with a simulated city that posts to its HTTP port. Makes its own
// keys; its alerts are printed as they come.
#pragma once

#include <cstdint>
#include <string>

namespace fengsui::cli {

struct DemoOptions {
  bool once = false;
  std::string pack;  // empty: the default pack
  uint16_t port = 8600;
  uint64_t seed = 7;
  std::string state;  // empty: a folder of its own that goes at the end
};

int demo(const DemoOptions& options);

}  // namespace fengsui::cli
