// Writing JSON where a document object would cost too much: alert records, dead letters. Only
// literals of values; the writer of a record owns its braces and commas.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fengsui {

// Appends `text` (valid UTF-8) as a JSON string with its quotes; escapes only what RFC 8259
// demands.
void append_json_string(std::string& out, std::string_view text);

// Appends the shortest decimal that reads back as the same double ("4.5", "1e+300", "4.0"); not a
// finite one as "NaN", "Infinity", "-Infinity" in quotes.
void append_json_double(std::string& out, double value);

// The same without JSON's quotes round NaN and infinities, as CEL's string() has it: "4.5", "NaN".
std::string double_text(double value);

}  // namespace fengsui
