// libFuzzer entry for the indexed matcher: bytes choose rules and events; it says what the loop
// says.
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "../match/random_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fengsui::match;
  size_t at = 0;
  // Nothing left: the first choice, which ends every recursion.
  RandomRules draw([&](size_t count) { return at < size ? data[at++] % count : 0; });
  const auto rules = draw.rules();
  const auto loop = make_loop_matcher(rules);
  const auto index = make_indexed_matcher(rules);
  for (int i = 0; i < 4; ++i) {
    const fengsui::event::Event event = draw.event();
    if (said_of(*index, event) == said_of(*loop, event)) continue;
    std::cerr << "index and loop differ\n";
    std::abort();
  }
  return 0;
}
