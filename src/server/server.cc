#include "server/server.h"

namespace fengsui::server {

Server::Server(const Dependencies& dependencies)
    : router_(dependencies.metrics, dependencies.clock) {}

Expected<std::unique_ptr<Server>> Server::start(const ServerOptions& options,
                                                const Dependencies& dependencies) {
  std::unique_ptr<Server> server(new Server(dependencies));
  add_event_routes(server->router_, options, dependencies);
  add_alert_routes(server->router_, dependencies);
  add_rules_routes(server->router_, dependencies);
  add_operation_routes(server->router_, dependencies);
  add_schema_routes(server->router_);
  add_silence_routes(server->router_, dependencies);
  const Handler dispatch = [&router = server->router_](Request request, Responder responder) {
    router.dispatch(std::move(request), std::move(responder));
  };
  auto http = HttpServer::start(options.http, dispatch, dependencies.metrics, dependencies.clock);
  if (!http) return fail(http.error());
  server->http_ = std::move(*http);
  return server;
}

}  // namespace fengsui::server
