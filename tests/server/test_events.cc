#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "fake_engine.h"
#include "http_client.h"

namespace fengsui::server {
namespace {

using nlohmann::json;
using Texts = std::vector<std::string>;

constexpr const char* kOne = "application/cloudevents+json";
constexpr const char* kBatch = "application/cloudevents-batch+json";
constexpr const char* kLines = "application/x-ndjson";

TEST_CASE("a POST becomes records, and each one's end is told") {
  struct Case {
    const char* name;
    const char* content_type;
    std::string body;
    int status;
    Texts records;
    const char* answer;  // members that must be there with these values
  };
  const Case cases[] = {
      {"one event",
       kOne,
       R"({"good":1})",
       202,
       {R"({"good":1})"},
       R"({"accepted":1,"processed":1,"duplicate":0})"},
      {"as plain JSON, with its space",
       "application/json; charset=utf-8",
       " {\"good\":1}\n",
       400,
       {" {\"good\":1}\n"},
       R"({"accepted":0})"},
      {"a duplicate is accepted",
       kOne,
       R"({"dup":1})",
       202,
       {R"({"dup":1})"},
       R"({"accepted":1,"processed":0,"duplicate":1})"},
      {"a late one is not",
       kOne,
       R"({"late":1})",
       400,
       {R"({"late":1})"},
       R"({"accepted":0,"rejected":1,"errors":[{"index":0,"reason":"late","message":"behind the watermark"}]})"},
      {"one that is no JSON",
       kOne,
       "{\"tru",
       400,
       {"{\"tru"},
       R"({"accepted":0,"errors":[{"index":0,"reason":"parse","message":"not an object"}]})"},
      {"an empty batch", kBatch, " [ ] ", 202, {}, R"({"accepted":0})"},
      {"a batch",
       kBatch,
       "[{\"good\":1},\n {\"good\" : [2] } ]",
       202,
       {"{\"good\":1}", "{\"good\" : [2] }"},
       R"({"accepted":2})"},
      {"a batch with bad ones",
       kBatch,
       R"([{"good":1},{"bad":2},7,{"dup":3},{"late":4}])",
       400,
       {R"({"good":1})", R"({"bad":2})", "7", R"({"dup":3})", R"({"late":4})"},
       R"({"accepted":2,"processed":1,"duplicate":1,"rejected":3,"errors":[
         {"index":1,"reason":"schema","message":"data.x: missing"},
         {"index":2,"reason":"parse","message":"not an object"},
         {"index":4,"reason":"late","message":"behind the watermark"}]})"},
      {"a batch that cannot be cut",
       kBatch,
       R"([{"good":1},)",
       400,
       {R"([{"good":1},)"},
       R"({"accepted":0,"rejected":1,"errors":[{"index":0,"reason":"parse",
         "message":"at byte 12: the array is not closed; the whole body is one dead letter"}]})"},
      {"lines",
       kLines,
       "{\"good\":1}\r\n\n{\"good\":2}",
       202,
       {"{\"good\":1}\r", "{\"good\":2}"},
       R"({"accepted":2})"},
      {"lines, one bad",
       kLines,
       "{\"good\":1}\n{\"bad\":1}\n",
       400,
       {"{\"good\":1}", "{\"bad\":1}"},
       R"({"accepted":1,"errors":[{"index":1,"reason":"schema","message":"data.x: missing"}]})"},
      {"no lines", kLines, "\n\n", 202, {}, R"({"accepted":0})"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Service service;
    HttpClient client(service.port());
    const auto reply = client.post(c.content_type, c.body);
    REQUIRE(reply);
    CAPTURE(reply->body);
    CHECK(reply->status == c.status);
    CHECK(reply->header("Content-Type") ==
          (c.status == 202 ? "application/json" : "application/problem+json"));
    const json body = json::parse(reply->body);
    const json expected = json::parse(c.answer);
    for (const auto& [name, value] : expected.items()) {
      CAPTURE(name);
      CHECK(body[name] == value);
    }
    CHECK(service.engine.records() == c.records);
  }
}

TEST_CASE("a batch carries the source's name and the records' numbers") {
  ServerOptions options;
  options.source = "intake";
  Service service(options);
  HttpClient client(service.port());
  CHECK(client.post(kLines, "{\"good\":1}\n{\"good\":2}\n")->status == 202);
  const source::Batch batch = service.engine.last_batch();
  CHECK(batch.source == "intake");
  CHECK(batch.partition.empty());
  CHECK(batch.accepted == service.clock.monotonic());
  CHECK_FALSE(batch.next_position);
  REQUIRE(batch.items.size() == 2);
  CHECK(batch.items[0].position == 0);
  CHECK(batch.items[1].position == 1);
}

