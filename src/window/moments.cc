#include "window/moments.h"

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>

namespace fengsui::window {
namespace {

using boost::multiprecision::cpp_int;

constexpr int kMantissaBits = 53;
constexpr int kLowestExponent = -1022;  // of a normal double
constexpr int kQuotientBits = 66;       // more than a mantissa, and what rounds it

// magnitude * 2^exponent, the magnitude odd or zero.
struct Scaled {
  uint64_t magnitude = 0;
  bool negative = false;
  int exponent = 0;
};

Scaled scaled(const cel::Value& number) {
  Scaled s;
  switch (number.kind()) {
    case cel::Kind::Int:
      s.negative = number.as_int() < 0;
      s.magnitude = static_cast<uint64_t>(number.as_int());
      if (s.negative) s.magnitude = 0 - s.magnitude;
      break;
    case cel::Kind::Uint:
      s.magnitude = number.as_uint();
      break;
    default: {
      int exponent = 0;
      const double fraction = std::frexp(std::fabs(number.as_double()), &exponent);
      s.negative = std::signbit(number.as_double());
      s.magnitude = static_cast<uint64_t>(std::ldexp(fraction, kMantissaBits));
      s.exponent = exponent - kMantissaBits;
    }
  }
  if (s.magnitude == 0) return {};
  const int zeros = std::countr_zero(s.magnitude);
  s.magnitude >>= zeros;
  s.exponent += zeros;
  return s;
}

// The double nearest to numerator / denominator * 2^exponent, ties to even. Requires: numerator >=
// 0, denominator > 0.
double rounded(cpp_int numerator, const cpp_int& denominator, int exponent) {
  if (numerator == 0) return 0.0;
  const int shift = std::max(
      0, kQuotientBits + static_cast<int>(msb(denominator)) - static_cast<int>(msb(numerator)));
  numerator <<= shift;
  exponent -= shift;
  cpp_int quotient, remainder;
  divide_qr(numerator, denominator, quotient, remainder);
  const int bits = static_cast<int>(msb(quotient)) + 1;
  // A subnormal keeps fewer bits, and may keep none of its own.
  const int kept = kMantissaBits - std::max(0, kLowestExponent - (bits - 1 + exponent));
  if (kept < 0) return 0.0;
  const int dropped = bits - kept;
  cpp_int mantissa = quotient >> dropped;
  const cpp_int rest = quotient - (mantissa << dropped), half = cpp_int(1) << (dropped - 1);
  if (rest > half || (rest == half && (remainder != 0 || bit_test(mantissa, 0)))) ++mantissa;
  return std::ldexp(static_cast<double>(static_cast<uint64_t>(mantissa)), exponent + dropped);
}

}  // namespace

struct Moments::Sums {
  cpp_int sum, squares;  // times 2^exponent, 2^(2 * exponent)
  int exponent = 0;
  int64_t nans = 0, positive_infinities = 0, negative_infinities = 0;
};

Moments::Moments() : sums_(std::make_unique<Sums>()) {}
Moments::~Moments() = default;
Moments::Moments(Moments&&) noexcept = default;
Moments& Moments::operator=(Moments&&) noexcept = default;

void Moments::change(const cel::Value& number, int by) {
  Sums& sums = *sums_;
  if (number.kind() == cel::Kind::Double && !std::isfinite(number.as_double())) {
    const double v = number.as_double();
    (std::isnan(v) ? sums.nans : v > 0 ? sums.positive_infinities : sums.negative_infinities) += by;
    return;
  }
  const Scaled s = scaled(number);
  if (s.magnitude == 0) return;
  if (s.exponent < sums.exponent) {
    sums.sum <<= sums.exponent - s.exponent;
    sums.squares <<= 2 * (sums.exponent - s.exponent);
    sums.exponent = s.exponent;
  }
  cpp_int value = s.magnitude;
  value <<= s.exponent - sums.exponent;
  const cpp_int square = value * value;
  if (by > 0) {
    sums.squares += square;
  } else {
    sums.squares -= square;
  }
  if (s.negative == (by < 0)) {
    sums.sum += value;
  } else {
    sums.sum -= value;
  }
}

double Moments::sum() const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Sums& sums = *sums_;
  if (sums.nans > 0 || (sums.positive_infinities > 0 && sums.negative_infinities > 0)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (sums.positive_infinities > 0) return kInfinity;
  if (sums.negative_infinities > 0) return -kInfinity;
  const double magnitude = rounded(abs(sums.sum), 1, sums.exponent);
  return sums.sum < 0 ? -magnitude : magnitude;
}

double Moments::deviation(int64_t count) const {
  const Sums& sums = *sums_;
  if (sums.nans + sums.positive_infinities + sums.negative_infinities > 0) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const cpp_int n = count;
  return std::sqrt(rounded(n * sums.squares - sums.sum * sums.sum, n * n, 2 * sums.exponent));
}

}  // namespace fengsui::window
