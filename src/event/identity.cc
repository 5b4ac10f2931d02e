#include "event/identity.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <array>

#include "base/hash.h"
#include "base/invariant.h"
#include "event/key_file.h"

namespace fengsui::event {
namespace {

constexpr std::string_view kTokenVersion = "p1.";
constexpr size_t kTokenBytes = 16;  // of the HMAC's 32
constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;
constexpr size_t kSealingKeySize = 32;

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Ready to be copied and given a value; null if OpenSSL does not have the digest.
MacContext keyed_mac(std::string_view key, std::string digest) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  if (mac == nullptr) return nullptr;
  MacContext context(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);  // the context holds its own reference
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_init(context.get(), raw(key), key.size(), parameters) != 1)
    return nullptr;
  return context;
}

}  // namespace

struct KeyRing::Keys {
  struct Key {
    std::string feed, purpose, epoch;
    MacContext mac;  // holds the key; OpenSSL wipes it
  };
  std::vector<Key> keys;
  std::string dead_letters;

  Keys() = default;
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  ~Keys() { wipe(dead_letters); }

  const Key* newest(std::string_view feed, std::string_view purpose) const {
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
      if (key->feed == feed && key->purpose == purpose) return &*key;
    }
    return nullptr;
  }
};

KeyRing::KeyRing(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {}
KeyRing::KeyRing(KeyRing&&) noexcept = default;
KeyRing& KeyRing::operator=(KeyRing&&) noexcept = default;
KeyRing::~KeyRing() = default;

Expected<KeyRing> KeyRing::load(const std::string& path) {
  Expected<KeyFile> file = read_key_file(path);
  if (!file) return fail(std::move(file.error()));
  auto keys = std::make_unique<Keys>();
  keys->dead_letters = file->dead_letters;
  for (const KeyFile::Key& key : file->keys) {
    MacContext mac = keyed_mac(key.bytes, file->digest);
    if (!mac) return fail(Error::outside("OpenSSL has no HMAC with " + file->digest));
    keys->keys.push_back({key.feed, key.purpose, key.epoch, std::move(mac)});
  }
  return KeyRing(std::move(keys));
}

Expected<KeyRing> KeyRing::load_or_make_dead_letter_key(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) {
    std::string key(kSealingKeySize, '\0');
    if (RAND_priv_bytes(raw(key), static_cast<int>(key.size())) != 1) {
      return fail(Error::outside("OpenSSL's generator gives nothing"));
    }
    const Expected<void> made = make_dead_letter_file(path, key);
    wipe(key);
    if (!made) return fail(Error(made.error()));
  }
  Expected<KeyRing> ring = load(path);
  if (ring && !ring->can_seal()) {
    return fail(Error::bad_input("key file " + path + ": dead_letters is missing"));
  }
  return ring;
}

std::optional<std::string> KeyRing::token(std::string_view feed, std::string_view purpose,
                                          std::string_view value) const {
  const Keys::Key* key = keys_->newest(feed, purpose);
  if (key == nullptr) return std::nullopt;
  const MacContext mac(EVP_MAC_CTX_dup(key->mac.get()));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  size_t size = 0;
  const bool made = mac && EVP_MAC_update(mac.get(), raw(value), value.size()) == 1 &&
                    EVP_MAC_final(mac.get(), digest.data(), &size, digest.size()) == 1;
  INVARIANT(made && size >= kTokenBytes);
  return std::string(kTokenVersion) + key->epoch + "." +
         base64url_encode({reinterpret_cast<const char*>(digest.data()), kTokenBytes});
}

bool KeyRing::has_key(std::string_view feed, std::string_view purpose) const {
  return keys_->newest(feed, purpose) != nullptr;
}
bool KeyRing::has_keys() const { return !keys_->keys.empty(); }
bool KeyRing::can_seal() const { return !keys_->dead_letters.empty(); }

// Nonces are drawn, so a key is good for some 2^32 seals (NIST SP 800-38D, 8.3).
std::string KeyRing::seal(std::string_view bytes) const {
  INVARIANT(can_seal());
  std::string out(kNonceSize + bytes.size() + kTagSize, '\0');
  unsigned char* nonce = raw(out);
  unsigned char* text = nonce + kNonceSize;
  unsigned char* tag = text + bytes.size();
  const CipherContext context(EVP_CIPHER_CTX_new());
  int size = 0;
  int rest = 0;
  const bool sealed = context && RAND_bytes(nonce, kNonceSize) == 1 &&
                      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                                         raw(keys_->dead_letters), nonce) == 1 &&
                      EVP_EncryptUpdate(context.get(), text, &size, raw(bytes),
                                        static_cast<int>(bytes.size())) == 1 &&
                      EVP_EncryptFinal_ex(context.get(), text + size, &rest) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, tag) == 1;
  INVARIANT(sealed);
  return out;
}

std::optional<std::string> KeyRing::unseal(std::string_view sealed) const {
  if (!can_seal() || sealed.size() < kNonceSize + kTagSize) return std::nullopt;
  const std::string_view nonce = sealed.substr(0, kNonceSize);
  const std::string_view text = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  std::string out(text.size(), '\0');
  const CipherContext context(EVP_CIPHER_CTX_new());
  int size = 0;
  int rest = 0;
  const bool opened =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, raw(keys_->dead_letters),
                         raw(nonce)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
      EVP_DecryptUpdate(context.get(), raw(out), &size, raw(text), static_cast<int>(text.size())) ==
          1 &&
      EVP_DecryptFinal_ex(context.get(), raw(out) + size, &rest) == 1;
  if (!opened) return std::nullopt;
  return out;
}

}  // namespace fengsui::event
