// The service's HTTP face: the routes, and the server under them (DESIGN.md). What it needs of the
// rest of the process comes in Dependencies; it holds no engine.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "board/board.h"
#include "dispatch/silence.h"
#include "pipeline/engine_status.h"
#include "pipeline/reloader.h"
#include "server/http_server.h"
#include "server/router.h"
#include "source/source.h"

namespace fengsui::server {

struct Readiness {
  bool alive = true;                 // the engine has not failed; false is final
  bool ready = true;                 // recovered, and taking events
  std::vector<std::string> reasons;  // why not, in words for an operator
};

// Without `all` there are no /v1/silences. set() and end() answer later, on any thread.
struct SilenceBook {
  std::function<std::shared_ptr<const std::vector<dispatch::Silence>>()> all{};
  std::function<void(dispatch::Silence, std::function<void(Expected<std::string>)> done)> set{};
  std::function<void(std::string id, std::function<void(Expected<std::optional<bool>>)> done)>
      end{};
};

struct Dependencies {
  source::BatchQueue& batches;
  Metrics& metrics;
  const Clock& clock;
  // Asked on io threads: thread-safe, and quick.
  std::function<Readiness()> readiness;
  // Asked on io threads too; they answer later, on any thread. Without them there are no /v1/rules.
  using AskPackStatus =
      std::function<void(std::function<void(Expected<pipeline::PackStatus>)> done)>;
  AskPackStatus pack_status{};
  using Reload =
      std::function<void(bool warm, std::function<void(const pipeline::ReloadAnswer&)> done)>;
  Reload reload{};
  // Read on io threads; null: there are no /v1/alerts. What is done answers later, on any thread.
  const board::Board* board = nullptr;
  using Act = std::function<void(std::string alert, board::ActionRequest request,
                                 std::function<void(Expected<board::Board::Acted>)> done)>;
  Act act{};
  SilenceBook silences{};
};

struct ServerOptions {
  HttpOptions http;
  std::string source = "http";         // the name of this source: a metrics label
  size_t events_per_post_max = 65536;  // 413
};

class Server {
 public:
  // As HttpServer::start. Requires: what the dependencies refer to outlives the Server.
  static Expected<std::unique_ptr<Server>> start(const ServerOptions& options,
                                                 const Dependencies& dependencies);

  uint16_t port() const { return http_->port(); }
  void stop() { http_->stop(); }

 private:
  explicit Server(const Dependencies& dependencies);

  Router router_;
  std::unique_ptr<HttpServer> http_;  // stops before the router goes
};

// The routes, each in a file of its own.
void add_event_routes(Router& router, const ServerOptions& options,
                      const Dependencies& dependencies);
void add_alert_routes(Router& router, const Dependencies& dependencies);
void add_rules_routes(Router& router, const Dependencies& dependencies);
void add_operation_routes(Router& router, const Dependencies& dependencies);
void add_schema_routes(Router& router);
void add_silence_routes(Router& router, const Dependencies& dependencies);

}  // namespace fengsui::server
