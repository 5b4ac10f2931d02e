// Keys and tokens: what the engine keeps of a person is HMAC(key[feed, purpose, epoch], value)
// alone (privacy.md 1). And sealing: AES-256-GCM for dead letters of packs with identity fields. A
// KeyRing is immutable and thread-safe; its keys are wiped when it goes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fengsui::event {

class KeyRing {
 public:
  // YAML, mode 0600 or stricter (else an error):
  //   keys: [{feed: courier.parcel, purpose: fraud_victim, epoch: k2026q4, key: base64}]
  //   dead_letters: base64 of 32 bytes
  //   hmac: sha256 | sm3            (optional, sha256)
  static Expected<KeyRing> load(const std::string& path);
  // Only a dead-letter key: made (mode 0600, from OpenSSL's generator) if the file is not there.
  static Expected<KeyRing> load_or_make_dead_letter_key(const std::string& path);

  KeyRing(KeyRing&&) noexcept;
  KeyRing& operator=(KeyRing&&) noexcept;
  ~KeyRing();

  // "p1.<epoch>.<22 characters>" by the newest epoch (last in the file) of (feed, purpose), or
  // nullopt without such a key.
  std::optional<std::string> token(std::string_view feed, std::string_view purpose,
                                   std::string_view value) const;
  bool has_key(std::string_view feed, std::string_view purpose) const;
  // Of any feed and purpose.
  bool has_keys() const;
  bool can_seal() const;
  // nonce (12 bytes) + ciphertext + tag (16 bytes). Requires: can_seal().
  std::string seal(std::string_view bytes) const;
  // nullopt: not sealed by this key, or changed since.
  std::optional<std::string> unseal(std::string_view sealed) const;

 private:
  struct Keys;
  explicit KeyRing(std::unique_ptr<Keys> keys);
  std::unique_ptr<Keys> keys_;
};

// True if `text` holds an 18-character citizen number whose check character is right (GB 11643) or
// an 11-digit mobile number, with no letter or digit beside it.
bool names_a_person(std::string_view text);

}  // namespace fengsui::event
