// Texts made of values: string.format(list) and strings.quote() of CEL's strings extension.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/json_text.h"
#include "cel/overloads.h"
#include "cel/utf8.h"

namespace fengsui::cel {
namespace {

constexpr int kPrecisionDefault = 6;
constexpr int kPrecisionMax = 1000;

// nullopt: the clause has no form for the value.
using Text = std::optional<std::string>;

// The shortest digits that read back as the same double, never with an exponent.
std::string plain_digits(double v) {
  if (!std::isfinite(v)) return double_text(v);
  char digits[400];  // the least double needs 326
  const auto end = std::to_chars(digits, digits + sizeof digits, v, std::chars_format::fixed).ptr;
  return std::string(digits, end);
}

// Each run of bytes that are no UTF-8 is one U+FFFD.
std::string replaced_text(std::string_view bytes) {
  std::string out;
  bool in_run = false;
  for (size_t at = 0; at < bytes.size();) {
    const size_t start = at;
    next_code_point(bytes, at);
    const std::string_view character = bytes.substr(start, at - start);
    const bool bad = !is_utf8(character);
    if (!bad) out += character;
    if (bad && !in_run) append_code_point(out, 0xFFFD);
    in_run = bad;
  }
  return out;
}

Text shown(const Value& v, Budget& budget);

Text shown_list(const ListValue& items, Budget& budget) {
  std::string out = "[";
  for (const Value& item : items) {
    const Text text = shown(item, budget);
    if (!text) return std::nullopt;
    if (out.size() > 1) out += ", ";
    out += *text;
  }
  return out + "]";
}

Text shown_map(const MapValue& map, Budget& budget) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const auto& [key, item] : map) {
    const Text name = shown(key, budget);
    const Text text = shown(item, budget);
    if (!name || !text) return std::nullopt;
    entries.emplace_back(*name, *text);
  }
  std::sort(entries.begin(), entries.end());
  std::string out = "{";
  for (const auto& [name, text] : entries) {
    if (out.size() > 1) out += ", ";
    out += name + ": " + text;
  }
  return out + "}";
}

// %s
Text shown(const Value& v, Budget& budget) {
  if (!budget.spend(1)) return std::nullopt;
  switch (v.kind()) {
    case Kind::Null:
      return "null";
    case Kind::Double:
      return plain_digits(v.as_double());
    case Kind::Bytes:
      return replaced_text(v.as_bytes());
    case Kind::Type:
      return v.as_type();
    case Kind::List:
      return shown_list(v.as_list(), budget);
    case Kind::Map:
      return shown_map(v.as_map(), budget);
    case Kind::Duration: {
      std::string out = to_string(v).as_string();
      if (out.find('.') == out.npos) return out;
      out.pop_back();
      out.erase(out.find_last_not_of('0') + 1);
      return out + "s";
    }
    default:
      return to_string(v).as_string();
  }
}

std::string whole(uint64_t magnitude, bool negative, int base) {
  char digits[72];
  const auto end = std::to_chars(digits, digits + sizeof digits, magnitude, base).ptr;
  return (negative ? "-" : "") + std::string(digits, end);
}

// %b %o %x, without a hexadecimal form of texts.
Text whole_of(const Value& v, int base) {
  if (v.kind() == Kind::Uint) return whole(v.as_uint(), false, base);
  if (v.kind() == Kind::Bool && base == 2) return v.as_bool() ? "1" : "0";
  if (v.kind() != Kind::Int) return std::nullopt;
  const auto bits = static_cast<uint64_t>(v.as_int());
  return whole(v.as_int() < 0 ? 0 - bits : bits, v.as_int() < 0, base);
}

Text hexadecimal(const Value& v, bool upper) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  Text out;
  if (v.kind() == Kind::String || v.kind() == Kind::Bytes) {
    out.emplace();
    for (const char c : v.kind() == Kind::String ? v.as_string() : v.as_bytes()) {
      out->push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
      out->push_back(kDigits[static_cast<unsigned char>(c) & 15]);
    }
  } else {
    out = whole_of(v, 16);
  }
  if (!out || !upper) return out;
  for (char& c : *out) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c ^ 0x20);
  }
  return out;
}

