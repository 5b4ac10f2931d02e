// The board over HTTP: lists, an alert with its history, actions and their refusals.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "fake_engine.h"
#include "http_client.h"
#include "state/memory_key_value.h"

namespace fengsui::server {
namespace {

using nlohmann::json;

// A board with three alerts; what is done to it is done at once.
struct AlertsService {
  AlertsService() {
    rule.id = "gas-repeat";
    rule.title = "燃气";
    for (int i = 1; i <= 3; ++i) {
      alert::Record record;
      record.alert = "000000000000000" + std::to_string(i);
      record.grade = static_cast<rules::Grade>(i);
      record.area = "62050" + std::to_string(i);
      record.message = "<b>" + std::to_string(i) + "</b>";
      const std::vector<std::string> queues{"duty"};
      REQUIRE(board.say({record, rule, R"({"schema":"fengsui.alert/1"})", queues}, clock.wall()));
    }
    REQUIRE(tables->write(board.take_writes(), state::Sync::Now));
    board.committed();
    ServerOptions options;
    options.http.port = 0;
    auto started = Server::start(
        options,
        {.batches = engine.batches(),
         .metrics = metrics,
         .clock = clock,
         .readiness = [] { return Readiness{}; },
         .board = &board,
         .act = [this](const std::string& alert, const board::ActionRequest& request,
                       const auto& done) { done(board.act(alert, request, clock.wall())); }});
    REQUIRE(started);
    server = std::move(*started);
  }
  json list(const std::string& query, int status = 200) {
    HttpClient client(server->port());
    const auto reply = client.get("/v1/alerts" + query);
    REQUIRE(reply);
    CHECK(reply->status == status);
    return json::parse(reply->body);
  }
  Reply act(const std::string& alert, const std::string& body, const std::string& header = "") {
    HttpClient client(server->port());
    client.send("POST /v1/alerts/" + alert + "/actions HTTP/1.1\r\nHost: localhost\r\n" + header +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    auto reply = client.receive();
    REQUIRE(reply);
    return *reply;
  }

  std::shared_ptr<state::MemoryTables> shared = std::make_shared<state::MemoryTables>();
  std::unique_ptr<state::KeyValue> tables = state::make_memory_key_value(shared);
  board::Board board = *board::Board::open(*tables);
  rules::Rule rule;
  Metrics metrics;
  ManualClock clock{EventTime{Duration{784111777000}}};
  FakeEngine engine;
  std::unique_ptr<Server> server;
};

constexpr const char* kThird = "0000000000000003";
constexpr const char* kAck = R"({"action":"ack","version":1,"actor":"wang","role":"duty"})";

TEST_CASE("alerts are listed, the newest first, by pages and filters") {
  AlertsService service;
  const json all = service.list("");
  REQUIRE(all["alerts"].size() == 3);
  CHECK_FALSE(all.contains("next"));
  const json& first = all["alerts"][0];
  CHECK(first["alert"] == kThird);
  CHECK(first["grade"] == "orange");
  CHECK(first["state"] == "new");
  CHECK(first["title"] == "燃气");
  CHECK(first["message"] == "<b>3</b>");
  CHECK(first["arrived"] == "1994-11-06T08:49:37.000Z");
  const json page = service.list("?limit=2");
  CHECK(page["alerts"].size() == 2);
  const json rest = service.list("?limit=2&after=" + page["next"].get<std::string>());
  CHECK(rest["alerts"].size() == 1);
  CHECK_FALSE(rest.contains("next"));
  CHECK(service.list("?grade=blue,orange")["alerts"].size() == 2);
  CHECK(service.list("?q=%3Cb%3E2")["alerts"].size() == 1);
  CHECK(service.list("?area=620501&queue=duty&rule=gas-repeat&state=new")["alerts"].size() == 1);
  CHECK(service.list("?state=closed")["alerts"].empty());
}

TEST_CASE("a query that is none says why") {
  AlertsService service;
  for (const char* const query : {"?grade=pink", "?state=open", "?after=0", "?after=-1", "?after=x",
                                  "?limit=0", "?limit=501", "?colour=red", "?q=%", "?q=a&q=b"}) {
    CAPTURE(query);
    CHECK(service.list(query, 400)["type"] == "urn:fengsui:problem:bad-query");
  }
}

TEST_CASE("an alert has its record, its history, and what may be done") {
  AlertsService service;
  HttpClient client(service.server->port());
  const auto reply = client.get(std::string("/v1/alerts/") + kThird);
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(reply->header("ETag") == "\"1\"");
  CHECK(reply->header("Content-Type") == "application/json");
  const json alert = json::parse(reply->body);
  CHECK(alert["record"]["schema"] == "fengsui.alert/1");
  REQUIRE(alert["history"].size() == 1);
  CHECK(alert["history"][0]["kind"] == "open");
  CHECK(alert["actions"][0] ==
        json({{"action", "ack"}, {"roles", {"duty", "lead"}}, {"needs", json::array()}}));
  CHECK(client.get("/v1/alerts/none")->status == 404);
  CHECK(client.get("/v1/alerts/")->status == 404);
  CHECK(client.get(std::string("/v1/alerts/") + kThird + "/actions")->status == 405);
}

TEST_CASE("one acts, the other is told how it stands") {
  AlertsService service;
  const Reply first = service.act(kThird, kAck);
  CHECK(first.status == 200);
  CHECK(first.header("ETag") == "\"2\"");
  CHECK(json::parse(first.body)["state"] == "acked");
  const Reply second = service.act(kThird, kAck);
  CHECK(second.status == 409);
  CHECK(second.head.find("409 Conflict") != std::string::npos);
  const json problem = json::parse(second.body);
  CHECK(problem["type"] == "urn:fengsui:problem:stale-version");
  CHECK(problem["current"]["version"] == 2);
  CHECK(problem["actions"][0]["action"] == "verify");
  CHECK(service.list("?state=acked")["alerts"].size() == 1);
}

TEST_CASE("refusals have a status each") {
  AlertsService service;
  const auto status = [&](const char* body, const char* alert = kThird) {
    return service.act(alert, body).status;
  };
  CHECK(status(R"({"action":"ack","version":1,"actor":"li","role":"handler"})") == 403);
  CHECK(status(R"({"action":"close","version":1,"actor":"li","role":"lead"})") == 409);
  CHECK(status(R"({"action":"note","version":1,"actor":"li","role":"lead"})") == 422);
  CHECK(status(kAck, "0000000000000009") == 404);
  CHECK(service.act(kThird, kAck, "Origin: http://elsewhere\r\n").status == 403);
  service.shared->fail_after(0, Error::outside("disk full"));
  CHECK(status(kAck) == 503);
}

TEST_CASE("a body that is none says what it should be") {
  AlertsService service;
  for (const char* const body :
       {"", "[]", "{", R"({"version":1,"actor":"a","role":"duty"})",
        R"({"action":"acks","version":1,"actor":"a","role":"duty"})",
        R"({"action":"ack","actor":"a","role":"duty"})",
        R"({"action":"ack","version":-1,"actor":"a","role":"duty"})",
        R"({"action":"ack","version":"1","actor":"a","role":"duty"})",
        R"({"action":"ack","version":1,"role":"duty"})",
        R"({"action":"ack","version":1,"actor":"","role":"duty"})",
        R"({"action":"ack","version":1,"actor":7,"role":"duty"})",
        R"({"action":"queue_batch","version":1,"actor":"a","role":"system"})",
        R"({"action":"ack","version":1,"actor":"a","role":"duty","more":1})",
        R"({"action":"note","version":1,"actor":"a","role":"duty","note":"13812345678 calls"})"}) {
    CAPTURE(body);
    const Reply reply = service.act(kThird, body);
    CHECK(reply.status == 400);
    CHECK(json::parse(reply.body)["type"] == "urn:fengsui:problem:bad-body");
  }
  CHECK(service.list("?state=new")["alerts"].size() == 3);
}

// An open stream, its head read.
struct Stream {
  Stream(uint16_t port, const std::string& query, const std::string& header = "") : client(port) {
    client.send("GET /v1/stream" + query + " HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n");
    head = client.receive_until("\r\n\r\n");
  }
  // The next event: its id, its kind, and its data.
  struct Event {
    std::string id, kind;
    json data;
  };
  Event next() {
    client.receive_until("id: ");
    Event event;
    event.id = client.receive_until("\n");
    event.id.pop_back();
    client.receive_until("event: ");
    event.kind = client.receive_until("\n");
    event.kind.pop_back();
    client.receive_until("data: ");
    event.data = json::parse(client.receive_until("\n\n"));
    return event;
  }
  HttpClient client;
  std::string head;
};

TEST_CASE("the stream says what happens, and goes on where its reader left off") {
  AlertsService service;
  Stream live(service.server->port(), "");
  CHECK(live.head.starts_with("HTTP/1.1 200 OK"));
  CHECK(live.head.find("Content-Type: text/event-stream") != std::string::npos);
  CHECK(live.head.find("Content-Length") == std::string::npos);
  CHECK(live.client.receive_until("\n\n") == "retry: 1000\n\n");
  CHECK(service.act(kThird, kAck).status == 200);
  const Stream::Event ack = live.next();
  CHECK(ack.id == "4");
  CHECK(ack.kind == "action");
  CHECK(ack.data["entry"]["action"] == "ack");
  CHECK(ack.data["alert"]["alert"] == kThird);
  CHECK(ack.data["alert"]["state"] == "acked");
  Stream again(service.server->port(), "?after=1", "Last-Event-ID: 2\r\n");
  CHECK(again.next().id == "3");
  CHECK(again.next().id == "4");
  Stream all(service.server->port(), "?after=0&grade=blue");
  CHECK(all.next().data["alert"]["grade"] == "blue");
  Stream ahead(service.server->port(), "?after=99");
  CHECK(service.act("0000000000000001", kAck).status == 200);
  CHECK(all.next().id == "5");
  CHECK(ahead.next().id == "5");
  HttpClient client(service.server->port());
  CHECK(client.get("/v1/stream?after=x")->status == 400);
  client.send("GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: x\r\n\r\n");
  CHECK(client.receive()->status == 400);
  client.send("HEAD /v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.receive(true)->status == 200);
  CHECK(client.ended());
}

TEST_CASE("a stream without news has a heartbeat, and ends with the server") {
  AlertsService service;
  Stream quiet(service.server->port(), "");
  quiet.client.receive_until("retry: 1000\n\n");
  service.clock.advance(std::chrono::seconds{15});
  CHECK(quiet.client.receive_until("\n\n") == ":\n\n");
  service.server->stop();
  CHECK(quiet.client.ended());
}

}  // namespace
}  // namespace fengsui::server
