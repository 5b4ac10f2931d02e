// The exact sum of doubles and integers, from which values may be taken away again; rounded once,
// when it is asked for, so that it does not depend on their order.
//
// A double is a 53-bit integer times a power of two not below 2^-1074. The sum is held as such an
// integer of up to 2,200 bits in limbs of 32 bits, each in an int64 with room for carries (R. M.
// Neal, "Fast exact summation using small and large superaccumulators", 2015). Only the limbs
// between the lowest and the highest that a value has touched are kept: three to five for usual
// data, 70 at most.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fengsui::window {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

class ExactSum {
 public:
  void add(double v) { count(v, 1); }
  // Requires: v was added and not taken away since.
  void subtract(double v) { count(v, -1); }
  void add(Int128 v);

  // Nearest double, ties to even; ±infinity beyond the range; NaN if a NaN is among the values or
  // infinities of both signs are. An exact zero is +0.0.
  double rounded() const;

 private:
  void count(double v, int sign);
  // Adds sign * magnitude * 2^(bit - 1074). Requires: magnitude < 2^64.
  void add_bits(uint64_t magnitude, int bit, int sign);
  void make_room(int first_limb, int last_limb);
  void carry();

  // Usual sums need no memory of their own.
  class Limbs {
   public:
    Limbs() = default;
    Limbs(const Limbs& other);
    Limbs(Limbs&& other) noexcept;
    Limbs& operator=(Limbs other) noexcept;
    ~Limbs() {
      if (at_ != few_) delete[] at_;
    }
    int64_t* begin() { return at_; }
    const int64_t* begin() const { return at_; }
    const int64_t* end() const { return at_ + size_; }
    int64_t& operator[](size_t i) { return at_[i]; }
    size_t size() const { return size_; }
    void insert_low(size_t count);  // zeros
    void resize(size_t size);       // with zeros; not smaller but by one

   private:
    void make_room(size_t size);
    static constexpr size_t kFew = 6;
    int64_t few_[kFew] = {};
    int64_t* at_ = few_;
    size_t size_ = 0, room_ = kFew;
  };

  Limbs limbs_;  // limb i weighs 2^(32 * (lowest_ + i) - 1074)
  int lowest_ = 0;
  uint32_t uncarried_ = 0;  // additions since the last carry()
  int64_t nans_ = 0, positive_infinities_ = 0, negative_infinities_ = 0;
};

}  // namespace fengsui::window