// %f %e. Exact values are rounded, halves to the even digit.
Text real(const Value& v, std::chars_format form, int precision) {
  double number = 0;
  switch (v.kind()) {
    case Kind::Int:
      number = static_cast<double>(v.as_int());
      break;
    case Kind::Uint:
      number = static_cast<double>(v.as_uint());
      break;
    case Kind::Double:
      number = v.as_double();
      break;
    default:
      return std::nullopt;
  }
  if (!std::isfinite(number)) return double_text(number);
  char digits[kPrecisionMax + 400];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, form, precision).ptr;
  return std::string(digits, end);
}

Text formatted(char clause, std::optional<int> precision, const Value& v, Budget& budget) {
  const int digits = precision.value_or(kPrecisionDefault);
  if (clause == 'f') return real(v, std::chars_format::fixed, digits);
  if (clause == 'e') return real(v, std::chars_format::scientific, digits);
  if (precision) return std::nullopt;
  switch (clause) {
    case 's':
      return shown(v, budget);
    case 'd':
      return v.kind() == Kind::Double ? plain_digits(v.as_double()) : whole_of(v, 10);
    case 'b':
      return whole_of(v, 2);
    case 'o':
      return whole_of(v, 8);
    case 'x':
    case 'X':
      return hexadecimal(v, clause == 'X');
    default:
      return std::nullopt;
  }
}

// Behind a `%`: ".3" of ".3f". False: no precision that can be.
bool take_precision(std::string_view& rest, std::optional<int>& precision) {
  if (!rest.starts_with('.')) return true;
  int read = 0;
  const auto [end, error] = std::from_chars(rest.begin() + 1, rest.end(), read);
  if (error != std::errc() || read < 0 || read > kPrecisionMax) return false;
  rest.remove_prefix(static_cast<size_t>(end - rest.begin()));
  precision = read;
  return true;
}

Value bad_clause(const char* why) { return Value::error(ErrorCode::InvalidArgument, why); }

}  // namespace

Value text_format(Arguments arguments, Budget& budget) {
  if (arguments[0]->kind() != Kind::String || arguments[1]->kind() != Kind::List) {
    return Value::error(ErrorCode::NoMatchingOverload, "format()");
  }
  const ListValue& items = arguments[1]->as_list();
  std::string_view rest = arguments[0]->as_string();
  std::string out;
  size_t next = 0;
  while (!rest.empty()) {
    const size_t percent = std::min(rest.find('%'), rest.size());
    out += rest.substr(0, percent);
    rest.remove_prefix(percent);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    std::optional<int> precision;
    if (!take_precision(rest, precision) || rest.empty()) return bad_clause("a clause of format()");
    const char clause = rest[0];
    rest.remove_prefix(1);
    if (clause == '%' && !precision) {
      out += '%';
      continue;
    }
    if (next == items.size()) return bad_clause("format() has more clauses than values");
    const Text text = formatted(clause, precision, items[next++], budget);
    if (budget.spent()) return out_of_budget();
    if (!text) return bad_clause("a clause of format(), or the value for it");
    if (!budget.spend(static_cast<int64_t>(text->size() / kTextBytesPerStep) + 1)) {
      return out_of_budget();
    }
    out += *text;
  }
  return Value::string(std::move(out));
}

// As a literal of CEL would be written.
Value text_quote(Arguments arguments, Budget& budget) {
  if (arguments[0]->kind() != Kind::String) {
    return Value::error(ErrorCode::NoMatchingOverload, "strings.quote()");
  }
  const std::string& text = arguments[0]->as_string();
  if (!budget.spend(static_cast<int64_t>(text.size() / kTextBytesPerStep) + 1)) {
    return out_of_budget();
  }
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"";
  static constexpr std::string_view kNames = "abfnrtv\\\"";
  std::string out = "\"";
  for (const char c : text) {
    const size_t escape = kMeanings.find(c);
    if (escape != kMeanings.npos) out += '\\';
    out += escape == kMeanings.npos ? c : kNames[escape];
  }
  return Value::string(out + '"');
}

}  // namespace fengsui::cel
