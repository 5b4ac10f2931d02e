// `fengsui silences`: the silences of a running service.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace fengsui::cli {

struct SilencesOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 8600;
  std::string output = "table";  // or json
  std::string state;             // of list: pending, active, expired; empty: all
  std::string id;                // of show and end; of add: the one to be changed
  std::vector<std::string> matchers;
  std::string author, reason;
  std::optional<EventTime> starts, ends;
  std::optional<Duration> duration;  // in place of the end
};

// Exit status: 1 also where the service refuses what is asked for.
int silences_list(const SilencesOptions& options);
int silences_show(const SilencesOptions& options);
int silences_add(const SilencesOptions& options);
int silences_end(const SilencesOptions& options);

}  // namespace fengsui::cli
