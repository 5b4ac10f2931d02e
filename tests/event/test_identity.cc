#include "event/identity.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "event/dead_letter.h"
#include "event/tripwire.h"
#include "key_files.h"

namespace fengsui::event {
namespace {

TEST_CASE("a token is the HMAC by the newest epoch of its feed and purpose") {
  const KeyFolder folder;
  const Expected<KeyRing> ring = KeyRing::load(folder.write(sample_keys()));
  REQUIRE_MESSAGE(ring, ring.error().message);
  // By Python's hmac over the UTF-8 text.
  CHECK(ring->token("sample.all", "fraud_victim", "张三 110") == "p1.k2.rgEgd60DVmya8TpoAoXFpw");
  CHECK(ring->token("other", "safety", "张三 110") == "p1.k2.rgEgd60DVmya8TpoAoXFpw");
  CHECK(ring->token("sample.all", "fraud_victim", "") !=
        ring->token("sample.all", "fraud_victim", " "));
  CHECK(ring->token("sample.all", "safety", "x") == std::nullopt);
  CHECK(ring->token("nowhere", "fraud_victim", "x") == std::nullopt);
  CHECK(ring->has_key("other", "safety"));
  CHECK_FALSE(ring->has_key("other", "fraud_victim"));
  CHECK(ring->has_keys());
}

TEST_CASE("with SM3") {
  const KeyFolder folder;
  const Expected<KeyRing> ring = KeyRing::load(
      folder.write(std::string("hmac: sm3\nkeys: [{feed: f, purpose: p, epoch: k-1_a, key: ") +
                   kCountingKey + "}]"));
  REQUIRE_MESSAGE(ring, ring.error().message);
  // By `openssl dgst -sm3 -mac HMAC`.
  CHECK(ring->token("f", "p", "张三 110") == "p1.k-1_a.2hBDWkdp1c8aPejAkEdP1g");
  CHECK_FALSE(ring->can_seal());
}

TEST_CASE("key files that are refused, with the place") {
  const std::string key = std::string("key: ") + kCountingKey;
  const std::pair<std::string, const char*> cases[] = {
      {"", "not a map"},
      {"- 1", "not a map"},
      {"keys: [", "not YAML"},
      {"passwords: 1", "unknown key"},
      {"keys: 1", "keys is not a list"},
      {"keys: [1]", "a key is a map"},
      {"keys: [{feed: f, purpose: p, epoch: k1}]", "is missing"},
      {"keys: [{feed: f, purpose: p, epoch: k1, key: '%%%'}]", "key is not base64"},
      {"keys: [{feed: f, purpose: p, epoch: k1, key: ''}]", "key is not base64"},
      {"keys: [{feed: f, purpose: p, epoch: k.1, " + key + "}]", "an epoch is letters"},
      {"keys: [{feed: '', purpose: p, epoch: k1, " + key + "}]", "feed is empty"},
      {"keys: [{feed: f, feed: g, purpose: p, epoch: k1, " + key + "}]", "feed is given twice"},
      {"keys: [{feed: f, purpose: p, epoch: k1, x: 1, " + key + "}]", "a key has feed"},
      {"keys:\n- {feed: f, purpose: p, epoch: k1, " + key +
           "}\n- {feed: f, purpose: p, epoch: k1, " + key + "}",
       "3:3: error: feed, purpose and epoch come twice"},
      {"dead_letters: AAECAw==", "1:15: error: dead_letters is not base64 of 32 bytes"},
      {std::string("dead_letters: ") + kCountingKey + "\ndead_letters: " + kCountingKey, "twice"},
      {"hmac: md5", "hmac is sha256 or sm3"},
  };
  const KeyFolder folder;
  for (const auto& [text, words] : cases) {
    const Expected<KeyRing> ring = KeyRing::load(folder.write(text));
    REQUIRE_MESSAGE(!ring, text);
    CHECK_MESSAGE(ring.error().message.find(words) != std::string::npos, ring.error().message);
    CHECK_MESSAGE(ring.error().message.find(kCountingKey) == std::string::npos, "prints a key");
  }
}

TEST_CASE("a key file is its owner's alone") {
  const KeyFolder folder;
  for (const mode_t mode : {0640, 0604, 0660, 0644, 0610}) {
    const Expected<KeyRing> ring = KeyRing::load(folder.write(sample_keys(), mode));
    REQUIRE_FALSE(ring);
    CHECK(ring.error().message.find("chmod 600") != std::string::npos);
  }
  for (const mode_t mode : {0600, 0400, 0700}) {
    CHECK(KeyRing::load(folder.write(sample_keys(), mode)));
  }
  CHECK(KeyRing::load(folder.path("none")).error().kind == Error::Kind::Outside);
  CHECK_FALSE(KeyRing::load(folder.path("")));
}

TEST_CASE("the dead letters' key is made once") {
  const KeyFolder folder;
  const std::string path = folder.path("made.yaml");
  const Expected<KeyRing> first = KeyRing::load_or_make_dead_letter_key(path);
  REQUIRE_MESSAGE(first, first.error().message);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK_FALSE(first->has_keys());
  const Expected<KeyRing> second = KeyRing::load_or_make_dead_letter_key(path);
  REQUIRE(second);
  CHECK(second->unseal(first->seal("bytes")) == "bytes");
  const Expected<KeyRing> other = KeyRing::load_or_make_dead_letter_key(folder.path("other.yaml"));
  CHECK(other->unseal(first->seal("bytes")) == std::nullopt);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path("")), {}) == 2);  // no drafts
  CHECK_FALSE(KeyRing::load_or_make_dead_letter_key(folder.path("no/such/folder")));
  CHECK_FALSE(KeyRing::load_or_make_dead_letter_key(folder.write("keys: []")));
}

