#include "window/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace fengsui::window {
namespace {

constexpr int kLimbBits = 32;
constexpr int64_t kLimbMask = 0xffffffff;
constexpr int kLowestBit = -1074;  // of the smallest subnormal
// Each addition changes a limb by less than 2^32; so many cannot leave int64.
constexpr uint32_t kUncarriedMax = 1u << 30;

// Limbs in [0, 2^32) of the magnitude of a sum; true: the sum was negative. The last limb takes
// what is carried out at the top.
bool to_magnitude(std::vector<int64_t>& limbs) {
  const auto propagate = [&limbs] {
    int64_t carried = 0;
    for (size_t i = 0; i + 1 < limbs.size(); ++i) {
      const int64_t v = limbs[i] + carried;
      limbs[i] = v & kLimbMask;
      carried = v >> kLimbBits;  // towards minus infinity
    }
    limbs.back() += carried;
  };
  propagate();
  if (limbs.back() >= 0) return false;
  for (int64_t& limb : limbs) limb = -limb;
  propagate();
  return true;
}

}  // namespace

void ExactSum::count(double v, int sign) {
  if (std::isnan(v)) {
    nans_ += sign;
    return;
  }
  if (std::isinf(v)) {
    (v > 0 ? positive_infinities_ : negative_infinities_) += sign;
    return;
  }
  const uint64_t bits = std::bit_cast<uint64_t>(v);
  const int exponent = static_cast<int>(bits >> 52 & 0x7ff);
  uint64_t mantissa = bits & ((uint64_t{1} << 52) - 1);
  if (exponent != 0) mantissa |= uint64_t{1} << 52;
  if (mantissa == 0) return;
  add_bits(mantissa, std::max(exponent, 1) - 1, bits >> 63 ? -sign : sign);
}

void ExactSum::add(Int128 v) {
  const int sign = v < 0 ? -1 : 1;
  const Uint128 magnitude = v < 0 ? -static_cast<Uint128>(v) : static_cast<Uint128>(v);
  const auto low = static_cast<uint64_t>(magnitude);
  const auto high = static_cast<uint64_t>(magnitude >> 64);
  if (low != 0) add_bits(low, -kLowestBit, sign);
  if (high != 0) add_bits(high, -kLowestBit + 64, sign);
}

void ExactSum::add_bits(uint64_t magnitude, int bit, int sign) {
  const int limb = bit / kLimbBits;
  make_room(limb, limb + 2);
  Uint128 shifted = static_cast<Uint128>(magnitude) << (bit % kLimbBits);
  for (int i = limb - lowest_; shifted != 0; ++i, shifted >>= kLimbBits) {
    limbs_[i] += sign * static_cast<int64_t>(static_cast<uint64_t>(shifted) & kLimbMask);
  }
  if (++uncarried_ >= kUncarriedMax) carry();
}

void ExactSum::make_room(int first_limb, int last_limb) {
  if (limbs_.empty()) lowest_ = first_limb;
  if (first_limb < lowest_) {
    limbs_.insert(limbs_.begin(), lowest_ - first_limb, 0);
    lowest_ = first_limb;
  }
  const auto wanted = static_cast<size_t>(last_limb - lowest_ + 1);
  if (limbs_.size() < wanted) limbs_.resize(wanted, 0);
}

void ExactSum::carry() {
  limbs_.push_back(0);
  int64_t carried = 0;
  for (size_t i = 0; i + 1 < limbs_.size(); ++i) {
    const int64_t v = limbs_[i] + carried;
    limbs_[i] = v & kLimbMask;
    carried = v >> kLimbBits;
  }
  limbs_.back() = carried;
  if (carried == 0) limbs_.pop_back();
  uncarried_ = 0;
}

double ExactSum::rounded() const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (nans_ > 0 || (positive_infinities_ > 0 && negative_infinities_ > 0)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (positive_infinities_ > 0) return kInfinity;
  if (negative_infinities_ > 0) return -kInfinity;

  std::vector<int64_t> limbs = limbs_;
  limbs.insert(limbs.end(), 3, 0);  // carries out of the top, and its sign
  const bool negative = to_magnitude(limbs);

  int top = static_cast<int>(limbs.size()) - 1;
  while (top >= 0 && limbs[top] == 0) --top;
  if (top < 0) return 0.0;
  // The highest three limbs hold at least 65 bits from the highest one that is set; below them, and
  // below the lowest limb, where all is zero, what counts is whether anything is set.
  Uint128 bits = 0;
  for (int i = top; i > top - 3; --i) {
    bits = bits << kLimbBits | static_cast<uint32_t>(i >= 0 ? limbs[i] : 0);
  }
  const bool below = std::any_of(limbs.begin(), limbs.begin() + std::max(top - 2, 0),
                                 [](int64_t limb) { return limb != 0; });
  // A subnormal has fewer than 53 bits, but none of them below 2^-1074: the shift drops zeros.
  const int dropped = std::bit_width(static_cast<uint64_t>(limbs[top])) + 2 * kLimbBits - 53;
  const Uint128 half = static_cast<Uint128>(1) << (dropped - 1);
  const Uint128 rest = bits & ((half << 1) - 1);
  auto mantissa = static_cast<uint64_t>(bits >> dropped);
  if (rest > half || (rest == half && (below || (mantissa & 1) != 0))) ++mantissa;
  const int weight = (lowest_ + top - 2) * kLimbBits + dropped + kLowestBit;
  const double magnitude = std::ldexp(static_cast<double>(mantissa), weight);
  return negative ? -magnitude : magnitude;
}

}  // namespace fengsui::window
