// What of webhooks needs no receiver; tests/acceptance/webhook_test.py has the others.
#include <doctest/doctest.h>

#include "dispatch/dispatch_file.h"
#include "dispatch/http_client.h"
#include "dispatch/webhook_sink.h"
#include "refused.h"

namespace fengsui::dispatch {
namespace {

TEST_CASE("addresses") {
  const struct {
    const char* text;
    bool secure;
    const char *host, *port, *target;
  } good[] = {
      {"https://gas.example/alerts", true, "gas.example", "443", "/alerts"},
      {"http://127.0.0.1:8080", false, "127.0.0.1", "8080", "/"},
      {"http://gas.example?a=b#c", false, "gas.example", "80", "/?a=b"},
      {"https://[::1]:9/x/y?z=/", true, "::1", "9", "/x/y?z=/"},
      {"https://[::1]", true, "::1", "443", "/"},
  };
  for (const auto& row : good) {
    CAPTURE(row.text);
    const Expected<Url> url = parse_url(row.text);
    REQUIRE(url);
    CHECK(url->secure == row.secure);
    CHECK(url->host == row.host);
    CHECK(url->port == row.port);
    CHECK(url->target == row.target);
  }
  for (const char* bad :
       {"", "gas.example", "ftp://gas.example", "https://", "https://:80/", "https://a:b/",
        "https://a:0/", "https://a:65536", "https://user:word@a/", "https://[::1", "https://[::1]x",
        "https://a/ b", "https://a/\r\nX: y", "https://\xe7\x87\x83/"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_url(bad));
  }
}

TEST_CASE("a signature is HMAC-SHA256 of time and body") {
  CHECK(webhook_signature("key", "1772400000", R"({"a":1})") ==
        "v1=b7d0bbc1aba78e84a85f21b99b072d742723d1af82dca347f4dfd48ce59bc7ce");
}

TEST_CASE("a webhook that has no secret to read does not start") {
  const SystemClock clock;
  WebhookSink sink({.http = {.url = *parse_url("http://127.0.0.1:1/")},
                    .secret_file = "/nowhere/secret",
                    .key_prefix = "k"},
                   clock);
  const auto opened = sink.open({});
  REQUIRE_FALSE(opened);
  CHECK_FALSE(opened.error().retryable);
}

TEST_CASE("a receiver that is not there is tried again") {
  const SystemClock clock;
  // Port 1 of loopback: nobody listens.
  WebhookSink sink({.http = {.url = *parse_url("http://127.0.0.1:1/"), .ca_file = {}},
                    .secret_file = {},
                    .key_prefix = "k"},
                   clock);
  REQUIRE(sink.open({}));
  const OutboxEntry entry{1, "a", "{}"};
  const auto delivered = sink.deliver({&entry, 1});
  REQUIRE_FALSE(delivered);
  CHECK(delivered.error().retryable);
}

TEST_CASE("a webhook in the dispatch file") {
  const auto read = [](const std::string& webhook) {
    return read_dispatch_file(
        "d", "route: {queue: a}\nqueues: [{name: a, sinks: [{webhook: {" + webhook + "}}]}]\n");
  };
  const LoadedDispatchFile loaded =
      read("url: 'https://a/', secret_file: s, ca_file: c, timeout: 2s, format: fengsui");
  REQUIRE_MESSAGE(loaded.file, rules::as_text(loaded.issues));
  const auto& spec = std::get<WebhookSinkSpec>(loaded.file->queues[0].sink);
  CHECK(spec == WebhookSinkSpec{"https://a/", "s", "c", std::chrono::seconds{2}});
  const struct {
    const char* webhook;
    const char* found;
  } bad[] = {
      {"secret_file: s", "`webhook` needs `url`"},
      {"url: gas", "d:2:44: error: `gas` is no address: it begins with"},
      {"url: 'http://a', timeout: 0", "`0` is no time-out"},
      {"url: 'http://a', timeout: 1h", "`1h` is no time-out"},
      {"url: 'http://a', format: cap", "the format `cap` is not built yet"},
      {"url: 'http://a', format: xml", "there is no format `xml`"},
      {"url: 'http://a', secret_fil: x", "did you mean `secret_file`"},
  };
  for (const auto& row : bad) {
    CAPTURE(row.webhook);
    check_refused(read(row.webhook), row.found);
  }
}

}  // namespace
}  // namespace fengsui::dispatch
