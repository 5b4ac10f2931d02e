// The texts of labels' names and values: quoting, escapes, code points. Not for callers of the
// folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fengsui::dispatch {

// The code point at the front, which is taken away; of bytes that are no UTF-8 one byte, as U+FFFD.
char32_t take_code_point(std::string_view& text);
bool is_utf8(std::string_view text);
void append_utf8(std::string& out, char32_t code_point);

// White space as Unicode has it (White_Space).
bool is_space(char32_t c);
// What a name or a value without quotes cannot have.
bool is_reserved(char32_t c);
inline bool is_reserved_byte(char c) {
  return static_cast<unsigned char>(c) < 0x80 && is_reserved(static_cast<char32_t>(c));
}

// In double quotes; \n, \" and \\ are escaped.
std::string quoted(std::string_view text);
// What stands in double quotes with Go's escapes; nullopt: it is no such text. `text`: with quotes.
std::optional<std::string> unquoted(std::string_view text);

}  // namespace fengsui::dispatch
