#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "fake_engine.h"
#include "http_client.h"

namespace fengsui::server {
namespace {

constexpr const char* kOne = "application/cloudevents+json";
constexpr const char* kGood = R"({"good":1})";

bool refuses(uint16_t port) {
  for (int i = 0; i < 1'000'000; ++i) {
    HttpClient client(port);
    if (!client.connected()) return true;
    std::this_thread::yield();
  }
  return false;
}

TEST_CASE("stopping finishes what is in flight, and takes nothing new") {
  Service service;
  service.engine.set(FakeEngine::Mode::Cork);
  HttpClient idle(service.port());
  REQUIRE(idle.get("/healthz"));
  HttpClient client(service.port());
  // A second request is sent ahead: it comes after the stop and is not served.
  client.send(post_text(kOne, kGood) + post_text(kOne, kGood));
  service.engine.wait_taken(1);

  const uint16_t port = service.port();
  std::future<void> stopped = std::async(std::launch::async, [&] { service.server->stop(); });
  CHECK(refuses(port));
  CHECK(idle.ended());
  service.engine.set(FakeEngine::Mode::Commit);
  const auto reply = client.receive();
  REQUIRE(reply);
  CHECK(reply->status == 202);
  CHECK(reply->header("Connection") == "close");
  CHECK(client.ended());
  stopped.get();
  CHECK(service.engine.records().size() == 1);
  service.server->stop();  // again: nothing
}

TEST_CASE("stopping does not wait for ever, an answer after the end goes nowhere") {
  ServerOptions options;
  options.http.limits.drain_time_max = Duration{30};
  Service service(options);
  service.engine.set(FakeEngine::Mode::Cork);
  HttpClient client(service.port());
  client.send(post_text(kOne, kGood));
  HttpClient half(service.port());
  half.send("GET / HT");
  service.engine.wait_taken(1);
  service.server->stop();
  CHECK(client.ended());
  CHECK(half.ended());
  CHECK(value_of(service.scrape(), "fengsui_limit_hits_total{limit=\"http_drain_time_max\"}") == 1);
  SUBCASE("the server is stopped") { service.engine.set(FakeEngine::Mode::Commit); }
  SUBCASE("the server is gone") {
    service.server.reset();
    service.engine.set(FakeEngine::Mode::Commit);
  }
  SUBCASE("the batch is dropped") {
    service.server.reset();
    service.engine.set(FakeEngine::Mode::Drop);
  }
}

TEST_CASE("start and stop, over and over") {
  for (int i = 0; i < 50; ++i) {
    Service service;
    if (i % 2 == 0) {
      HttpClient client(service.port());
      CHECK(client.post(kOne, kGood)->status == 202);
    }
  }
}

}  // namespace
}  // namespace fengsui::server
