#include "cel/value.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"

namespace fengsui::cel {

Value Value::boolean(bool v) { return Value(v); }
Value Value::integer(int64_t v) { return Value(v); }
Value Value::uinteger(uint64_t v) { return Value(v); }
Value Value::real(double v) { return Value(v); }
Value Value::string(std::string v) { return Value(std::move(v)); }
Value Value::bytes(std::string v) { return Value(BytesValue{std::move(v)}); }
Value Value::timestamp(Instant v) { return Value(v); }
Value Value::duration(Span v) { return Value(v); }
Value Value::list(ListValue v) {
  return Value(std::shared_ptr<const ListValue>(std::make_shared<ListValue>(std::move(v))));
}
Value Value::map(MapValue v) {
  return Value(std::shared_ptr<const MapValue>(std::make_shared<MapValue>(std::move(v))));
}
Value Value::type(std::string name) { return Value(TypeValue{std::move(name)}); }
Value Value::error(ErrorCode code) { return Value(ErrorValue{code, nullptr}); }
Value Value::error(ErrorCode code, std::string detail) {
  return Value(ErrorValue{code, std::make_shared<const std::string>(std::move(detail))});
}

void Value::assign_string(std::string_view text) {
  if (std::string* old = std::get_if<std::string>(&data_)) {
    old->assign(text);
  } else {
    data_.emplace<std::string>(text);
  }
}

ErrorCode Value::error_code() const { return std::get<ErrorValue>(data_).code; }

namespace {

const char* words_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::Missing:
      return "no such field";
    case ErrorCode::MissingParent:
      return "no object to hold the field";
    case ErrorCode::NoSuchKey:
      return "no such key";
    case ErrorCode::OutOfRange:
      return "out of range";
    case ErrorCode::DivisionByZero:
      return "division by zero";
    case ErrorCode::NoMatchingOverload:
      return "no matching overload";
    case ErrorCode::InvalidArgument:
      return "invalid argument";
    case ErrorCode::Empty:
      return "over no events";
  }
  return "error";
}

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

int order(auto a, auto b) { return a < b ? -1 : (b < a ? 1 : 0); }

int compare_int_uint(int64_t a, uint64_t b) {
  return a < 0 ? -1 : order(static_cast<uint64_t>(a), b);
}

// Exact: a double's whole part is compared as an integer, its fraction after that.
int compare_int_double(int64_t a, double b) {
  if (std::isnan(b)) return 2;
  if (b >= kTwoTo63) return -1;
  if (b < -kTwoTo63) return 1;
  const double whole = std::trunc(b);
  const int by_whole = order(a, static_cast<int64_t>(whole));
  return by_whole != 0 ? by_whole : order(0.0, b - whole);
}

int compare_uint_double(uint64_t a, double b) {
  if (std::isnan(b)) return 2;
  if (b >= kTwoTo64) return -1;
  if (b < 0) return 1;
  const double whole = std::trunc(b);
  const int by_whole = order(a, static_cast<uint64_t>(whole));
  return by_whole != 0 ? by_whole : order(0.0, b - whole);
}

int reversed(int order) { return order == 2 ? 2 : -order; }

int compare_numbers(const Value& a, const Value& b) {
  switch (a.kind()) {
    case Kind::Int:
      if (b.kind() == Kind::Int) return order(a.as_int(), b.as_int());
      if (b.kind() == Kind::Uint) return compare_int_uint(a.as_int(), b.as_uint());
      return compare_int_double(a.as_int(), b.as_double());
    case Kind::Uint:
      if (b.kind() == Kind::Int) return -compare_int_uint(b.as_int(), a.as_uint());
      if (b.kind() == Kind::Uint) return order(a.as_uint(), b.as_uint());
      return compare_uint_double(a.as_uint(), b.as_double());
    default:
      if (b.kind() == Kind::Int) return reversed(compare_int_double(b.as_int(), a.as_double()));
      if (b.kind() == Kind::Uint) return reversed(compare_uint_double(b.as_uint(), a.as_double()));
      if (std::isnan(a.as_double()) || std::isnan(b.as_double())) return 2;
      return order(a.as_double(), b.as_double());
  }
}

bool equal_maps(const MapValue& a, const Value& b) {
  if (a.size() != b.as_map().size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const auto& entry) {
    const Value* other = find_entry(b, entry.first);
    return other && equal(entry.second, *other);
  });
}

size_t mix(size_t seed, size_t v) {
  // The finalizer of splitmix64 (Steele, Lea, Flood 2014).
  v += seed + 0x9e3779b97f4a7c15;
  v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9;
  v = (v ^ (v >> 27)) * 0x94d049bb133111eb;
  return v ^ (v >> 31);
}

