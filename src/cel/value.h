// A value of the expression language: what event slots, lets, groups and records hold.
//
// Kinds are CEL's (cel-spec, langdef.md) and Error: CEL's operators absorb or pass it on. Lists and
// maps are shared and never change, so a copy is cheap and several threads may read a Value.
//
// A slot without a value holds an Error of code Missing (the field is not in the event) or
// MissingParent (nor is the object that would hold it): has() tells them apart as CEL does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/byte_codec.h"
#include "base/time.h"
#include "cel/kind.h"

namespace fengsui::cel {

enum class ErrorCode : uint8_t {
  Missing,        // no such field in this event
  MissingParent,  // nor the object round it
  NoSuchKey,      // of a map or a list table
  OutOfRange,     // index, conversion or arithmetic
  DivisionByZero,
  NoMatchingOverload,
  InvalidArgument,  // a text that is no number, time, pattern …
  Empty,            // avg, min, max, first, last over no events
};

// CEL's duration: seconds and nanos of one sign, |seconds| <= 315,576,000,000.
struct Span {
  int64_t seconds = 0;
  int32_t nanos = 0;
  friend auto operator<=>(const Span&, const Span&) = default;
};

class Value;
using ListValue = std::vector<Value>;
// In insertion order; keys are bool, int, uint or string, no two equal (1 and 1u are).
using MapValue = std::vector<std::pair<Value, Value>>;

struct ErrorValue {
  ErrorCode code;
  std::shared_ptr<const std::string> detail;  // may be null
};
struct BytesValue {
  std::string bytes;
};
struct TypeValue {
  std::string name;  // "int", "list", "google.protobuf.Timestamp"
};

class Value {
 public:
  Value() : data_(std::monostate{}) {}  // null

  static Value null() { return Value(); }
  static Value boolean(bool v);
  static Value integer(int64_t v);
  static Value uinteger(uint64_t v);
  static Value real(double v);
  static Value string(std::string v);
  static Value bytes(std::string v);
  static Value timestamp(Instant v);
  static Value duration(Span v);
  static Value list(ListValue v);
  static Value map(MapValue v);
  static Value type(std::string name);
  static Value error(ErrorCode code);
  static Value error(ErrorCode code, std::string detail);
  static Value missing() { return error(ErrorCode::Missing); }
  // The same in place: where a value of the kind was there, its room is kept.
  void assign_string(std::string_view text);
  void assign_boolean(bool v) { assign(v); }
  void assign_integer(int64_t v) { assign(v); }
  void assign_real(double v) { assign(v); }
  void assign_timestamp(Instant v) { assign(v); }

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_error() const { return kind() == Kind::Error; }
  bool is_true() const { return kind() == Kind::Bool && as_bool(); }
  std::string error_text() const;  // "no such key", "division by zero: …"
  ErrorCode error_code() const;
  const std::string* error_detail() const { return std::get<ErrorValue>(data_).detail.get(); }

  // Requires: kind() is the one named.
  bool as_bool() const { return std::get<bool>(data_); }
  int64_t as_int() const { return std::get<int64_t>(data_); }
  uint64_t as_uint() const { return std::get<uint64_t>(data_); }
  double as_double() const { return std::get<double>(data_); }
  const std::string& as_string() const { return std::get<std::string>(data_); }
  const std::string& as_bytes() const { return std::get<BytesValue>(data_).bytes; }
  Instant as_timestamp() const { return std::get<Instant>(data_); }
  Span as_duration() const { return std::get<Span>(data_); }
  const ListValue& as_list() const { return *std::get<std::shared_ptr<const ListValue>>(data_); }
  const MapValue& as_map() const { return *std::get<std::shared_ptr<const MapValue>>(data_); }
  const std::string& as_type() const { return std::get<TypeValue>(data_).name; }

 private:
  std::variant<std::monostate, ErrorValue, bool, int64_t, uint64_t, double, std::string, BytesValue,
               Instant, Span, std::shared_ptr<const ListValue>, std::shared_ptr<const MapValue>,
               TypeValue>
      data_;
  template <class T>
  explicit Value(T v) : data_(std::move(v)) {}
  template <class T>
  void assign(T v) {
    if (T* old = std::get_if<T>(&data_)) {
      *old = v;
    } else {
      data_.template emplace<T>(v);
    }
  }
};

// CEL equality: numbers of different types compare by value, NaN equals nothing, values of kinds
// that cannot be equal are unequal. Requires: neither is an error.
bool equal(const Value& a, const Value& b);

// -1, 0, 1 for ordered kinds (bool, numbers across types by value, strings by code point, bytes,
// timestamps, durations); 2: not comparable (NaN, different kinds).
int compare(const Value& a, const Value& b);

// A hash that equal values share (1, 1u and 1.0 are equal).
size_t hash_value(const Value& v);

// The entry of `key`, or null; 1, 1u and 1.0 find the same. Requires: map.kind() == Map.
const Value* find_entry(const Value& map, std::string_view key);
const Value* find_entry(const Value& map, const Value& key);

// As JSON: ints, doubles (not finite ones as "NaN", "Infinity", "-Infinity"), timestamps and
// durations as CEL's string(), bytes in base64, map keys as strings. Requires: not an error.
void append_json(std::string& out, const Value& v);

// CEL's string(): an Error value where it has no overload.
Value to_string(const Value& v);

// The stored form, exact for every kind (errors too). Reading bytes that encode_value did not write
// sets in.ok() false at worst. Nesting deeper than 600 is refused.
void encode_value(ByteWriter& out, const Value& v);
Value decode_value(ByteReader& in);
void skip_value(ByteReader& in);

}  // namespace fengsui::cel
