#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "window/exact_sum.h"

namespace fengsui::window {
namespace {

using Big = boost::multiprecision::cpp_int;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kMax = std::numeric_limits<double>::max();
constexpr double kLeast = std::numeric_limits<double>::denorm_min();

double sum_of(const std::vector<double>& values) {
  ExactSum sum;
  for (const double v : values) sum.add(v);
  return sum.rounded();
}

bool same(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

TEST_CASE("exact sum: hard cases") {
  struct Case {
    const char* what;
    std::vector<double> values;
    double sum;
  };
  const Case cases[] = {
      {"of nothing", {}, 0.0},
      {"decimal fractions, rounded once", {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, 1.0},
      {"a small one is not lost beside a large one", {1e16, 1.0, -1e16}, 1.0},
      {"nor beside the largest", {1e308, 1.0, -1e308}, 1.0},
      {"no overflow on the way", {1e308, 1e308, -1e308}, 1e308},
      {"overflow of the total", {1e308, 1e308}, kInfinity},
      {"negative overflow", {-kMax, -kMax}, -kInfinity},
      {"half an ulp beyond the largest goes to infinity", {kMax, 0x1p969, 0x1p969}, kInfinity},
      {"less than that does not", {kMax, 0x1p969, 0x1p968}, kMax},
      {"a tie goes to even, down", {0x1p53, 1.0}, 0x1p53},
      {"a tie goes to even, up", {0x1p53 + 2, 1.0}, 0x1p53 + 4},
      {"a trace above the tie decides it", {0x1p53, 1.0, kLeast}, 0x1p53 + 2},
      {"a trace below it too", {0x1p53 + 2, 1.0, -kLeast}, 0x1p53 + 2},
      {"negative ties too", {-0x1p53, -1.0, -kLeast}, -0x1p53 - 2},
      {"subnormals", {kLeast, kLeast, kLeast}, 3 * kLeast},
      {"the largest subnormal and one more", {0x1p-1022 - kLeast, kLeast}, 0x1p-1022},
      {"normals cancel to a subnormal", {0x1p-1022, kLeast, -0x1p-1022}, kLeast},
      {"an exact zero is +0", {1.5, -1.5}, 0.0},
      {"negative zeros as well", {-0.0, -0.0}, 0.0},
      {"infinity stays", {kInfinity, -kMax}, kInfinity},
      {"opposite infinities are NaN", {kInfinity, -kInfinity}, std::nan("")},
      {"NaN is NaN", {1.0, std::nan("")}, std::nan("")},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    std::vector<double> values = c.values;
    std::sort(values.begin(), values.end());
    for (int order = 0; order < 50; ++order) {
      CHECK(same(sum_of(values), c.sum));
      if (!std::next_permutation(values.begin(), values.end())) break;
    }
  }
}

// v as a whole number of 2^-1074.
Big units(double v) {
  int exponent = 0;
  const double fraction = std::frexp(v, &exponent);  // v = fraction * 2^exponent
  const Big mantissa = static_cast<int64_t>(std::ldexp(fraction, 53));
  const int shift = exponent - 53 + 1074;
  return shift >= 0 ? Big(mantissa << shift) : Big(mantissa / (Big(1) << -shift));
}

// Is `rounded` the double nearest to `exact` (in 2^-1074), ties to even?
bool nearest(const Big& exact, double rounded) {
  if (std::isinf(rounded)) return false;
  const Big at = units(rounded), below = units(std::nextafter(rounded, -kInfinity)),
            above = units(std::nextafter(rounded, kInfinity));
  const bool even = (std::bit_cast<uint64_t>(rounded) & 1) == 0;
  const Big twice = exact * 2;
  return even ? twice >= at + below && twice <= at + above
              : twice > at + below && twice < at + above;
}

TEST_CASE("exact sum: random values of any magnitude, against whole numbers of any length") {
  std::mt19937_64 random(20261123);
  for (int round = 0; round < 400; ++round) {
    // From values of like magnitude (many carries) to all there are (sparse limbs).
    const int spread = static_cast<int>(random() % 4 == 0 ? 2000 : random() % 120 + 1);
    const int base = static_cast<int>(random() % (2040 - spread));
    ExactSum sum;
    Big exact = 0;
    std::vector<double> added;
    for (int i = 0; i < 60; ++i) {
      if (!added.empty() && random() % 3 == 0) {
        const size_t which = random() % added.size();
        sum.subtract(added[which]);
        exact -= units(added[which]);
        added.erase(added.begin() + static_cast<ptrdiff_t>(which));
      } else {
        const uint64_t exponent = static_cast<uint64_t>(base) + random() % spread;
        const uint64_t ones = random() % 5 == 0 ? 0x000fffffffffffff : random() >> 12;
        const auto v = std::bit_cast<double>((random() & 1) << 63 | exponent << 52 | ones);
        sum.add(v);
        exact += units(v);
        added.push_back(v);
      }
      REQUIRE(nearest(exact, sum.rounded()));
    }
    for (const double v : added) sum.subtract(v);
    REQUIRE(same(sum.rounded(), 0.0));
  }
}

TEST_CASE("exact sum: integers beside doubles") {
  const Int128 most = static_cast<Int128>(std::numeric_limits<uint64_t>::max()) << 60;
  ExactSum sum;
  sum.add(most);
  sum.add(0.25);
  sum.add(-most);
  CHECK(sum.rounded() == 0.25);
  sum.add(-most);
  CHECK(sum.rounded() == -std::ldexp(1.0, 124));
  sum.add(static_cast<Int128>(std::numeric_limits<int64_t>::min()));
  sum.add(most);
  CHECK(sum.rounded() == -0x1p63);
}

}  // namespace
}  // namespace fengsui::window
