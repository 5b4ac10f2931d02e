// A value as text: CEL's string() and JSON.
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "base/hash.h"
#include "base/invariant.h"
#include "base/json_text.h"
#include "cel/utf8.h"
#include "cel/value.h"

namespace fengsui::cel {
namespace {

// ".250" of 250,000,000: three, six or nine digits, as cel-cpp and protobuf's JSON have it; nothing
// of 0.
void append_fraction(std::string& out, int32_t nanos) {
  if (nanos == 0) return;
  char digits[16];
  std::string_view text(digits,
                        static_cast<size_t>(std::snprintf(digits, sizeof digits, ".%09d", nanos)));
  while (text.ends_with("000")) text.remove_suffix(3);
  out += text;
}

// As cel-cpp and cel-go print it: the shortest digits that read back as the same double, in
// scientific form where the exponent is below -4 or above 5 ("100000", "1e+06", "0.0001", "1e-05").
std::string double_string(double v) {
  if (!std::isfinite(v)) return double_text(v);
  char text[32];
  const auto scientific = std::to_chars(text, text + sizeof text, v, std::chars_format::scientific);
  const std::string_view digits(text, static_cast<size_t>(scientific.ptr - text));
  int exponent = 0;
  const size_t e = digits.find('e');
  const size_t number = e + (digits[e + 1] == '+' ? 2 : 1);
  std::from_chars(text + number, scientific.ptr, exponent);
  if (exponent < -4 || exponent > 5) return std::string(digits);
  char fixed[32];
  const auto end = std::to_chars(fixed, fixed + sizeof fixed, v, std::chars_format::fixed).ptr;
  return std::string(fixed, end);
}

std::string timestamp_text(Instant v) {
  const std::chrono::sys_seconds time{std::chrono::seconds{v.seconds}};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const int second_of_day = static_cast<int>((time - day).count());
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
  std::string out = text;
  append_fraction(out, v.nanos);
  out += 'Z';
  return out;
}

std::string duration_text(Span v) {
  std::string out = v.seconds < 0 || v.nanos < 0 ? "-" : "";
  out += std::to_string(v.seconds < 0 ? -v.seconds : v.seconds);
  append_fraction(out, v.nanos < 0 ? -v.nanos : v.nanos);
  out += 's';
  return out;
}

void append_json_map(std::string& out, const MapValue& map) {
  out += '{';
  bool first = true;
  for (const auto& [key, item] : map) {
    if (!first) out += ',';
    first = false;
    const Value name = to_string(key);
    append_json_string(out, name.is_error() ? std::string_view() : name.as_string());
    out += ':';
    append_json(out, item);
  }
  out += '}';
}

}  // namespace

Value to_string(const Value& v) {
  switch (v.kind()) {
    case Kind::Bool:
      return Value::string(v.as_bool() ? "true" : "false");
    case Kind::Int:
      return Value::string(std::to_string(v.as_int()));
    case Kind::Uint:
      return Value::string(std::to_string(v.as_uint()));
    case Kind::Double:
      return Value::string(double_string(v.as_double()));
    case Kind::String:
      return v;
    case Kind::Bytes:
      if (!is_utf8(v.as_bytes())) {
        return Value::error(ErrorCode::InvalidArgument, "string() of bytes that are not UTF-8");
      }
      return Value::string(v.as_bytes());
    case Kind::Timestamp:
      return Value::string(timestamp_text(v.as_timestamp()));
    case Kind::Duration:
      return Value::string(duration_text(v.as_duration()));
    case Kind::Error:
      return v;
    default:
      return Value::error(ErrorCode::NoMatchingOverload, "string()");
  }
}

void append_json(std::string& out, const Value& v) {
  switch (v.kind()) {
    case Kind::Null:
      out += "null";
      return;
    case Kind::Bool:
      out += v.as_bool() ? "true" : "false";
      return;
    case Kind::Int:
      out += std::to_string(v.as_int());
      return;
    case Kind::Uint:
      out += std::to_string(v.as_uint());
      return;
    case Kind::Double:
      append_json_double(out, v.as_double());
      return;
    case Kind::String:
      append_json_string(out, v.as_string());
      return;
    case Kind::Bytes:
      append_json_string(out, base64_encode(v.as_bytes()));
      return;
    case Kind::Timestamp:
      append_json_string(out, timestamp_text(v.as_timestamp()));
      return;
    case Kind::Duration:
      append_json_string(out, duration_text(v.as_duration()));
      return;
    case Kind::Type:
      append_json_string(out, v.as_type());
      return;
    case Kind::List: {
      out += '[';
      bool first = true;
      for (const Value& item : v.as_list()) {
        if (!first) out += ',';
        first = false;
        append_json(out, item);
      }
      out += ']';
      return;
    }
    case Kind::Map:
      append_json_map(out, v.as_map());
      return;
    case Kind::Error:
      break;
  }
  INVARIANT(!v.is_error());
}

}  // namespace fengsui::cel
