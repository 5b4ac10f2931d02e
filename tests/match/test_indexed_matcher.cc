#include <doctest/doctest.h>

#include <random>

#include "random_rules.h"

namespace fengsui::match {
namespace {

TEST_CASE("the index says what the loop says") {
  size_t matched = 0;
  size_t events = 0;
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    std::mt19937 random(seed);
    RandomRules draw([&](size_t count) { return static_cast<size_t>(random() % count); });
    const auto rules = draw.rules();
    const auto loop = make_loop_matcher(rules);
    const auto index = make_indexed_matcher(rules);
    for (int i = 0; i < 20; ++i) {
      const event::Event event = draw.event();
      const std::string said = said_of(*loop, event);
      CAPTURE(seed);
      REQUIRE(said_of(*index, event) == said);
      ++events;
      matched += said.empty() ? 0 : 1;
    }
  }
  // The cases are of use: neither everything nor nothing counts.
  CHECK(matched > events / 10);
  CHECK(matched < events);
}

}  // namespace
}  // namespace fengsui::match
