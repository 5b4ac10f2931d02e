#include "window/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace fengsui::window {
namespace {

constexpr int kLimbBits = 32;
constexpr int64_t kLimbMask = 0xffffffff;
constexpr int kLowestBit = -1074;  // of the smallest subnormal
// Each addition changes a limb by less than 2^32; so many cannot leave int64.
constexpr uint32_t kUncarriedMax = 1u << 30;

// Limbs in [0, 2^32) of the magnitude of a sum; true: the sum was negative. The last limb takes
// what is carried out at the top.
bool to_magnitude(std::span<int64_t> limbs) {
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

constexpr size_t kUsualLimbs = 13;

}  // namespace

ExactSum::Limbs::Limbs(const Limbs& other) {
  make_room(other.size_);
  std::copy_n(other.at_, other.size_, at_);
  size_ = other.size_;
}

ExactSum::Limbs::Limbs(Limbs&& other) noexcept : size_(other.size_) {
  if (other.at_ == other.few_) {
    std::copy_n(other.at_, size_, few_);
    return;
  }
  at_ = std::exchange(other.at_, other.few_);
  room_ = std::exchange(other.room_, kFew);
  other.size_ = 0;
}

ExactSum::Limbs& ExactSum::Limbs::operator=(Limbs other) noexcept {
  std::destroy_at(this);
  return *new (this) Limbs(std::move(other));
}

void ExactSum::Limbs::make_room(size_t size) {
  if (size <= room_) return;
  size_t wanted = room_;
  while (wanted < size) wanted *= 2;
  auto* const more = new int64_t[wanted];
  std::copy_n(at_, size_, more);
  if (at_ != few_) delete[] at_;
  at_ = more;
  room_ = wanted;
}

void ExactSum::Limbs::insert_low(size_t count) {
  make_room(size_ + count);
  std::copy_backward(at_, at_ + size_, at_ + size_ + count);
  std::fill_n(at_, count, 0);
  size_ += count;
}

void ExactSum::Limbs::resize(size_t size) {
  make_room(size);
  if (size > size_) std::fill(at_ + size_, at_ + size, 0);
  size_ = size;
}

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
  if (limbs_.size() == 0) lowest_ = first_limb;
  if (first_limb < lowest_) {
    limbs_.insert_low(static_cast<size_t>(lowest_ - first_limb));
    lowest_ = first_limb;
  }
  const auto wanted = static_cast<size_t>(last_limb - lowest_ + 1);
  if (limbs_.size() < wanted) limbs_.resize(wanted);
}

void ExactSum::carry() {
  limbs_.resize(limbs_.size() + 1);
  int64_t carried = 0;
  for (size_t i = 0; i + 1 < limbs_.size(); ++i) {
    const int64_t v = limbs_[i] + carried;
    limbs_[i] = v & kLimbMask;
    carried = v >> kLimbBits;
  }
  limbs_[limbs_.size() - 1] = carried;
  if (carried == 0) limbs_.resize(limbs_.size() - 1);
  uncarried_ = 0;
}

double ExactSum::rounded() const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (nans_ > 0 || (positive_infinities_ > 0 && negative_infinities_ > 0)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (positive_infinities_ > 0) return kInfinity;
  if (negative_infinities_ > 0) return -kInfinity;

  // Three more: carries out of the top, and its sign.
  const size_t size = limbs_.size() + 3;
  int64_t few[kUsualLimbs + 3];
  std::vector<int64_t> many(limbs_.size() <= kUsualLimbs ? 0 : size);
  const std::span<int64_t> limbs(many.empty() ? few : many.data(), size);
  std::fill(std::copy_n(limbs_.begin(), limbs_.size(), limbs.data()), limbs.data() + size, 0);
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
