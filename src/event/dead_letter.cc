#include "event/dead_letter.h"

#include "base/hash.h"
#include "base/invariant.h"
#include "base/json_text.h"

namespace fengsui::event {
namespace {

void append_text(std::string& out, std::string_view name, std::string_view text) {
  out.push_back(',');
  append_json_string(out, name);
  out.push_back(':');
  append_json_string(out, text);
}

}  // namespace

Sealing sealing_of(bool has_identity, const KeyRing* keys) {
  if (!has_identity) return Sealing::Clear;
  return keys != nullptr && keys->can_seal() ? Sealing::Sealed : Sealing::DigestOnly;
}

std::string dead_letter_line(const Rejected& rejected, uint64_t position,
                             std::string_view partition, std::string_view bytes, Sealing sealing,
                             const KeyRing* keys) {
  std::string out = "{\"position\":" + std::to_string(position);
  if (!partition.empty()) append_text(out, "partition", partition);
  append_text(out, "reason", kRejectionNames[static_cast<size_t>(rejected.reason)]);
  append_text(out, "message", rejected.message);
  if (sealing == Sealing::Clear) {
    append_text(out, "bytes", base64_encode(bytes));
  } else {
    append_text(out, "sha256", sha256_hex(bytes));
  }
  if (sealing == Sealing::Sealed) {
    INVARIANT(keys != nullptr);
    append_text(out, "sealed", base64_encode(keys->seal(bytes)));
  }
  out.push_back('}');
  return out;
}

}  // namespace fengsui::event
