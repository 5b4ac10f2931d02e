// The API's description says what the code does: its enumerations are the code's, and each of its
// operations is there. What it says of answers is held by tests/cli/check_api.py, from outside.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "board/board.h"
#include "fake_engine.h"
#include "http_client.h"
#include "server/assets.h"

namespace fengsui::server {
namespace {

using nlohmann::json;

template <size_t N>
json names(const char* const (&all)[N], size_t from = 0, size_t end = N) {
  return std::vector<std::string>(all + from, all + end);
}

TEST_CASE("states, actions, roles and grades are the code's") {
  const json document = json::parse(kOpenApi);
  const json& schemas = document["components"]["schemas"];
  const json& alert = schemas["Alert"]["properties"];
  CHECK(alert["state"]["enum"] == names(board::kStateNames));
  CHECK(alert["grade"]["enum"] == names(rules::kGradeNames, 1));
  CHECK(alert["outcome"]["enum"] == names(board::kOutcomeNames));
  const json& request = schemas["ActionRequest"]["properties"];
  CHECK(request["action"]["enum"] == names(board::kActionNames));
  CHECK(request["role"]["enum"] == names(board::kRoleNames, 0, std::size(board::kRoleNames) - 1));
  CHECK(schemas["Entry"]["properties"]["kind"]["enum"] == names(board::kEntryNames));
  CHECK(schemas["Entry"]["properties"]["role"]["enum"] == names(board::kRoleNames));
  for (const json& parameter : document["paths"]["/v1/alerts"]["get"]["parameters"]) {
    if (parameter["name"] == "state") {
      CHECK(parameter["schema"]["items"]["enum"] == names(board::kStateNames));
    }
  }
}

TEST_CASE("the document is served, and its references lead somewhere") {
  Service service;
  HttpClient client(service.port());
  const auto reply = client.get("/v1/openapi.json");
  REQUIRE(reply);
  CHECK(reply->status == 200);
  const json document = json::parse(reply->body);
  CHECK(document["openapi"] == "3.1.0");
  CHECK(document["info"]["version"] != "@VERSION@");
  size_t references = 0;
  const json flat = document.flatten();
  for (const auto& [place, value] : flat.items()) {
    if (!place.ends_with("/$ref")) continue;
    ++references;
    const std::string target = value.get<std::string>();
    CAPTURE(target);
    CHECK(document.contains(json::json_pointer(target.substr(1))));
  }
  CHECK(references > 30);
}

}  // namespace
}  // namespace fengsui::server
