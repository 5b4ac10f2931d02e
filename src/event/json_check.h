// Is a text JSON (RFC 8259), all of it? The on-demand parser looks only at what it is asked for, so
// the decoder asks here first. Pure; safe from any thread; no recursion, one pass.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fengsui::event {

// Brackets open at once that check_json can keep track of.
inline constexpr int kJsonDepthLimit = 4096;

struct JsonFault {
  const char* what;  // "a number with a leading zero"
  size_t offset;     // of the byte at fault, from 0
};

// nullopt: one JSON value with white space round it, nested at most depth_max deep (a scalar is at
// depth 0), without lone surrogates in its strings. Numbers may have any size; names may come
// twice. Requires: text is valid UTF-8; 0 <= depth_max <= kJsonDepthLimit.
std::optional<JsonFault> check_json(std::string_view text, int depth_max);

// The text of a JSON string between its quotes, escapes read. Requires: it passed check_json.
void append_unescaped(std::string& out, std::string_view escaped);

}  // namespace fengsui::event
