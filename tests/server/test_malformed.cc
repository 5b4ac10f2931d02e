#include <doctest/doctest.h>

#include <random>

#include "fake_engine.h"
#include "http_client.h"

namespace fengsui::server {
namespace {

using namespace std::literals;

TEST_CASE("what is not HTTP/1.1 is refused, and the connection closed") {
  Service service;
  const std::string post =
      "POST /v1/events HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\n";
  struct Case {
    const char* name;
    std::string text;
  };
  const Case cases[] = {
      {"no HTTP at all", "hello\r\n\r\n"},
      {"a line feed", "\n\n"},
      {"NUL bytes", std::string(64, '\0')},
      {"a TLS hello", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03\r\n\r\n"},
      {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"HTTP/0.9", "GET /\r\n\r\n"},
      {"a version to come", "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n"},
      {"no method", " / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"line feeds only", "GET / HTTP/1.1\nHost: localhost\n\n"},
      {"no Host", "GET / HTTP/1.1\r\n\r\n"},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"},
      {"a space before the colon", "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n"},
      {"no colon", "GET / HTTP/1.1\r\nHost localhost\r\n\r\n"},
      {"a header without a name", "GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n"},
      {"NUL in a header", "GET / HTTP/1.1\r\nHost: local\0host\r\n\r\n"s},
      {"a length that is none", post + "Content-Length: x\r\n\r\n"},
      {"a negative length", post + "Content-Length: -1\r\n\r\n"},
      {"a signed length", post + "Content-Length: +2\r\n\r\n{}"},
      {"a length beyond 64 bits", post + "Content-Length: 99999999999999999999\r\n\r\n"},
      {"two lengths", post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"},
      {"length and chunks", post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"},
      {"chunks and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}"},
      {"chunked is not last", post + "Transfer-Encoding: chunked, gzip\r\n\r\n{}"},
      {"another coding under chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n{}"},
      {"another coding", post + "Transfer-Encoding: gzip\r\n\r\n{}"},
      {"two codings", post + "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"a coding in HTTP/1.0",
       "POST /v1/events HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"a chunk size that is none", post + "Transfer-Encoding: chunked\r\n\r\nx\r\n"},
      {"a chunk longer than it says",
       post + "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    HttpClient client(service.port());
    client.send(c.text);
    const auto reply = client.receive();
    REQUIRE(reply);
    CHECK(reply->status == 400);
    CHECK(reply->header("Content-Type") == "application/problem+json");
    CHECK(reply->header("Connection") == "close");
    CHECK(client.ended());
  }
  CHECK(service.engine.records().empty());
}

TEST_CASE("a request that ends in the middle gets no answer") {
  Service service;
  const std::string text = post_text("application/json", R"({"good":1})");
  for (size_t sent = 0; sent < text.size(); ++sent) {
    CAPTURE(sent);
    HttpClient client(service.port());
    client.send(text.substr(0, sent));
    client.finish_sending();
    REQUIRE(client.ended());
  }
  CHECK(service.engine.records().empty());
}

// Seeded damage to good requests: each connection must end, and the server must live on.
TEST_CASE("damaged requests end, one way or the other") {
  ServerOptions options;
  options.http.limits.request_time_max = Duration{200};
  options.http.limits.idle_time_max = Duration{200};
  Service service(options);
  const std::string sound =
      post_text("application/cloudevents-batch+json", R"([{"good":1},{"bad":2}])") +
      "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n3\r\n1}\n\r\n0\r\n\r\n"
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  static constexpr auto kBytes = "\0\r\n :;,/0129afPT{}[]\"\\\x7f\x80\xff"sv;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::string text = sound;
    for (uint64_t i = 0, n = 1 + random() % 4; i < n; ++i) {
      const size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = kBytes[random() % kBytes.size()];
          break;
        case 1:
          text.erase(at, 1 + random() % 8);
          break;
        case 2:
          text.insert(at, 1 + random() % 3, kBytes[random() % kBytes.size()]);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 40));
      }
    }
    HttpClient client(service.port());
    client.send(text);
    client.finish_sending();
    client.receive_all();  // comes back
  }
  HttpClient client(service.port());
  CHECK(client.get("/healthz")->status == 200);
}

}  // namespace
}  // namespace fengsui::server
