// The content of string and bytes literals.
#include "cel/lexer.h"
#include "cel/utf8.h"

namespace fengsui::cel {
namespace {

struct Escape {
  uint32_t value = 0;
  size_t size = 0;  // bytes of text from behind the backslash; 0: no escape of the language
};

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// `count` digits of `base` at the text's start, after `lead` bytes.
Escape digits(std::string_view text, size_t lead, size_t count, int base) {
  if (text.size() < lead + count) return {};
  uint32_t value = 0;
  for (size_t i = lead; i < lead + count; ++i) {
    if (digit_of(text[i]) >= base) return {};
    value = value * static_cast<uint32_t>(base) + static_cast<uint32_t>(digit_of(text[i]));
  }
  return {value, lead + count};
}

// `text` begins behind the backslash.
Escape read_escape(std::string_view text, const LiteralText& form) {
  if (text.empty()) return {};
  static constexpr std::string_view kNames = "abfnrtv\\?\"'`";
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\?\"'`";
  if (const size_t i = kNames.find(text[0]); i != kNames.npos) {
    return {static_cast<uint32_t>(kMeanings[i]), 1};
  }
  switch (text[0]) {
    case 'x':
    case 'X':
      return digits(text, 1, 2, 16);
    case 'u':
      return form.bytes ? Escape() : digits(text, 1, 4, 16);
    case 'U':
      return form.bytes ? Escape() : digits(text, 1, 8, 16);
    case '0':
    case '1':
    case '2':
    case '3':
      return digits(text, 0, 3, 8);
    default:
      return {};
  }
}

}  // namespace

LiteralEnd read_literal(std::string_view text, size_t at, const LiteralText& form) {
  LiteralEnd out;
  const auto note = [&](std::string error) {
    if (!out.error.empty()) return;
    out.error = std::move(error);
    out.error_at = at;
  };
  const size_t start = at - form.quote.size();
  while (at < text.size()) {
    const char c = text[at];
    if (text.substr(at).starts_with(form.quote)) {
      out.end = at + form.quote.size();
      return out;
    }
    if ((c == '\n' || c == '\r') && form.quote.size() == 1) break;
    // A raw literal keeps its backslashes; one guards no quote (langdef.md).
    if (c != '\\' || form.raw) {
      out.content.push_back(c);
      ++at;
      continue;
    }
    const Escape escape = read_escape(text.substr(at + 1), form);
    if (escape.size == 0) {
      note("no such escape in a literal");
    } else if (form.bytes) {
      out.content.push_back(static_cast<char>(escape.value));
    } else if (is_scalar(escape.value)) {
      append_code_point(out.content, escape.value);
    } else {
      note("the escape names no character");
    }
    at += 1 + escape.size;
  }
  out.end = text.size();
  out.endless = true;
  out.error = "the string does not end";
  out.error_at = start;
  return out;
}

}  // namespace fengsui::cel