TEST_CASE("what is sealed opens with its key, whole, and not otherwise") {
  const KeyFolder folder;
  const Expected<KeyRing> ring = KeyRing::load(folder.write(sample_keys()));
  REQUIRE(ring);
  for (const size_t size : {0, 1, 16, 1000, 1 << 20}) {
    const std::string bytes(size, '\x7e');
    const std::string sealed = ring->seal(bytes);
    CHECK(sealed.size() == size + 28);
    CHECK(ring->unseal(sealed) == bytes);
    CHECK(ring->seal(bytes) != sealed);
  }
  const std::string sealed = ring->seal("some bytes");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] ^= 1;
    CHECK(ring->unseal(changed) == std::nullopt);
    CHECK(ring->unseal(sealed.substr(0, i)) == std::nullopt);
  }
}

TEST_CASE("numbers that name a person") {
  const std::pair<std::string, bool> cases[] = {
      {"11010519491231002X", true},
      {"11010519491231002x", true},
      {"440524188001010014", true},
      {"440524188001010015", false},  // another check character
      {"11010519491231002", false},   // one digit short
      {"1440524188001010014", false},
      {"4405241880010100140", false},
      {"a440524188001010014", false},
      {"11010519491231002Xy", false},
      {"身份证440524188001010014号", true},
      {"id:440524188001010014.", true},
      {"13800138000", true},
      {"19912345678", true},
      {"电话13800138000，急", true},
      {"+86 13800138000", true},
      {"8613800138000", false},
      {"12800138000", false},
      {"1380013800", false},
      {"138001380001", false},
      {"x13800138000", false},
      {"13800138000z", false},
      {"138-0013-8000", false},
      {"9440524188001010014 and 13800138000", true},
      {"", false},
      {"p1.k2026q4.Zk3v8Q0bq1n7mA2tXw9eLg", false},
      {"OUT00954 6205010051644", false},
  };
  for (const auto& [text, expected] : cases) {
    CHECK_MESSAGE(names_a_person(text) == expected, text);
    // What the quick look passes over must not be what the slow one finds.
    if (expected) CHECK_MESSAGE(may_name_a_person("{\"a\":\"" + text + "\"}"), text);
  }
}

TEST_CASE("the tripwire looks at string values, not at names or numbers") {
  const std::pair<std::string, bool> cases[] = {
      {R"("13800138000")", true},
      {R"(  "13800138000")", true},
      {R"(13800138000)", false},
      {R"("no","13800138000")", false},  // behind the value
      {R"(1,"13800138000")", false},
      {R"([1,{"a":["x","13800138000"]}])", true},
      {R"({"13800138000":1})", false},
      {R"({"13800138000" : {"a":"b"}},"13800138000")", false},
      {R"({"a\"b":"\u0031\u0033800138000"})", true},
      {R"({"a":"\\","b":"\"13800138000\""})", true},
      {R"([])", false},
  };
  std::string scratch;
  for (const auto& [text, expected] : cases) {
    CHECK_MESSAGE(value_names_a_person(text, scratch) == expected, text);
    if (expected) CHECK_MESSAGE(may_name_a_person(text), text);
  }
}

TEST_CASE("a number in a record is seen wherever it stands") {
  for (size_t before = 0; before < 40; ++before) {
    const std::string text = "\"" + std::string(before, ' ') + "13800138000";
    CHECK(may_name_a_person(text));
    CHECK_FALSE(may_name_a_person("\"" + std::string(before, ' ') + "1380013800"));
  }
}

TEST_CASE("dead letters, clear, sealed and as digests") {
  const KeyFolder folder;
  const Expected<KeyRing> ring = KeyRing::load(folder.write(sample_keys()));
  REQUIRE(ring);
  const Rejected rejected{Rejection::UnknownType, "no \"schema\""};
  const std::string bytes("{\xff\0", 3);
  const std::string digest = sha256_hex(bytes);

  CHECK(dead_letter_line(rejected, 17, "", bytes, Sealing::Clear, nullptr) ==
        R"({"position":17,"reason":"unknown_type","message":"no \"schema\"","bytes":"e/8A"})");
  CHECK(dead_letter_line(rejected, 17, "f/0", bytes, Sealing::DigestOnly, nullptr) ==
        R"({"position":17,"partition":"f/0","reason":"unknown_type","message":"no \"schema\"",)"
        R"("sha256":")" +
            digest + "\"}");
  const nlohmann::json sealed =
      nlohmann::json::parse(dead_letter_line(rejected, 0, "", bytes, Sealing::Sealed, &*ring));
  CHECK(sealed.size() == 5);
  CHECK(sealed["sha256"] == digest);
  std::string opened;
  REQUIRE(base64_decode(sealed["sealed"].get<std::string>(), opened));
  CHECK(ring->unseal(opened) == bytes);
}

}  // namespace
}  // namespace fengsui::event
