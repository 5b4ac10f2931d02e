// `fengsui generate`: a simulated city as NDJSON on standard output.
#pragma once

#include <cstdint>

#include "cli/city.h"

namespace fengsui::cli {

enum class Feeds { City, Reference };

struct GenerateOptions {
  uint64_t events = 100'000;
  uint64_t seed = 7;
  double rate = 100;
  Feeds feeds = Feeds::City;
  NoiseOptions noise;
};

int generate(const GenerateOptions& options);

}  // namespace fengsui::cli
