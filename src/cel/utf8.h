// UTF-8 by code point, for the functions that count characters. Malformed bytes are read as one
// character each (U+FFFD), so that nothing runs past its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fengsui::cel {

// The code point at `at`, and `at` moved behind it. Requires: at < text.size().
char32_t next_code_point(std::string_view text, size_t& at);
void append_code_point(std::string& out, char32_t c);
// A Unicode scalar value: no surrogate, at most U+10FFFF.
bool is_scalar(uint32_t c);
bool is_utf8(std::string_view text);
int64_t count_code_points(std::string_view text);
std::u32string to_code_points(std::string_view text);
std::string from_code_points(std::u32string_view text);

}  // namespace fengsui::cel