TEST_CASE("what is no body of events touches nothing") {
  ServerOptions options;
  options.events_per_post_max = 3;
  Service service(options);
  HttpClient client(service.port());
  struct Case {
    const char* name;
    std::string headers;
    const char* body;
    int status;
  };
  const Case cases[] = {
      {"no type", "", "{}", 415},
      {"text", "Content-Type: text/plain\r\n", "{}", 415},
      {"form", "Content-Type: application/x-www-form-urlencoded\r\n", "{}", 415},
      {"CloudEvents, but not JSON", "Content-Type: application/cloudevents+xml\r\n", "{}", 415},
      {"another charset", "Content-Type: application/json; charset=gbk\r\n", "{}", 415},
      {"compressed", "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", "{}", 415},
      {"empty", "Content-Type: application/json\r\n", "", 400},
      {"too many", "Content-Type: application/cloudevents-batch+json\r\n", "[1,2,3,4]", 413},
      {"too many lines", "Content-Type: application/x-ndjson\r\n", "1\n2\n3\n4\n", 413},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    client.send("POST /v1/events HTTP/1.1\r\nHost: localhost\r\n" + c.headers + "Content-Length: " +
                std::to_string(std::string(c.body).size()) + "\r\n\r\n" + c.body);
    const auto reply = client.receive();
    REQUIRE(reply);
    CHECK(reply->status == c.status);
    CHECK(reply->header("Content-Type") == "application/problem+json");
    if (c.status == 415) CHECK(reply->header("Accept-Post").find(kBatch) != std::string::npos);
  }
  CHECK(service.engine.records().empty());
  CHECK(value_of(service.scrape(),
                 "fengsui_limit_hits_total{limit=\"http_events_per_post_max\"}") == 2);
}

TEST_CASE("a full queue is told at once, and nothing of the POST is taken") {
  Service service({}, 0);  // no room at all
  HttpClient client(service.port());
  const auto reply = client.post(kBatch, R"([{"good":1},{"good":2}])");
  REQUIRE(reply);
  CHECK(reply->status == 429);
  CHECK(reply->header("Retry-After") == "1");
  CHECK(json::parse(reply->body)["accepted"] == 0);
  CHECK(service.engine.records().empty());
  CHECK(value_of(service.scrape(), "fengsui_limit_hits_total{limit=\"http_batch_queue\"}") == 1);
  CHECK(client.get("/healthz")->status == 200);  // the connection stays
}

TEST_CASE("an engine that fails, drops or is not ready: 503, to be sent again") {
  struct Case {
    const char* name;
    FakeEngine::Mode mode;
    Readiness readiness;
    const char* type;
    size_t records;
  };
  const Case cases[] = {
      {"fails", FakeEngine::Mode::Fail, {}, "urn:fengsui:problem:engine", 1},
      {"drops", FakeEngine::Mode::Drop, {}, "urn:fengsui:problem:unanswered", 1},
      {"recovers",
       FakeEngine::Mode::Commit,
       {true, false, {"recovering"}},
       "urn:fengsui:problem:not-ready",
       0},
      {"has failed",
       FakeEngine::Mode::Commit,
       {false, false, {"disk full"}},
       "urn:fengsui:problem:not-ready",
       0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Service service;
    service.engine.set(c.mode);
    service.engine.set(c.readiness);
    HttpClient client(service.port());
    const auto reply = client.post(kOne, R"({"good":1})");
    REQUIRE(reply);
    CHECK(reply->status == 503);
    CHECK(reply->header("Retry-After") == "1");
    CHECK(json::parse(reply->body)["type"] == c.type);
    CHECK(service.engine.records().size() == c.records);
  }
}

TEST_CASE("the answer waits for the commit") {
  Service service;
  service.engine.set(FakeEngine::Mode::Cork);
  HttpClient client(service.port());
  client.send(post_text(kOne, R"({"good":1})"));
  service.engine.wait_taken(1);
  // Another connection is served meanwhile, and shows that this one has no answer yet.
  HttpClient other(service.port());
  const std::string scrape = other.get("/metrics")->body;
  CHECK(scrape.find("route=\"/v1/events\"") == std::string::npos);
  service.engine.set(FakeEngine::Mode::Commit);
  CHECK(client.receive()->status == 202);
}

TEST_CASE("no answer in time: 503, and the late one is nobody's") {
  ServerOptions options;
  options.http.limits.answer_time_max = Duration{30};
  Service service(options);
  service.engine.set(FakeEngine::Mode::Cork);
  HttpClient client(service.port());
  const auto reply = client.post(kOne, R"({"good":1})");
  REQUIRE(reply);
  CHECK(reply->status == 503);
  service.engine.set(FakeEngine::Mode::Commit);
  CHECK(client.ended());
  CHECK(value_of(service.scrape(), "fengsui_limit_hits_total{limit=\"http_answer_time_max\"}") ==
        1);
}

TEST_CASE("many connections at once, on one io thread and on two") {
  for (const int io_threads : {1, 2}) {
    CAPTURE(io_threads);
    ServerOptions options;
    options.http.threads = io_threads;
    Service service(options);
    constexpr int kClients = 24;
    constexpr int kPosts = 20;
    std::atomic<int> accepted = 0;
    {
      std::vector<std::jthread> clients;
      for (int i = 0; i < kClients; ++i) {
        clients.emplace_back([&] {
          HttpClient client(service.port());
          for (int post = 0; post < kPosts; ++post) {
            const auto reply = client.post(kBatch, R"([{"good":1},{"good":2}])");
            if (reply && reply->status == 202) ++accepted;
          }
        });
      }
    }
    CHECK(accepted == kClients * kPosts);
    CHECK(service.engine.records().size() == kClients * kPosts * 2);
  }
}

TEST_CASE("a client that leaves before the answer hurts nobody") {
  Service service;
  service.engine.set(FakeEngine::Mode::Cork);
  {
    HttpClient client(service.port());
    client.send(post_text(kOne, R"({"good":1})"));
    service.engine.wait_taken(1);
  }
  service.engine.set(FakeEngine::Mode::Commit);
  HttpClient client(service.port());
  CHECK(client.post(kOne, R"({"good":2})")->status == 202);
}

}  // namespace
}  // namespace fengsui::server
