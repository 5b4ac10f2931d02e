#include "server/body_cutter.h"

#include <algorithm>
#include <array>

#include "source/line_reader.h"

namespace fengsui::server {
namespace {

using Pieces = std::vector<std::string_view>;

constexpr std::string_view kWhitespace = " \t\r\n";

constexpr std::array<bool, 256> table_of(std::string_view bytes) {
  std::array<bool, 256> table{};
  for (const char c : bytes) table[static_cast<unsigned char>(c)] = true;
  return table;
}
// Bytes at which the scan has to look; all others are skipped. Bytes of UTF-8 beyond ASCII never
// equal one of these.
constexpr std::array<bool, 256> kOutsideStrings = table_of("\"[]{},");
constexpr std::array<bool, 256> kInsideStrings = table_of("\"\\");

// The offset of the next byte of `table` at or behind `at`; the text's size if there is none.
size_t next_of(const std::array<bool, 256>& table, std::string_view text, size_t at) {
  while (at < text.size() && !table[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kWhitespace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhitespace) - first + 1);
}

tl::unexpected<CutError> not_an_array(size_t offset, const char* message) {
  return fail(CutError{CutError::Kind::NotAnArray, offset, message});
}

tl::unexpected<CutError> too_many(size_t offset, size_t pieces_max) {
  return fail(CutError{CutError::Kind::TooMany, offset,
                       "more than " + std::to_string(pieces_max) + " events"});
}

// Behind the string's closing quote; npos if there is none. `at` is behind the opening one.
size_t skip_string(std::string_view text, size_t at) {
  for (;;) {
    at = next_of(kInsideStrings, text, at);
    if (at >= text.size()) return std::string_view::npos;
    if (text[at] == '"') return at + 1;
    at += 2;  // a backslash and what it escapes
  }
}

// Behind the array's closing bracket. `at` is behind the opening one.
Expected<size_t, CutError> cut_elements(std::string_view body, size_t at, size_t pieces_max,
                                        Pieces& pieces) {
  std::string open;  // the closing brackets owed by the element, innermost last
  size_t element = at;
  const auto finish_element = [&](size_t end) {
    const std::string_view piece = trim(body.substr(element, end - element));
    if (!piece.empty()) pieces.push_back(piece);
    element = end + 1;
    return !piece.empty();
  };
  for (;;) {
    at = next_of(kOutsideStrings, body, at);
    if (at >= body.size()) return not_an_array(at, "the array is not closed");
    const char c = body[at];
    if (c == '"') {
      const size_t end = skip_string(body, at + 1);
      if (end == std::string_view::npos) return not_an_array(at, "a string is not closed");
      at = end;
      continue;
    }
    if (c == '{' || c == '[') {
      open.push_back(c == '{' ? '}' : ']');
    } else if (c == ',') {
      if (open.empty() && !finish_element(at)) return not_an_array(at, "an element is missing");
    } else if (!open.empty()) {
      if (open.back() != c) return not_an_array(at, "brackets do not match");
      open.pop_back();
    } else if (c == ']') {
      const bool empty_array = pieces.empty();
      if (!finish_element(at) && !empty_array) return not_an_array(at, "an element is missing");
      if (pieces.size() > pieces_max) return too_many(at, pieces_max);
      return at + 1;
    } else {
      return not_an_array(at, "brackets do not match");
    }
    if (pieces.size() > pieces_max) return too_many(at, pieces_max);
    ++at;
  }
}

}  // namespace

Expected<Pieces, CutError> cut_array(std::string_view body, size_t pieces_max) {
  const size_t start = body.find_first_not_of(kWhitespace);
  if (start == std::string_view::npos || body[start] != '[') {
    return not_an_array(std::min(start, body.size()), "the body does not begin with '['");
  }
  Pieces pieces;
  const Expected<size_t, CutError> end = cut_elements(body, start + 1, pieces_max, pieces);
  if (!end) return fail(end.error());
  const size_t rest = body.find_first_not_of(kWhitespace, *end);
  if (rest != std::string_view::npos) return not_an_array(rest, "text behind the array");
  return pieces;
}

Expected<Pieces, CutError> cut_lines(std::string_view body, size_t pieces_max) {
  Pieces pieces;
  for (size_t start = 0; start < body.size();) {
    const size_t end = std::min(body.find('\n', start), body.size());
    const std::string_view line = body.substr(start, end - start);
    if (!source::is_blank(line)) {
      if (pieces.size() == pieces_max) return too_many(start, pieces_max);
      pieces.push_back(line);
    }
    start = end + 1;
  }
  return pieces;
}

}  // namespace fengsui::server
