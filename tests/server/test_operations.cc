#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "fake_engine.h"
#include "http_client.h"

namespace fengsui::server {
namespace {

TEST_CASE("it listens on loopback only, and says why") {
  Metrics metrics;
  const SystemClock clock;
  source::BatchQueue batches(1, 1);
  const Dependencies dependencies{batches, metrics, clock, [] { return Readiness{}; }};
  struct Case {
    const char* address;
    bool starts;
  };
  const Case cases[] = {
      {"127.0.0.1", true},        {"localhost", true}, {"127.0.0.2", true},
      {"0.0.0.0", false},         {"::", false},       {"10.0.0.1", false},
      {"fengsui.example", false}, {"", false},         {"127.0.0.1:80", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.address);
    ServerOptions options;
    options.http.address = c.address;
    options.http.port = 0;
    const auto server = Server::start(options, dependencies);
    REQUIRE(server.has_value() == c.starts);
    if (server) {
      CHECK((*server)->port() > 0);
    } else {
      CHECK(server.error().kind == Error::Kind::Usage);
      CHECK(server.error().message.find(c.address) != std::string::npos);
    }
  }
}

TEST_CASE("a port that is taken is an error of the outside world") {
  Service service;
  ServerOptions options;
  options.http.port = service.port();
  const auto second =
      Server::start(options, {service.engine.batches(), service.metrics, service.clock, {}});
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == Error::Kind::Outside);
}

TEST_CASE("health and readiness follow the engine") {
  Service service;
  HttpClient client(service.port());
  struct Case {
    const char* name;
    Readiness readiness;
    int healthz;
    int readyz;
  };
  const Case cases[] = {
      {"well", {true, true, {}}, 200, 200},
      {"recovering", {true, false, {"recovering: 3 of 10 frames"}}, 200, 503},
      {"failed", {false, true, {"disk full"}}, 503, 503},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    service.engine.set(c.readiness);
    const auto health = client.get("/healthz");
    REQUIRE(health);
    CHECK(health->status == c.healthz);
    const auto ready = client.get("/readyz");
    REQUIRE(ready);
    CHECK(ready->status == c.readyz);
    CHECK(ready->header("Cache-Control") == "no-store");
    if (c.readyz == 200) {
      CHECK(ready->body == "{\"status\":\"ready\"}");
    } else {
      CHECK(ready->header("Content-Type") == "application/problem+json");
      CHECK(nlohmann::json::parse(ready->body)["reasons"] == c.readiness.reasons);
    }
  }
}

TEST_CASE("metrics in Prometheus' text format, the server's own among them") {
  Service service;
  service.metrics.records_total("http", "processed").add(5);
  HttpClient client(service.port());
  REQUIRE(client.get("/healthz"));
  const auto reply = client.get("/metrics");
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(reply->header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(value_of(reply->body, "fengsui_records_total{outcome=\"processed\",source=\"http\"}") == 5);
  CHECK(value_of(reply->body, "fengsui_http_requests_total{route=\"/healthz\",status=\"200\"}") ==
        1);
  CHECK(value_of(reply->body, "fengsui_http_request_seconds_count{route=\"/healthz\"}") == 1);
}

TEST_CASE("the home page says what this is, and asks nobody else for anything") {
  Service service;
  HttpClient client(service.port());
  const auto reply = client.get("/");
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(reply->header("Content-Type") == "text/html; charset=utf-8");
  CHECK(reply->header("Server") == "fengsui");
  CHECK(reply->header("Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(reply->header("X-Content-Type-Options") == "nosniff");
  CHECK(reply->header("Content-Security-Policy").starts_with("default-src 'none'"));
  for (const char* part :
       {"lang=\"zh-CN\"", "内部研判提示等级", "/metrics", "/healthz", "/readyz"}) {
    CAPTURE(part);
    CHECK(reply->body.find(part) != std::string::npos);
  }
  for (const char* part : {"http://", "https://", "src=", "@import", "url(", "@VERSION@"}) {
    CAPTURE(part);
    CHECK(reply->body.find(part) == std::string::npos);
  }
  // Embedding changes nothing but the version.
  std::ifstream file(FENGSUI_SOURCE_DIR "/src/server/assets/home.html");
  const std::string source(std::istreambuf_iterator<char>(file), {});
  const size_t mark = source.find("@VERSION@");
  REQUIRE(mark != std::string::npos);
  CHECK(reply->body.substr(0, mark) == source.substr(0, mark));
  CHECK(reply->body.ends_with(source.substr(mark + 9)));
}

TEST_CASE("HEAD is GET without the body") {
  Service service;
  HttpClient client(service.port());
  const auto got = client.get("/");
  client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto reply = client.receive(true);
  REQUIRE(got);
  REQUIRE(reply);
  CHECK(reply->head == got->head);
  CHECK(client.get("/healthz")->status == 200);  // nothing stands between
  client.send("HEAD /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.receive(true)->status == 404);
  CHECK(client.get("/healthz")->status == 200);
  // Refused before it reaches a route.
  client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\nExpect: more\r\n\r\n");
  CHECK(client.receive(true)->status == 417);
  CHECK(client.ended());
}

TEST_CASE("paths and methods that are not there") {
  Service service;
  HttpClient client(service.port());
  CHECK(client.get("/v1/nothing?x=1")->status == 404);
  CHECK(client.get("/healthz?x=1")->status == 200);
  const auto reply = client.get("/v1/events");
  CHECK(reply->status == 405);
  CHECK(reply->header("Allow") == "POST");
  client.send(
      "OPTIONS /v1/events HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n");
  const auto preflight = client.receive();
  CHECK(preflight->status == 405);
  CHECK(preflight->head.find("Access-Control") == std::string::npos);
  client.send("GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.receive()->status == 200);
  client.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  CHECK(client.receive()->status == 421);
}

}  // namespace
}  // namespace fengsui::server
