// What operators and their tools ask: metrics, health, readiness, the API's description, and the
// page that says what this is.
#include <nlohmann/json.hpp>

#include "server/assets.h"
#include "server/problem_json.h"
#include "server/server.h"

namespace fengsui::server {
namespace {

Response not_well(const char* slug, const char* detail, const Readiness& readiness) {
  Response response = problem(503, slug, detail, {{"reasons", readiness.reasons}});
  response.headers.push_back({"Cache-Control", "no-store"});
  return response;
}

Response well(const char* status) { return ok({{"status", status}}); }

}  // namespace

void add_operation_routes(Router& router, const Dependencies& dependencies) {
  router.add(
      "GET", "/metrics",
      [&metrics = dependencies.metrics](const Request&, const Responder& responder) {
        responder.answer({200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape(), {}});
      });
  router.add("GET", "/healthz",
             [readiness = dependencies.readiness](const Request&, const Responder& responder) {
               const Readiness now = readiness();
               responder.answer(now.alive
                                    ? well("alive")
                                    : not_well("engine-failed", "The engine has failed.", now));
             });
  router.add(
      "GET", "/readyz",
      [readiness = dependencies.readiness](const Request&, const Responder& responder) {
        const Readiness now = readiness();
        responder.answer(now.alive && now.ready
                             ? well("ready")
                             : not_well("not-ready", "The service takes no events now.", now));
      });
  router.add("GET", "/v1/openapi.json", [](const Request&, const Responder& responder) {
    responder.answer(
        {200, "application/json", std::string(kOpenApi), {{"Cache-Control", "max-age=3600"}}});
  });
  router.add("GET", "/", [](const Request&, const Responder& responder) {
    responder.answer({200,
                      "text/html; charset=utf-8",
                      std::string(kHomePage),
                      {{"Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                        "form-action 'none'; frame-ancestors 'none'"},
                       {"Referrer-Policy", "no-referrer"}}});
  });
}

}  // namespace fengsui::server
