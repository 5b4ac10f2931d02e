#include <doctest/doctest.h>

#include <string>

#include "base/byte_codec.h"
#include "base/hash.h"

using namespace fengsui;

TEST_CASE("hashes have their published values") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(crc32c("123456789") == 0xe3069283U);
  // RFC 3720, appendix B.4: whole words, taken by an instruction where there is one.
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aaU);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
  CHECK(crc32c("") == 0);
  CHECK(hash128("") == Hash128{0, 0});
  // The reference implementation's value for this text and seed 0.
  CHECK(hash128("The quick brown fox jumps over the lazy dog") ==
        Hash128{0xe34bbc7bbc071b6cULL, 0x7a433ca9c49a9347ULL});
}

TEST_CASE("base64 goes both ways and refuses other texts") {
  struct Case {
    const char* bytes;
    const char* text;
  };
  for (const Case& c :
       {Case{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}}) {
    CHECK(base64_encode(c.bytes) == c.text);
    std::string back;
    REQUIRE(base64_decode(c.text, back));
    CHECK(back == c.bytes);
  }
  CHECK(base64url_encode("\xff\xfe\xfd\xfc") == "__79_A");
  std::string back;
  for (const char* bad : {"Zg=", "Zg", "Z===", "Zg==Zg==", "Zm9\n", "=Zm9"}) {
    CAPTURE(bad);
    CHECK_FALSE(base64_decode(bad, back));
  }
}

TEST_CASE("a reader gives back what a writer wrote, and stops at the end") {
  std::string bytes;
  ByteWriter out(bytes);
  out.varint(300);
  out.signed_varint(-5);
  out.signed_varint(INT64_MIN);
  out.text("网点");
  out.f64(-0.5);
  out.key_u32(7);
  ByteReader in(bytes);
  CHECK(in.varint() == 300);
  CHECK(in.signed_varint() == -5);
  CHECK(in.signed_varint() == INT64_MIN);
  CHECK(in.text() == "网点");
  CHECK(in.f64() == -0.5);
  CHECK(in.key_u32() == 7);
  CHECK(in.at_end());
  CHECK(in.ok());
  CHECK(in.u64() == 0);
  CHECK_FALSE(in.ok());

  ByteReader cut(
      std::string_view("\x05"
                       "ab",
                       3));
  CHECK(cut.text().empty());
  CHECK_FALSE(cut.ok());
}
