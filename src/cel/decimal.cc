#include "cel/decimal.h"

#include <algorithm>
#include <cstdint>

namespace fengsui::cel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Is a number that no double holds below 1? `digits`: the number's text, without a sign.
bool is_tiny(std::string_view digits) {
  const size_t e = digits.find_first_of("eE");
  const std::string_view mantissa = digits.substr(0, e);
  int64_t exponent = 0;
  if (e != digits.npos) {
    std::string_view text = digits.substr(e + 1);
    if (text.starts_with('+')) text.remove_prefix(1);
    const bool fits = std::from_chars(text.begin(), text.end(), exponent).ec == std::errc();
    if (!fits) return text.starts_with('-');
  }
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  const size_t first = mantissa.find_first_of("123456789");  // there is one, or it would be 0
  // No sum: the exponent may be as large as a number can.
  return exponent < static_cast<int64_t>(first) - static_cast<int64_t>(point);
}

}  // namespace

std::from_chars_result read_decimal(std::string_view text, double& out) {
  std::from_chars_result read = std::from_chars(text.begin(), text.end(), out);
  if (read.ec != std::errc::result_out_of_range) return read;
  const bool negative = text.starts_with('-');
  const std::string_view digits(text.begin() + negative, read.ptr);
  if (digits.empty() || (!is_digit(digits[0]) && digits[0] != '.') || !is_tiny(digits)) return read;
  out = negative ? -0.0 : 0.0;
  read.ec = std::errc();
  return read;
}

}  // namespace fengsui::cel
