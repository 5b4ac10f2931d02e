#include "event/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace fengsui::event {
namespace {

// int64 has at most 19 digits.
constexpr int kDigitsMax = 19;
// Of exponents, more than any record is long: beyond it only the sign matters.
constexpr int64_t kExponentMax = 1'000'000'000'000;

// A number taken apart: digits[0..count) without zeros at either end, times 10 to the `exponent`.
struct Decimal {
  std::array<char, kDigitsMax> digits{};
  size_t count = 0;  // the digits there are, even beyond what `digits` holds
  int64_t exponent = 0;
};

int64_t read_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int64_t exponent = 0;
  for (const char c : text) exponent = std::min(exponent * 10 + (c - '0'), kExponentMax);
  return negative ? -exponent : exponent;
}

// Of an unsigned number's text.
Decimal take_apart(std::string_view text) {
  Decimal out;
  const size_t e = text.find_first_of("eE");
  if (e != text.npos) out.exponent = read_exponent(text.substr(e + 1));
  const std::string_view mantissa = text.substr(0, e);
  bool after_point = false;
  int64_t zeros = 0;  // not yet known to stand before another digit
  for (const char c : mantissa) {
    if (c == '.') {
      after_point = true;
      continue;
    }
    if (after_point) --out.exponent;
    if (c == '0') {
      if (out.count > 0) ++zeros;
      continue;
    }
    for (; zeros > 0; --zeros, ++out.count) {
      if (out.count < out.digits.size()) out.digits[out.count] = '0';
    }
    if (out.count < out.digits.size()) out.digits[out.count] = c;
    ++out.count;
  }
  out.exponent += zeros;
  return out;
}

}  // namespace

std::optional<int64_t> whole_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const Decimal decimal = take_apart(text);
  if (decimal.count == 0) return 0;
  if (decimal.exponent < 0 || decimal.count > kDigitsMax ||
      decimal.exponent > kDigitsMax - static_cast<int64_t>(decimal.count)) {
    return std::nullopt;
  }
  uint64_t magnitude = 0;  // below 10^19, which fits
  for (size_t i = 0; i < decimal.count; ++i) {
    magnitude = magnitude * 10 + static_cast<uint64_t>(decimal.digits[i] - '0');
  }
  for (int64_t i = 0; i < decimal.exponent; ++i) magnitude *= 10;
  const uint64_t limit = static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  if (magnitude > limit) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
}

std::optional<double> real_number(std::string_view text) {
  double real = 0;
  const std::from_chars_result read = std::from_chars(text.data(), text.data() + text.size(), real);
  if (read.ec == std::errc()) return real;
  // Too big, or so small that nothing is left of it: the place of its first digit tells which.
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const Decimal decimal = take_apart(text);
  const int64_t point = static_cast<int64_t>(decimal.count) + decimal.exponent;
  if (decimal.count > 0 && point > 0) return std::nullopt;
  return negative ? -0.0 : 0.0;
}

}  // namespace fengsui::event
