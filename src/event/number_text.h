// Numbers of JSON as they are written, where a double would lose digits. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fengsui::event {

// The value of a JSON number that is whole and fits int64, however it is written: "7", "1.0",
// "1e18",
// "-0.0". nullopt: not whole, or beyond int64. Requires: `text` is an RFC 8259 number.
std::optional<int64_t> whole_number(std::string_view text);

// The double nearest to a JSON number's text; nullopt: beyond the doubles. Not by simdjson's
// on-demand parser: 3.0.1 reads 0.1234567890123456782345678 as 1.1e-7.
std::optional<double> real_number(std::string_view text);

}  // namespace fengsui::event
