#include <doctest/doctest.h>

#include <thread>

#include "fake_engine.h"
#include "http_client.h"

namespace fengsui::server {
namespace {

constexpr const char* kOne = "application/cloudevents+json";
constexpr const char* kGood = R"({"good":1})";

double limit_hits(const Service& service, const std::string& limit) {
  return value_of(service.scrape(), "fengsui_limit_hits_total{limit=\"" + limit + "\"}");
}

// Asks until the server has noticed that a connection is gone.
bool served_at_last(uint16_t port) {
  for (int i = 0; i < 100'000; ++i) {
    HttpClient client(port);
    const auto reply = client.get("/healthz");
    if (reply && reply->status == 200) return true;
    std::this_thread::yield();
  }
  return false;
}

TEST_CASE("a connection is kept, until the client says otherwise") {
  Service service;
  HttpClient client(service.port());
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.post(kOne, kGood);
    REQUIRE(reply);
    CHECK(reply->header("Connection") == "keep-alive");
  }
  client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const auto last = client.receive();
  REQUIRE(last);
  CHECK(last->header("Connection") == "close");
  CHECK(client.ended());

  HttpClient old(service.port());
  old.send("GET /healthz HTTP/1.0\r\n\r\n");
  CHECK(old.receive()->header("Connection") == "close");
  CHECK(old.ended());

