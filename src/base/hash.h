// Hashes with a fixed meaning: they are stored and compared across versions and machines, so none
// may change. (Hash tables use std::hash or their own.) Safe from any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace fengsui {

// SHA-256 (OpenSSL), lower-case hex digits: 64 of them.
std::string sha256_hex(std::string_view bytes);

struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
};

// MurmurHash3 x64 128 (Austin Appleby, public domain algorithm), seed 0: dedupe ids, partitioning.
Hash128 hash128(std::string_view bytes);

// CRC-32C (Castagnoli, RFC 3720 appendix B.4): guards frames and checkpoints.
uint32_t crc32c(std::string_view bytes);

// Two lower-case digits a byte.
std::string hex_encode(std::string_view bytes);
std::string base64_encode(std::string_view bytes);
// base64url without padding (RFC 4648 section 5).
std::string base64url_encode(std::string_view bytes);
// nullopt: not RFC 4648 base64 with padding.
bool base64_decode(std::string_view text, std::string& bytes);

}  // namespace fengsui
