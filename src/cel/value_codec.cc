// The stored form of a value: a byte of kind, then its content. Kinds' numbers are part of the
// stored form and never change their meaning.
#include "cel/stored_value.h"
#include "cel/time_math.h"
#include "cel/value.h"

namespace fengsui::cel {
namespace {

constexpr int kStoredDepthMax = 600;

enum Tag : uint8_t {
  kError,
  kNull,
  kFalse,
  kTrue,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,
  kMap,
  kType,
  kErrorWithDetail
};

std::string text_of(ByteReader& in) { return std::string(in.text()); }

Value broken(ByteReader& in) {
  // Running past the end is how a reader is told that the bytes are not what was written.
  while (in.ok()) in.u64();
  return Value();
}

Value decode_at(ByteReader& in, int depth);

Value decode_error(ByteReader& in, Tag tag) {
  const uint8_t code = in.u8();
  if (code > static_cast<uint8_t>(ErrorCode::Empty)) return broken(in);
  if (tag == kError) return Value::error(static_cast<ErrorCode>(code));
  return Value::error(static_cast<ErrorCode>(code), text_of(in));
}

Value decode_timestamp(ByteReader& in) {
  Instant v;
  v.seconds = in.signed_varint();
  const uint64_t nanos = in.varint();
  if (v.seconds < kInstantSecondsMin || v.seconds > kInstantSecondsMax || nanos > 999999999) {
    return broken(in);
  }
  v.nanos = static_cast<int32_t>(nanos);
  return Value::timestamp(v);
}

Value decode_duration(ByteReader& in) {
  Span v;
  v.seconds = in.signed_varint();
  const int64_t nanos = in.signed_varint();
  if (v.seconds > kSpanSecondsMax || v.seconds < -kSpanSecondsMax || nanos > 999999999 ||
      nanos < -999999999) {
    return broken(in);
  }
  v.nanos = static_cast<int32_t>(nanos);
  return Value::duration(v);
}

Value decode_list(ByteReader& in, int depth) {
  const uint64_t size = in.varint();
  // Every item takes a byte at least, so a size beyond the bytes left is a lie.
  if (size > in.rest().size()) return broken(in);
  ListValue items;
  items.reserve(size);
  for (uint64_t i = 0; i < size && in.ok(); ++i) items.push_back(decode_at(in, depth + 1));
  return Value::list(std::move(items));
}

Value decode_map(ByteReader& in, int depth) {
  const uint64_t size = in.varint();
  if (size > in.rest().size() / 2) return broken(in);
  MapValue entries;
  entries.reserve(size);
  for (uint64_t i = 0; i < size && in.ok(); ++i) {
    Value key = decode_at(in, depth + 1);
    Value item = decode_at(in, depth + 1);
    entries.emplace_back(std::move(key), std::move(item));
  }
  return Value::map(std::move(entries));
}

Value decode_at(ByteReader& in, int depth) {
  if (depth > kStoredDepthMax) return broken(in);
  const uint8_t tag = in.u8();
  if (!in.ok()) return Value();
  switch (tag) {
    case kError:
    case kErrorWithDetail:
      return decode_error(in, static_cast<Tag>(tag));
    case kNull:
      return Value();
    case kFalse:
      return Value::boolean(false);
    case kTrue:
      return Value::boolean(true);
    case kInt:
      return Value::integer(in.signed_varint());
    case kUint:
      return Value::uinteger(in.varint());
    case kDouble:
      return Value::real(in.f64());
    case kString:
      return Value::string(text_of(in));
    case kBytes:
      return Value::bytes(text_of(in));
    case kTimestamp:
      return decode_timestamp(in);
    case kDuration:
      return decode_duration(in);
    case kList:
      return decode_list(in, depth);
    case kMap:
      return decode_map(in, depth);
    case kType:
      return Value::type(text_of(in));
    default:
      return broken(in);
  }
}

void skip_at(ByteReader& in, int depth) {
  if (depth > kStoredDepthMax) return in.fail();
  switch (in.u8()) {
    case kError:
      in.u8();
      return;
    case kErrorWithDetail:
      in.u8();
      in.text();
      return;
    case kNull:
    case kFalse:
    case kTrue:
      return;
    case kInt:
    case kUint:
      in.varint();
      return;
    case kDouble:
      in.u64();
      return;
    case kString:
    case kBytes:
    case kType:
      in.text();
      return;
    case kTimestamp:
    case kDuration:
      in.varint();
      in.varint();
      return;
    case kList:
      for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) skip_at(in, depth + 1);
      return;
    case kMap:
      for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
        skip_at(in, depth + 1);
        skip_at(in, depth + 1);
      }
      return;
    default:
      in.fail();
  }
}

