// The rules in force over HTTP, and what a reload answers.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "fake_engine.h"
#include "http_client.h"
#include "rules/pack.h"

namespace fengsui::server {
namespace {

using nlohmann::json;
using pipeline::ReloadAnswer;

constexpr const char* kRules = R"(rules:
  - id: one
    title: a title
    from: gate.pass
    by: gate
    grade: { yellow: "true", red: gate == 'G' }
    labels: { department: gates }
    purpose: { use: u, basis: b, retain: 1d }
  - id: two
    from: gate.pass
    mode: shadow
    grade: blue
    purpose: { use: u, basis: b, retain: 1h }
)";

// A server whose engine has a pack and answers reloads with what the test has put there.
struct RulesService {
  RulesService() {
    rules::LoadedPack pack =
        rules::load_pack(rules::PackBytes{{"schemas/s.yaml",
                                           "event: gate.pass\ntype: object\nrequired: "
                                           "[gate]\nproperties:\n  gate: { type: string }\n"},
                                          {"rules.yaml", kRules}});
    REQUIRE(pack.rules);
    status.rules = pack.rules;
    status.by_rule.resize(2);
    status.by_rule[0].counted = {.matches = 7, .errors = 1};
    status.by_rule[0].hits[4] = 3;
    status.by_rule[0].groups = 5;
    ServerOptions options;
    options.http.port = 0;
    auto started = Server::start(options, {.batches = engine.batches(),
                                           .metrics = metrics,
                                           .clock = clock,
                                           .readiness = [] { return Readiness{}; },
                                           .pack_status = [this](auto done) { done(status); },
                                           .reload =
                                               [this](bool warm, auto done) {
                                                 asked_warm = warm;
                                                 done(answer);
                                               }});
    REQUIRE(started);
    server = std::move(*started);
  }
  std::optional<Reply> reload(const std::string& body, const std::string& header = "") {
    HttpClient client(server->port());
    client.send("POST /v1/rules/reload HTTP/1.1\r\nHost: localhost\r\n" + header +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.receive();
  }

  Metrics metrics;
  ManualClock clock{EventTime{Duration{784111777000}}};
  FakeEngine engine;
  pipeline::PackStatus status;
  ReloadAnswer answer;
  std::optional<bool> asked_warm;
  std::unique_ptr<Server> server;
};

TEST_CASE("the rules in force are listed, and shown one by one") {
  RulesService service;
  HttpClient client(service.server->port());
  const auto list = client.get("/v1/rules");
  REQUIRE(list);
  CHECK(list->status == 200);
  const json all = json::parse(list->body);
  CHECK(all["pack"]["hash"] == service.status.rules->hash);
  REQUIRE(all["rules"].size() == 2);
  CHECK(all["rules"][1]["mode"] == "shadow");
  const auto one = client.get("/v1/rules/one");
  REQUIRE(one);
  CHECK(one->status == 200);
  const json rule = json::parse(one->body);
  CHECK(rule == all["rules"][0]);
  CHECK(rule["title"] == "a title");
  CHECK(rule["grades"] == json({"yellow", "red"}));
  CHECK(rule["purpose"]["retain"] == "1d");
  CHECK(rule["pack"] == service.status.rules->hash);
  CHECK(rule["matches"] == 7);
  CHECK(rule["errors"] == 1);
  CHECK(rule["hits"] == json({{"red", 3}}));
  CHECK(rule["groups"] == 5);
  CHECK(client.get("/v1/rules/three")->status == 404);
  CHECK(client.get("/v1/rules/")->status == 404);
  CHECK(client.get("/v1/rules/one/more")->status == 404);
  CHECK(client.get("/v1/rules/reload")->status == 405);
  CHECK(value_of(service.metrics.scrape(),
                 R"(fengsui_http_requests_total{route="/v1/rules/{id}",status="404"})") == 1);
}

TEST_CASE("a reload answers with both hashes and what became of the rules") {
  RulesService service;
  service.answer.outcome = ReloadAnswer::Outcome::Swapped;
  service.answer.swap.old_hash = "aa";
  service.answer.swap.new_hash = "bb";
  service.answer.swap.kept = {"one"};
  service.answer.swap.fresh = {"three"};
  service.answer.swap.removed = {"two"};
  const auto reply = service.reload("");
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(service.asked_warm == false);
  const json body = json::parse(reply->body);
  CHECK(body["outcome"] == "swapped");
  CHECK(body["old"] == "aa");
  CHECK(body["new"] == "bb");
  CHECK(body["kept"] == json({"one"}));
  CHECK(body["fresh"] == json({"three"}));
  CHECK(body["removed"] == json({"two"}));
  CHECK(service.reload(R"({"warm": true})")->status == 200);
  CHECK(service.asked_warm == true);
}

TEST_CASE("a reload that is refused says why") {
  RulesService service;
  service.answer.outcome = ReloadAnswer::Outcome::Refused;
  rules::Issue issue;
  issue.message = "unknown key";
  service.answer.issues = {issue};
  const auto refused = service.reload("");
  REQUIRE(refused);
  CHECK(refused->status == 422);
  CHECK(refused->header("Content-Type") == "application/problem+json");
  const json body = json::parse(refused->body);
  CHECK(body["type"] == "urn:fengsui:problem:pack-refused");
  CHECK(body["findings"][0]["message"] == "unknown key");
  service.answer.outcome = ReloadAnswer::Outcome::Busy;
  CHECK(service.reload("")->status == 409);
  service.answer.outcome = ReloadAnswer::Outcome::Failed;
  service.answer.message = "no archive";
  CHECK(json::parse(service.reload("")->body)["detail"] == "no archive");
}

TEST_CASE("what is no request for a reload makes none") {
  RulesService service;
  for (const char* body : {"x", "[]", R"({"warm": 1})", R"({"cold": true})", "{"}) {
    CAPTURE(body);
    CHECK(service.reload(body)->status == 400);
  }
  CHECK(service.reload("", "Origin: http://localhost:8600\r\n")->status == 403);
  CHECK_FALSE(service.asked_warm.has_value());
}

}  // namespace
}  // namespace fengsui::server
