// The service: engine, sources, queues and HTTP face put together from a configuration. What `run`
// and `demo` are. Owns everything it starts; stop() ends it in order.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "cli/configuration.h"
#include "dispatch/dispatch_file.h"
#include "event/identity.h"
#include "pipeline/engine.h"
#include "pipeline/reloader.h"
#include "server/server.h"

namespace fengsui::cli {

struct ServiceOptions {
  Configuration configuration;
  // Instead of the dispatch file: one queue `duty` with this sink (the demo's).
  std::unique_ptr<dispatch::Sink> only_sink;
};

// Loads pack, keys and dispatch file and says all that is wrong with them; starts nothing.
Expected<void> check_service(const Configuration& configuration);

class Service {
 public:
  // Recovers the state and starts sources, engine and HTTP. `clock` must outlive it.
  static Expected<std::unique_ptr<Service>> start(ServiceOptions options, const Clock& clock);
  ~Service();

  uint16_t port() const { return server_->port(); }
  std::shared_ptr<const rules::RuleSet> rules() const { return engine_->rules(); }  // in force

  // Loads pack and dispatch file again; what comes of it is said in the log. Other queues, or other
  // sinks of theirs, want a restart.
  void reload();
  // Called now and then by one thread: looks whether the pack's files have changed.
  void tick() { reloader_->tick(); }

  // Waits until the engine has failed or `most` has passed; true: it still runs.
  bool wait(std::chrono::nanoseconds most);
  // Drains: no more requests and records, a last commit and checkpoint, the queues for a while.
  Expected<void> stop(pipeline::Engine::StopOptions options);

  pipeline::EngineStatus status() const { return engine_->status(); }

 private:
  Service() = default;

  void reload_dispatch();

  Configuration configuration_;
  std::optional<std::vector<dispatch::QueueSpec>> queues_;  // of the dispatch file
  std::optional<event::KeyRing> keys_;
  Metrics metrics_;
  std::unique_ptr<pipeline::Engine> engine_;
  std::unique_ptr<pipeline::Reloader> reloader_;
  std::unique_ptr<server::Server> server_;
};

}  // namespace fengsui::cli