  HttpClient old_kept(service.port());
  old_kept.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(old_kept.receive()->header("Connection") == "keep-alive");
  CHECK(old_kept.get("/healthz")->status == 200);
}

TEST_CASE("requests sent ahead are answered in their order") {
  Service service;
  HttpClient client(service.port());
  std::string text;
  for (int i = 0; i < 50; ++i) {
    text += post_text(kOne, kGood);
    text += "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
    text += "HEAD /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    text += post_text("text/plain", "x");
  }
  client.send(text);
  client.finish_sending();
  for (int i = 0; i < 50; ++i) {
    CAPTURE(i);
    for (const int status : {202, 404, 200, 415}) {
      const auto reply = client.receive(status == 200);
      REQUIRE(reply);
      REQUIRE(reply->status == status);
    }
  }
  CHECK(client.ended());
}

TEST_CASE("a body in chunks, byte by byte") {
  Service service;
  HttpClient client(service.port());
  const std::string text =
      "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n4;x=y\r\n{\"go\r\n6\r\nod\":1}\r\n0\r\nTrailer: x\r\n\r\n";
  for (const char byte : text) client.send({&byte, 1});
  CHECK(client.receive()->status == 202);
  CHECK(service.engine.records() == std::vector<std::string>{kGood});
}

TEST_CASE("a client that asks before it sends is invited, or told at once") {
  ServerOptions options;
  options.http.limits.body_bytes_max = 100;
  Service service(options);
  const auto head = [](int bytes) {
    return "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Expect: 100-continue\r\nContent-Length: " +
           std::to_string(bytes) + "\r\n\r\n";
  };
  HttpClient client(service.port());
  client.send(head(10));
  CHECK(client.receive()->status == 100);
  client.send(kGood);
  CHECK(client.receive()->status == 202);
  client.send(head(10) + kGood);  // did not wait
  CHECK(client.receive()->status == 202);
  client.send(head(1000));
  CHECK(client.receive()->status == 413);
  CHECK(client.ended());
}

TEST_CASE("limits of size") {
  ServerOptions options;
  options.http.limits.body_bytes_max = 1000;
  options.http.limits.header_bytes_max = 1000;
  Service service(options);
  const std::string chunked =
      "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  const std::string much(3000, 'x');
  struct Case {
    const char* name;
    std::string text;
    int status;
    const char* limit;
  };
  const Case cases[] = {
      {"announced body", post_text(kOne, std::string(1001, ' ')), 413, "http_body_bytes_max"},
      {"body in chunks", chunked + "3e8\r\n" + std::string(1000, ' ') + "\r\n1\r\n \r\n0\r\n\r\n",
       413, "http_body_bytes_max"},
      {"one vast chunk", chunked + "ffffffffffff\r\n", 413, "http_body_bytes_max"},
      {"header", "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + much + "\r\n\r\n", 431,
       "http_header_bytes_max"},
      {"header that does not end", "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + much, 431,
       "http_header_bytes_max"},
      {"request line", "GET /" + much, 431, "http_header_bytes_max"},
      {"chunk extension that does not end", chunked + "1;" + much, 431, "http_header_bytes_max"},
      {"trailer that does not end", chunked + "0\r\nX: " + much, 431, "http_header_bytes_max"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const double hits = std::max(0.0, limit_hits(service, c.limit));
    HttpClient client(service.port());
    client.send(c.text);
    const auto reply = client.receive();
    REQUIRE(reply);
    CHECK(reply->status == c.status);
    CHECK(reply->header("Connection") == "close");
    CHECK(client.ended());
    CHECK(limit_hits(service, c.limit) == hits + 1);
  }
  HttpClient client(service.port());
  CHECK(client.post(kOne, kGood + std::string(900, ' '))->status == 202);
  CHECK(service.engine.records().size() == 1);
}

TEST_CASE("all bodies together have a limit") {
  ServerOptions options;
  options.http.limits.bodies_bytes_max = 100;
  Service service(options);
  service.engine.set(FakeEngine::Mode::Cork);
  HttpClient first(service.port());
  first.send(post_text(kOne, kGood + std::string(80, ' ')));
  service.engine.wait_taken(1);
  {
    HttpClient second(service.port());
    const auto reply = second.post(kOne, kGood + std::string(80, ' '));
    REQUIRE(reply);
    CHECK(reply->status == 503);
    CHECK(reply->header("Retry-After") == "1");
    CHECK(second.ended());
  }
  CHECK(limit_hits(service, "http_bodies_bytes_max") == 1);
  service.engine.set(FakeEngine::Mode::Commit);
  CHECK(first.receive()->status == 202);
  CHECK(first.post(kOne, kGood + std::string(80, ' '))->status == 202);  // given back
}

TEST_CASE("a slow client is told 408, one that says nothing is left") {
  ServerOptions options;
  options.http.limits.request_time_max = Duration{30};
  Service service(options);
  const std::string text = post_text(kOne, kGood);
  for (const size_t sent : {size_t{1}, size_t{20}, text.size() - 20, text.size() - 1}) {
    CAPTURE(sent);
    HttpClient client(service.port());
    client.send(text.substr(0, sent));
    const auto reply = client.receive();
    REQUIRE(reply);
    CHECK(reply->status == 408);
    CHECK(client.ended());
  }
  CHECK(limit_hits(service, "http_request_time_max") == 4);
  CHECK(service.engine.records().empty());

  options.http.limits.idle_time_max = Duration{30};
  Service impatient(options);
  HttpClient silent(impatient.port());
  CHECK(silent.ended());
  CHECK(limit_hits(impatient, "http_idle_time_max") == 1);
}

TEST_CASE("a client that takes no answers is cut off") {
  ServerOptions options;
  options.http.limits.write_time_max = Duration{50};
  Service service(options);
  HttpClient client(service.port());
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  // Until both directions are full, the server waits, gives up and closes.
  for (int i = 0; i < 1000 && client.send(requests); ++i) {
  }
  client.receive_all();
  CHECK(limit_hits(service, "http_write_time_max") == 1);
}

TEST_CASE("connections have a limit, and those beyond are told so") {
  ServerOptions options;
  options.http.limits.connections_max = 2;
  options.http.limits.refusals_max = 1;
  options.http.limits.linger_time_max = std::chrono::minutes{10};
  Service service(options);
  auto first = std::make_unique<HttpClient>(service.port());
  HttpClient second(service.port());
  REQUIRE(first->get("/healthz"));
  REQUIRE(second.get("/healthz"));
  {
    HttpClient third(service.port());
    const auto reply = third.receive();
    REQUIRE(reply);
    CHECK(reply->status == 503);
    CHECK(reply->header("Retry-After") == "1");
    HttpClient fourth(service.port());  // the third still lingers
    CHECK(fourth.ended());
    CHECK(limit_hits(service, "http_connections_max") == 1);
    CHECK(limit_hits(service, "http_refusals_max") == 1);
  }
  first.reset();
  CHECK(served_at_last(service.port()));
}

}  // namespace
}  // namespace fengsui::server