template <class Out>
void encode(BasicByteWriter<Out>& out, const Value& v) {
  switch (v.kind()) {
    case Kind::Error: {
      const std::string* detail = v.error_detail();
      out.u8(detail ? kErrorWithDetail : kError);
      out.u8(static_cast<uint8_t>(v.error_code()));
      if (detail) out.text(*detail);
      return;
    }
    case Kind::Null:
      out.u8(kNull);
      return;
    case Kind::Bool:
      out.u8(v.as_bool() ? kTrue : kFalse);
      return;
    case Kind::Int:
      out.u8(kInt);
      out.signed_varint(v.as_int());
      return;
    case Kind::Uint:
      out.u8(kUint);
      out.varint(v.as_uint());
      return;
    case Kind::Double:
      out.u8(kDouble);
      out.f64(v.as_double());
      return;
    case Kind::String:
      out.u8(kString);
      out.text(v.as_string());
      return;
    case Kind::Bytes:
      out.u8(kBytes);
      out.text(v.as_bytes());
      return;
    case Kind::Timestamp:
      out.u8(kTimestamp);
      out.signed_varint(v.as_timestamp().seconds);
      out.varint(static_cast<uint64_t>(v.as_timestamp().nanos));
      return;
    case Kind::Duration:
      out.u8(kDuration);
      out.signed_varint(v.as_duration().seconds);
      out.signed_varint(v.as_duration().nanos);
      return;
    case Kind::List:
      out.u8(kList);
      out.varint(v.as_list().size());
      for (const Value& item : v.as_list()) encode(out, item);
      return;
    case Kind::Map:
      out.u8(kMap);
      out.varint(v.as_map().size());
      for (const auto& [key, item] : v.as_map()) {
        encode(out, key);
        encode(out, item);
      }
      return;
    case Kind::Type:
      out.u8(kType);
      out.text(v.as_type());
      return;
  }
}

}  // namespace

void encode_value(ByteWriter& out, const Value& v) { encode(out, v); }

void encode_value(RoomWriter& out, const Value& v) { encode(out, v); }

size_t encoded_size_max(const Value& v) {
  constexpr size_t kTagAndSize = 1 + kVarintBytesMax;
  size_t size = kTagAndSize + kVarintBytesMax;  // two numbers at most
  switch (v.kind()) {
    case Kind::Error:
      return size + (v.error_detail() == nullptr ? 0 : v.error_detail()->size());
    case Kind::String:
      return kTagAndSize + v.as_string().size();
    case Kind::Bytes:
      return kTagAndSize + v.as_bytes().size();
    case Kind::Type:
      return kTagAndSize + v.as_type().size();
    case Kind::List:
      for (const Value& item : v.as_list()) size += encoded_size_max(item);
      return size;
    case Kind::Map:
      for (const auto& [key, item] : v.as_map()) {
        size += encoded_size_max(key) + encoded_size_max(item);
      }
      return size;
    default:
      return size;
  }
}

Value decode_value(ByteReader& in) { return decode_at(in, 0); }

void skip_value(ByteReader& in) { skip_at(in, 0); }

std::optional<std::string_view> stored_text(ByteReader in) {
  if (in.u8() != kString) return std::nullopt;
  return in.text();
}

}  // namespace fengsui::cel
