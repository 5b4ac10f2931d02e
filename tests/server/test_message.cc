#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "server/media_type.h"
#include "server/message.h"

namespace fengsui::server {
namespace {

TEST_CASE("dates are IMF-fixdate") {
  const auto at = [](int64_t seconds) { return EventTime{std::chrono::seconds{seconds}}; };
  CHECK(http_date(at(0)) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(http_date(at(784111777)) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(at(1709251199)) == "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST_CASE("media types") {
  struct Case {
    const char* text;
    const char* name;  // null: none
    const char* charset;
  };
  const Case cases[] = {
      {"application/json", "application/json", ""},
      {"Application/CloudEvents+JSON", "application/cloudevents+json", ""},
      {" application/json ; charset=UTF-8", "application/json", "utf-8"},
      {"application/json;charset=\"utf-8\"; v=1", "application/json", "utf-8"},
      {"application/json;;", "application/json", ""},
      {"application/json; charset=gbk", "application/json", "gbk"},
      {"application/json; charset", nullptr, ""},
      {"application/json; charset=", nullptr, ""},
      {"", nullptr, ""},
      {"json", nullptr, ""},
      {"/", nullptr, ""},
      {"a/b/c", nullptr, ""},
      {"application/json, text/plain", nullptr, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto type = parse_media_type(c.text);
    REQUIRE(type.has_value() == (c.name != nullptr));
    if (!type) continue;
    CHECK(type->name == c.name);
    CHECK(type->charset == c.charset);
  }
}

TEST_CASE("a problem is RFC 9457, whatever its detail holds") {
  const Response response = problem(404, "no-such-path", "a \"quote\" and a broken byte \xff");
  CHECK(response.status == 404);
  CHECK(response.content_type == "application/problem+json");
  const auto body = nlohmann::json::parse(response.body);
  CHECK(body["type"] == "urn:fengsui:problem:no-such-path");
  CHECK(body["title"] == "Not Found");
  CHECK(body["status"] == 404);
}

TEST_CASE("a request finds headers in any case") {
  Request request;
  request.headers = {{"Content-Type", "a"}, {"content-type", "b"}};
  CHECK(request.header("CONTENT-TYPE") == "a");
  CHECK(request.header("Content").empty());
}

TEST_CASE("a responder delivers one answer") {
  std::vector<int> delivered;
  const auto deliver = [&](const Responder::Make& make) { delivered.push_back(make().status); };
  SUBCASE("the first") {
    const Responder responder(deliver);
    const Responder copy = responder;
    copy.answer({202, {}, {}, {}});
    responder.answer({400, {}, {}, {}});
    responder.answer_with([] { return Response{500, {}, {}, {}}; });
    CHECK(delivered == std::vector{202});
  }
  SUBCASE("503, if all are gone without one") {
    { const Responder responder(deliver); }
    CHECK(delivered == std::vector{503});
  }
}

}  // namespace
}  // namespace fengsui::server
