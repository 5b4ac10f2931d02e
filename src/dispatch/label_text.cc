#include "dispatch/label_text.h"

namespace fengsui::dispatch {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

// So many digits of a base, as a number; they are taken away.
std::optional<char32_t> take_digits(std::string_view& text, size_t count, int base) {
  if (text.size() < count) return std::nullopt;
  char32_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    const int digit = digit_of(text[i]);
    if (digit >= base) return std::nullopt;
    value = value * static_cast<char32_t>(base) + static_cast<char32_t>(digit);
  }
  text.remove_prefix(count);
  return value;
}

// What follows a backslash, which is taken away. False: it is no escape.
bool take_escape(std::string_view& text, std::string& out) {
  if (text.empty()) return false;
  static constexpr std::string_view kNames = "abfnrtv\\\"", kMeant = "\a\b\f\n\r\t\v\\\"";
  const char name = text.front();
  if (const size_t at = kNames.find(name); at != kNames.npos) {
    out += kMeant[at];
    text.remove_prefix(1);
    return true;
  }
  const bool is_octal = name >= '0' && name <= '7';
  if (!is_octal) text.remove_prefix(1);
  if (is_octal || name == 'x') {  // one byte
    const auto value = is_octal ? take_digits(text, 3, 8) : take_digits(text, 2, 16);
    if (!value || *value > 0xFF) return false;
    out += static_cast<char>(*value);
    return true;
  }
  if (name != 'u' && name != 'U') return false;
  const auto value = take_digits(text, name == 'u' ? 4 : 8, 16);
  if (!value || *value > 0x10FFFF || is_surrogate(*value)) return false;
  append_utf8(out, *value);
  return true;
}

}  // namespace

char32_t take_code_point(std::string_view& text) {
  const auto byte = [&text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  size_t size = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  static constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  char32_t value = size == 1 ? lead : lead & (0x7Fu >> size);
  bool is_good = size > 0 && text.size() >= size && lead <= 0xF4;
  for (size_t i = 1; is_good && i < size; ++i) {
    is_good = (byte(i) & 0xC0) == 0x80;
    value = value << 6 | (byte(i) & 0x3F);
  }
  is_good = is_good && value >= kLeast[size] && value <= 0x10FFFF && !is_surrogate(value);
  if (!is_good) {
    size = 1;
    value = kReplacement;
  }
  text.remove_prefix(size);
  return value;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t before = text.size();
    if (take_code_point(text) == kReplacement && before - text.size() == 1) return false;
  }
  return true;
}

void append_utf8(std::string& out, char32_t c) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_reserved(char32_t c) {
  return is_space(c) || (c < 0x80 && std::string_view("{}!=~,\\\"'`").find(static_cast<char>(c)) !=
                                         std::string_view::npos);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    if (c == '"' || c == '\n') return std::nullopt;
    text.remove_prefix(1);
    if (c != '\\') {
      out += c;
    } else if (!take_escape(text, out)) {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace fengsui::dispatch
