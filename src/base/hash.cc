#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <cstring>

namespace fengsui {
namespace {

uint64_t load64(const char* from) {
  uint64_t v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

uint64_t rotate_left(uint64_t v, int by) { return v << by | v >> (64 - by); }

uint64_t finish(uint64_t v) {
  v = (v ^ v >> 33) * 0xff51afd7ed558ccdULL;
  v = (v ^ v >> 33) * 0xc4ceb9fe1a85ec53ULL;
  return v ^ v >> 33;
}

constexpr uint64_t kMultiply1 = 0x87c37b91114253d5ULL;
constexpr uint64_t kMultiply2 = 0x4cf5ad432745937fULL;

uint64_t mix1(uint64_t k) { return rotate_left(k * kMultiply1, 31) * kMultiply2; }
uint64_t mix2(uint64_t k) { return rotate_left(k * kMultiply2, 33) * kMultiply1; }

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0x82f63b78U ^ c >> 1 : c >> 1;
    table[i] = c;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

uint32_t crc_step(uint32_t c, char byte) {
  return kCrcTable[(c ^ static_cast<unsigned char>(byte)) & 0xff] ^ c >> 8;
}

#if defined(__x86_64__)
// The same without the last inversion; chosen at run time, since packages are built without -march.
__attribute__((target("sse4.2"))) uint32_t crc32c_by_instruction(std::string_view bytes) {
  uint64_t c = 0xffffffffU;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) c = __builtin_ia32_crc32di(c, load64(bytes.data() + at));
  uint32_t rest = static_cast<uint32_t>(c);
  for (; at < bytes.size(); ++at) rest = crc_step(rest, bytes[at]);
  return rest;
}
#endif

}  // namespace

std::string hex_encode(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return hex_encode({reinterpret_cast<const char*>(digest), sizeof digest});
}

Hash128 hash128(std::string_view bytes) {
  uint64_t h1 = 0;
  uint64_t h2 = 0;
  size_t at = 0;
  for (; at + 16 <= bytes.size(); at += 16) {
    h1 ^= mix1(load64(bytes.data() + at));
    h1 = (rotate_left(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= mix2(load64(bytes.data() + at + 8));
    h2 = (rotate_left(h2, 31) + h1) * 5 + 0x38495ab5;
  }
  char tail[16] = {};
  std::memcpy(tail, bytes.data() + at, bytes.size() - at);
  if (bytes.size() - at > 8) h2 ^= mix2(load64(tail + 8));
  if (bytes.size() > at) h1 ^= mix1(load64(tail));
  h1 ^= bytes.size();
  h2 ^= bytes.size();
  h1 += h2;
  h2 += h1;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

uint32_t crc32c(std::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return crc32c_by_instruction(bytes) ^ 0xffffffffU;
#endif
  uint32_t c = 0xffffffffU;
  for (const char byte : bytes) c = crc_step(c, byte);
  return c ^ 0xffffffffU;
}

std::string base64_encode(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return out;
}

std::string base64url_encode(std::string_view bytes) {
  std::string out = base64_encode(bytes);
  while (!out.empty() && out.back() == '=') out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

bool base64_decode(std::string_view text, std::string& bytes) {
  if (text.size() % 4 != 0) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '+' || c == '/';
    const bool padding =
        c == '=' && i + 2 >= text.size() && (i + 1 == text.size() || text[i + 1] == '=');
    if (!digit && !padding) return false;
  }
  bytes.assign(text.size() / 4 * 3, '\0');
  if (text.empty()) return true;
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return false;
  const size_t padded = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<size_t>(size) - padded);
  return true;
}

}  // namespace fengsui
