#include <doctest/doctest.h>

#include "server/router.h"

namespace fengsui::server {
namespace {

Request request_of(const std::string& method, const std::string& path, const std::string& host) {
  Request request;
  request.method = method;
  request.path = path;
  if (!host.empty()) request.headers.push_back({"host", host});
  return request;
}

TEST_CASE("requests go to the handler of their path and method") {
  Metrics metrics;
  const ManualClock clock{EventTime{}};
  Router router(metrics, clock);
  const auto says = [](const char* text) {
    return [text](const Request&, const Responder& responder) {
      responder.answer({200, "text/plain", text, {}});
    };
  };
  router.add("GET", "/a", says("get a"));
  router.add("POST", "/a", says("post a"));
  router.add("POST", "/b", says("post b"));
  router.add("GET", "/c/{id}", says("get c of id"));
  router.add("GET", "/c/{id}/d", says("get d of id"));

  struct Case {
    const char* method;
    const char* path;
    const char* host;
    int status;
    const char* body;   // null: not compared
    const char* allow;  // null: none
  };
  const Case cases[] = {
      {"GET", "/a", "localhost", 200, "get a", nullptr},
      {"HEAD", "/a", "localhost:8600", 200, "get a", nullptr},
      {"POST", "/a", "127.0.0.1", 200, "post a", nullptr},
      {"POST", "/b", "[::1]:80", 200, "post b", nullptr},
      {"GET", "/a", "", 200, "get a", nullptr},
      {"GET", "/b", "localhost", 405, nullptr, "POST"},
      {"HEAD", "/b", "localhost", 405, nullptr, "POST"},
      {"DELETE", "/a", "localhost", 405, nullptr, "GET, HEAD, POST"},
      {"get", "/a", "localhost", 405, nullptr, "GET, HEAD, POST"},
      {"GET", "/c/7", "localhost", 200, "get c of id", nullptr},
      {"GET", "/c/7/d", "localhost", 200, "get d of id", nullptr},
      {"POST", "/c/7/d", "localhost", 405, nullptr, "GET, HEAD"},
      {"GET", "/c/7/e", "localhost", 404, nullptr, nullptr},
      {"GET", "/c//d", "localhost", 404, nullptr, nullptr},
      {"GET", "/c/7/8/d", "localhost", 404, nullptr, nullptr},
      {"GET", "/c/", "localhost", 404, nullptr, nullptr},
      {"GET", "/", "localhost", 404, nullptr, nullptr},
      {"GET", "/a/", "localhost", 404, nullptr, nullptr},
      {"OPTIONS", "*", "localhost", 404, nullptr, nullptr},
      {"GET", "/a", "evil.example", 421, nullptr, nullptr},
      {"GET", "/a", "127.evil.example", 421, nullptr, nullptr},
      {"GET", "/a", "localhost.evil.example", 421, nullptr, nullptr},
      {"GET", "/a", "[::1].evil.example", 421, nullptr, nullptr},
      {"GET", "/nothing", "evil.example", 421, nullptr, nullptr},
  };
  for (const Case& c : cases) {
    CAPTURE(c.method);
    CAPTURE(c.path);
    CAPTURE(c.host);
    Response response;
    response.status = 0;
    router.dispatch(request_of(c.method, c.path, c.host),
                    Responder([&](const Responder::Make& make) { response = make(); }));
    CHECK(response.status == c.status);
    if (c.body) CHECK(response.body == c.body);
    std::string allow;
    for (const Header& header : response.headers) {
      if (header.name == "Allow") allow = header.value;
    }
    CHECK(allow == (c.allow ? c.allow : ""));
  }
  const std::string scrape = metrics.scrape();
  CHECK(scrape.find("fengsui_http_requests_total{route=\"/a\",status=\"200\"} 4") !=
        std::string::npos);
  CHECK(scrape.find("fengsui_http_requests_total{route=\"other\",status=\"404\"} 7") !=
        std::string::npos);
  CHECK(scrape.find("route=\"/nothing\"") == std::string::npos);
}

}  // namespace
}  // namespace fengsui::server
