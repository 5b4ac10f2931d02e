// Which handler answers a request: by path and method. A path is exact, or has "{id}" as its last
// segment or the one before, which is any one that no exact path has there. Counts and times every
// answer. Built once at start, const and thread-safe from then on.
//
// Without roles the service trusts whoever reaches it, and it listens on loopback only; a page from
// elsewhere in a browser of this machine must not reach it, either. Hence the Host header must name
// loopback (DNS rebinding), and no answer carries a CORS header.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/metrics.h"
#include "server/message.h"

namespace fengsui::server {

class Router {
 public:
  // Requires: both outlive the Router.
  Router(Metrics& metrics, const Clock& clock) : metrics_(metrics), clock_(clock) {}

  // A GET route answers HEAD, too (the transport leaves the body out). Requires: the pair is new.
  void add(const std::string& method, const std::string& path, Handler handler);

  // Answers 404, 405 with Allow, and 421 itself.
  void dispatch(Request request, Responder responder) const;

 private:
  using Methods = std::map<std::string, Handler>;
  using Paths = std::map<std::string, Methods, std::less<>>;
  Paths::const_iterator find(std::string_view path) const;
  Responder counted(std::string route, Responder responder) const;

  Metrics& metrics_;
  const Clock& clock_;
  Paths paths_;  // path -> method
};

// "localhost", "127.0.0.1:8600", "[::1]:8600". An absent header (HTTP/1.0) passes.
bool names_loopback(std::string_view host);

}  // namespace fengsui::server
