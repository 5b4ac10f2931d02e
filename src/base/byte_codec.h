// Bytes in, bytes out, for what is stored: frames, checkpoints, keys. Little-endian fixed integers,
// LEB128 varints, length-prefixed strings; big-endian only in keys, where order matters.
// A Reader never reads past its end: once a read fails, ok() is false and all later reads give
// zeros.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace fengsui {

// Appends to a string.
class StringOut {
 public:
  explicit StringOut(std::string& out) : out_(out) {}
  void put(char c) { out_.push_back(c); }
  void put(const char* from, size_t size) { out_.append(from, size); }

 private:
  std::string& out_;
};

// Fills room that is known to be enough.
class RoomOut {
 public:
  explicit RoomOut(char* room) : at_(room) {}
  void put(char c) { *at_++ = c; }
  void put(const char* from, size_t size) {
    if (size > 0) std::memcpy(at_, from, size);
    at_ += size;
  }
  char* end() const { return at_; }

 private:
  char* at_;
};

template <class Out>
class BasicByteWriter {
 public:
  explicit BasicByteWriter(Out out) : out_(out) {}
  explicit BasicByteWriter(std::string& out) : out_(out) {}

  void u8(uint8_t v) { out_.put(static_cast<char>(v)); }
  void u32(uint32_t v) { fixed(v); }
  void u64(uint64_t v) { fixed(v); }
  void f64(double v) { fixed(std::bit_cast<uint64_t>(v)); }
  void varint(uint64_t v) {
    for (; v >= 0x80; v >>= 7) u8(static_cast<uint8_t>(v) | 0x80);
    u8(static_cast<uint8_t>(v));
  }
  void signed_varint(int64_t v) {  // zigzag
    varint((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63));
  }
  void text(std::string_view v) {
    varint(v.size());
    bytes(v);
  }
  void bytes(std::string_view v) { out_.put(v.data(), v.size()); }  // as they are, without a length
  // Big-endian, so that keys sort as numbers.
  void key_u32(uint32_t v) {
    for (int shift = 24; shift >= 0; shift -= 8) u8(static_cast<uint8_t>(v >> shift));
  }
  void key_u64(uint64_t v) {
    for (int shift = 56; shift >= 0; shift -= 8) u8(static_cast<uint8_t>(v >> shift));
  }
  const Out& out() const { return out_; }

 private:
  template <class T>
  void fixed(T v) {
    static_assert(std::endian::native == std::endian::little);
    char bytes[sizeof v];
    std::memcpy(bytes, &v, sizeof v);
    out_.put(bytes, sizeof v);
  }
  Out out_;
};
using ByteWriter = BasicByteWriter<StringOut>;
using RoomWriter = BasicByteWriter<RoomOut>;
inline constexpr size_t kVarintBytesMax = 10;
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }
  std::string_view rest() const { return bytes_; }

  uint8_t u8() { return static_cast<uint8_t>(fixed<uint8_t>()); }
  uint32_t u32() { return fixed<uint32_t>(); }
  uint64_t u64() { return fixed<uint64_t>(); }
  double f64() { return std::bit_cast<double>(fixed<uint64_t>()); }
  uint64_t varint() {
    uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = u8();
      v |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (!(byte & 0x80)) return v;
    }
    ok_ = false;
    return 0;
  }
  int64_t signed_varint() {
    const uint64_t v = varint();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  // What was read makes no sense.
  void fail() { failed(); }
  // A view into the bytes read from.
  std::string_view text() {
    const uint64_t size = varint();
    if (!ok_ || size > bytes_.size()) return failed();
    const std::string_view v = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return v;
  }
  uint32_t key_u32() { return static_cast<uint32_t>(big_endian(4)); }
  uint64_t key_u64() { return big_endian(8); }

 private:
  std::string_view failed() {
    ok_ = false;
    bytes_ = {};
    return {};
  }
  uint64_t big_endian(int size) {
    uint64_t v = 0;
    for (int i = 0; i < size; ++i) v = v << 8 | u8();
    return v;
  }
  template <class T>
  T fixed() {
    T v{};
    if (bytes_.size() < sizeof v) {
      failed();
      return v;
    }
    std::memcpy(&v, bytes_.data(), sizeof v);
    bytes_.remove_prefix(sizeof v);
    return v;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace fengsui
