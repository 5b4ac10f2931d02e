// Doubles from their decimal text.
#pragma once

#include <charconv>
#include <string_view>

namespace fengsui::cel {

// As std::from_chars, but what is too small for a double is 0 of its sign and no error.
std::from_chars_result read_decimal(std::string_view text, double& out);

}  // namespace fengsui::cel
