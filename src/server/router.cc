#include "server/router.h"

#include "base/invariant.h"

namespace fengsui::server {
namespace {

std::string allowed_methods(const std::map<std::string, Handler>& methods) {
  std::string allowed;
  for (const auto& [method, handler] : methods) {
    if (!allowed.empty()) allowed += ", ";
    allowed += method;
    if (method == "GET") allowed += ", HEAD";
  }
  return allowed;
}

double seconds_between(MonotonicTime from, MonotonicTime to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

bool names_loopback(std::string_view host) {
  if (host.empty() || host == "[::1]" || host.starts_with("[::1]:")) return true;
  const std::string_view name = host.substr(0, host.find(':'));
  if (name == "localhost") return true;
  return name.starts_with("127.") && name.find_first_not_of("0123456789.") == name.npos;
}

void Router::add(const std::string& method, const std::string& path, Handler handler) {
  INVARIANT(paths_[path].emplace(method, std::move(handler)).second);
}

Router::Paths::const_iterator Router::find(std::string_view path) const {
  const auto exact = paths_.find(path);
  const size_t slash = path.rfind('/');
  if (exact != paths_.end() || slash == path.npos || slash + 1 == path.size()) return exact;
  const auto last = paths_.find(std::string(path.substr(0, slash)) + "/{id}");
  const size_t before = slash == 0 ? path.npos : path.rfind('/', slash - 1);
  if (last != paths_.end() || before == path.npos || before + 1 == slash) return last;
  return paths_.find(std::string(path.substr(0, before)) + "/{id}" +
                     std::string(path.substr(slash)));
}

void Router::dispatch(Request request, Responder responder) const {
  const auto path = find(request.path);
  // The label of an unknown path is not the path: whoever asks would choose it.
  responder = counted(path == paths_.end() ? "other" : path->first, std::move(responder));
  if (!names_loopback(request.header("Host"))) {
    return responder.answer(
        problem(421, "foreign-host", "The Host header must name localhost or a loopback address."));
  }
  if (path == paths_.end()) {
    return responder.answer(problem(404, "no-such-path", "There is nothing at this path."));
  }
  const auto method = path->second.find(request.method == "HEAD" ? "GET" : request.method);
  if (method == path->second.end()) {
    Response response = problem(405, "method", "This path does not have this method.");
    response.headers.push_back({"Allow", allowed_methods(path->second)});
    return responder.answer(std::move(response));
  }
  method->second(std::move(request), std::move(responder));
}

Responder Router::counted(std::string route, Responder responder) const {
  const MonotonicTime start = clock_.monotonic();
  return Responder([this, start, route = std::move(route),
                    responder = std::move(responder)](Responder::Make make) {
    // Run on the connection's thread, so while the server is there.
    responder.answer_with([this, start, route, make = std::move(make)] {
      Response response = make();
      metrics_.http_requests_total(route, response.status).add();
      metrics_.http_request_seconds(route).observe(seconds_between(start, clock_.monotonic()));
      return response;
    });
  });
}

}  // namespace fengsui::server
