#include "cli/generate.h"

#include <cstdio>
#include <string>
#include <utility>

#include "cli/exit_status.h"

namespace fengsui::cli {

int generate(const GenerateOptions& options) {
  CityOptions city{.seed = options.seed, .rate = options.rate};
  if (options.feeds == Feeds::City) city.start = kCityEvening;
  NoisyCity noisy(
      options.feeds == Feeds::City ? make_default_city(city) : make_reference_city(city),
      options.noise, options.seed);
  std::string line;
  while (noisy.next(options.events, line)) {
    line.push_back('\n');
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size()) break;
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    return report(Error::outside("cannot write to standard output"));
  }
  return kDone;
}

}  // namespace fengsui::cli
