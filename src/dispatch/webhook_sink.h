// A queue that is another system's HTTP address: one POST a message, in order, until it says 2xx.
// Each carries Idempotency-Key (the same whenever it is sent again) and, where there is a secret, a
// signature of time and body (DESIGN.md). One thread.
#pragma once

#include <string>

#include "base/clock.h"
#include "dispatch/http_client.h"
#include "dispatch/sink.h"

namespace fengsui::dispatch {

struct WebhookSinkOptions {
  HttpClient::Options http;
  std::string secret_file;  // empty: messages are not signed
  std::string key_prefix;   // of Idempotency-Key: the state's id and the queue's name
};

// "v1=" and the hex HMAC-SHA256 of "timestamp.body".
std::string webhook_signature(const std::string& secret, const std::string& timestamp,
                              const std::string& body);

class WebhookSink final : public Sink {
 public:
  // Requires: `clock` outlives it.
  WebhookSink(WebhookSinkOptions options, const Clock& clock)
      : options_(std::move(options)), clock_(clock), client_(options_.http) {}

  // Errors, not retryable: the secret cannot be read, or is empty.
  Expected<uint64_t> open(const DeliveryMark& mark) override;
  // Some of them, the first ones: 16 at most, as many as went. Errors, retryable: what the first
  // met.
  Expected<DeliveryMark> deliver(std::span<const OutboxEntry> entries) override;
  Duration asked_to_wait() const override { return asked_to_wait_; }
  void close() override { client_.close(); }

 private:
  Expected<void> post(const OutboxEntry& entry);

  const WebhookSinkOptions options_;
  const Clock& clock_;
  HttpClient client_;
  std::string secret_;
  Duration asked_to_wait_{0};
};

}  // namespace fengsui::dispatch