size_t hash_double(double v) {
  if (v == std::trunc(v)) {
    if (v >= -kTwoTo63 && v < kTwoTo63) return mix(1, static_cast<size_t>(static_cast<int64_t>(v)));
    if (v >= 0 && v < kTwoTo64) return mix(1, static_cast<uint64_t>(v));
  }
  return mix(2, std::hash<double>{}(v));
}

}  // namespace

std::string Value::error_text() const {
  const ErrorValue& error = std::get<ErrorValue>(data_);
  std::string text = words_of(error.code);
  if (error.detail) text += ": " + *error.detail;
  return text;
}

bool equal(const Value& a, const Value& b) {
  const Kind kind = a.kind();
  if (is_number(kind) && is_number(b.kind())) return compare_numbers(a, b) == 0;
  if (kind != b.kind()) return false;
  switch (kind) {
    case Kind::Null:
      return true;
    case Kind::Bool:
      return a.as_bool() == b.as_bool();
    case Kind::String:
      return a.as_string() == b.as_string();
    case Kind::Bytes:
      return a.as_bytes() == b.as_bytes();
    case Kind::Timestamp:
      return a.as_timestamp() == b.as_timestamp();
    case Kind::Duration:
      return a.as_duration() == b.as_duration();
    case Kind::Type:
      return a.as_type() == b.as_type();
    case Kind::List:
      return std::equal(a.as_list().begin(), a.as_list().end(), b.as_list().begin(),
                        b.as_list().end(), equal);
    case Kind::Map:
      return equal_maps(a.as_map(), b);
    default:
      return false;
  }
}

int compare(const Value& a, const Value& b) {
  const Kind kind = a.kind();
  if (is_number(kind) && is_number(b.kind())) return compare_numbers(a, b);
  if (kind != b.kind()) return 2;
  switch (kind) {
    case Kind::Bool:
      return order(a.as_bool(), b.as_bool());
    // Bytes of UTF-8 sort as its code points do.
    case Kind::String:
      return order(a.as_string().compare(b.as_string()), 0);
    case Kind::Bytes:
      return order(a.as_bytes().compare(b.as_bytes()), 0);
    case Kind::Timestamp:
      return order(a.as_timestamp(), b.as_timestamp());
    case Kind::Duration:
      return order(a.as_duration(), b.as_duration());
    default:
      return 2;
  }
}

size_t hash_value(const Value& v) {
  const auto salt = static_cast<size_t>(v.kind()) << 8;
  switch (v.kind()) {
    case Kind::Error:
      return mix(salt, static_cast<size_t>(v.error_code()));
    case Kind::Null:
      return mix(salt, 0);
    case Kind::Bool:
      return mix(salt, v.as_bool());
    case Kind::Int:
      return mix(1, static_cast<size_t>(v.as_int()));
    case Kind::Uint:
      return mix(1, v.as_uint());
    case Kind::Double:
      return hash_double(v.as_double());
    case Kind::String:
      return mix(salt, std::hash<std::string>{}(v.as_string()));
    case Kind::Bytes:
      return mix(salt, std::hash<std::string>{}(v.as_bytes()));
    case Kind::Timestamp:
      return mix(mix(salt, static_cast<size_t>(v.as_timestamp().seconds)),
                 static_cast<size_t>(v.as_timestamp().nanos));
    case Kind::Duration:
      return mix(mix(salt, static_cast<size_t>(v.as_duration().seconds)),
                 static_cast<size_t>(v.as_duration().nanos));
    case Kind::Type:
      return mix(salt, std::hash<std::string>{}(v.as_type()));
    case Kind::List: {
      size_t hash = mix(salt, v.as_list().size());
      for (const Value& item : v.as_list()) hash = mix(hash, hash_value(item));
      return hash;
    }
    case Kind::Map: {
      size_t sum = 0;  // equal maps may differ in the order of their entries
      for (const auto& [key, item] : v.as_map()) sum += mix(hash_value(key), hash_value(item));
      return mix(salt, sum);
    }
  }
  return 0;
}

const Value* find_entry(const Value& map, std::string_view key) {
  for (const auto& [name, value] : map.as_map()) {
    if (name.kind() == Kind::String && name.as_string() == key) return &value;
  }
  return nullptr;
}

const Value* find_entry(const Value& map, const Value& key) {
  for (const auto& [name, value] : map.as_map()) {
    if (equal(name, key)) return &value;
  }
  return nullptr;
}

}  // namespace fengsui::cel
