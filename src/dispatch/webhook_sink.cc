#include "dispatch/webhook_sink.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/file_text.h"
#include "base/hash.h"
#include "base/invariant.h"

namespace fengsui::dispatch {
namespace {

// Between two marks: so many may come again after a crash.
constexpr size_t kAtOnce = 16;

}  // namespace

std::string webhook_signature(const std::string& secret, const std::string& timestamp,
                              const std::string& body) {
  const std::string text = timestamp + "." + body;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const unsigned char* made =
      HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  INVARIANT(made != nullptr);
  return "v1=" + hex_encode({reinterpret_cast<const char*>(digest), size});
}

Expected<uint64_t> WebhookSink::open(const DeliveryMark& mark) {
  if (!options_.secret_file.empty()) {
    secret_ = read_secret(options_.secret_file).value_or("");
    if (secret_.empty()) {
      return fail(
          Error::outside("the secret in " + options_.secret_file + " cannot be read, or is empty"));
    }
  }
  return mark.sequence;
}

Expected<DeliveryMark> WebhookSink::deliver(std::span<const OutboxEntry> entries) {
  asked_to_wait_ = Duration{0};
  DeliveryMark mark;
  for (const OutboxEntry& entry : entries.first(std::min(entries.size(), kAtOnce))) {
    const Expected<void> posted = post(entry);
    if (!posted) {
      // What went is kept; the others, and what they met, come again.
      if (mark.sequence > 0) break;
      return fail(posted.error());
    }
    mark.sequence = entry.sequence;
  }
  return mark;
}

Expected<void> WebhookSink::post(const OutboxEntry& entry) {
  HttpClient::Headers headers = {
      {"Content-Type", "application/json"},
      {"User-Agent", "fengsui"},
      {"Idempotency-Key", options_.key_prefix + "-" + std::to_string(entry.sequence)}};
  if (!secret_.empty()) {
    const auto now = clock_.wall().time_since_epoch();
    const std::string timestamp =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
    headers.emplace_back("X-Fengsui-Timestamp", timestamp);
    headers.emplace_back("X-Fengsui-Signature",
                         webhook_signature(secret_, timestamp, entry.message));
  }
  const Expected<HttpAnswer> answer = client_.post(entry.message, headers);
  if (!answer) return fail(answer.error());
  if (answer->status >= 200 && answer->status < 300) return {};
  asked_to_wait_ = answer->retry_after.value_or(Duration{0});
  const char* const hint = answer->status < 400 && answer->status >= 300
                               ? " (redirects are not followed: name the address itself)"
                               : "";
  return fail(Error::outside(options_.http.url.host + ":" + options_.http.url.port + " answers " +
                                 std::to_string(answer->status) + hint,
                             true));
}

}  // namespace fengsui::dispatch
