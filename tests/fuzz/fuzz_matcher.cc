// libFuzzer entry for the indexed matcher: bytes choose rules and events; it says what the loop
// says, and so does one that has learned from the events before.
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "../match/random_rules.h"
#include "match/indexed_matcher.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fengsui::match;
  size_t at = 0;
  // Nothing left: the first choice, which ends every recursion.
  RandomRules draw([&](size_t count) { return at < size ? data[at++] % count : 0; });
  const auto rules = draw.rules();
  const auto loop = make_loop_matcher(rules);
  auto index = std::make_unique<const IndexedMatcher>(rules);
  std::vector<Sample> samples(index->types());
  for (int i = 0; i < 4; ++i) {
    const fengsui::event::Event event = draw.event();
    if (said_of(*index, event) != said_of(*loop, event)) {
      std::cerr << "index and loop differ\n";
      std::abort();
    }
    const size_t type = index->type_of(event);
    if (type < samples.size()) samples[type].note(event.slots);
    if (i == 1) index = std::make_unique<const IndexedMatcher>(rules, samples);
  }
  return 0;
}
