// A dead letter as a line of JSON: position, reason, message, and the bytes as they came (base64),
// or sealed, or only their SHA-256 (privacy.md 1).
#pragma once

#include <string>
#include <string_view>

#include "event/event.h"
#include "event/identity.h"

namespace fengsui::event {

enum class Sealing : uint8_t {
  Clear,       // {"position","reason","message","bytes"}: packs without identity fields
  Sealed,      // {"position","reason","message","sha256","sealed"}
  DigestOnly,  // {"position","reason","message","sha256"}: no key to seal with
};

// Those of a pack without identity fields stay clear. `keys` may be null.
Sealing sealing_of(bool has_identity, const KeyRing* keys);

// Without the line feed. `partition` is written where it is not empty. Requires: keys where Sealed.
std::string dead_letter_line(const Rejected& rejected, uint64_t position,
                             std::string_view partition, std::string_view bytes, Sealing sealing,
                             const KeyRing* keys);

}  // namespace fengsui::event
