// The engine's side of the queue: a thread that takes batches and answers them by what their bytes
// say. Can be corked (takes batches, answers none), fail, or drop a batch unanswered. And a server
// in front of it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/metrics.h"
#include "server/server.h"

namespace fengsui::server {

class FakeEngine {
 public:
  enum class Mode { Commit, Fail, Drop, Cork };

  explicit FakeEngine(size_t items_max = 1024);
  ~FakeEngine();

  source::BatchQueue& batches() { return batches_; }
  void set(Mode mode);  // what a cork held is answered then
  void set(Readiness readiness);
  Readiness readiness() const;

  // Waits until so many batches have been taken, over all.
  void wait_taken(size_t batches);
  // The bytes of all records, in order.
  std::vector<std::string> records() const;
  // Without its callback.
  source::Batch last_batch() const;

 private:
  void run();
  void settle(source::Batch batch, Mode mode);

  source::BatchQueue batches_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  Mode mode_ = Mode::Commit;
  Readiness readiness_;
  std::vector<source::Batch> held_;
  std::vector<std::string> records_;
  source::Batch last_;
  size_t taken_ = 0;
  std::jthread thread_;
};

// On a free port of loopback.
struct Service {
  explicit Service(ServerOptions options = {}, size_t queue_items_max = 1024);

  std::string scrape() const { return metrics.scrape(); }
  uint16_t port() const { return server->port(); }

  Metrics metrics;
  ManualClock clock{EventTime{Duration{784111777000}}};
  FakeEngine engine;
  std::unique_ptr<Server> server;
};

// A scrape's value of a series, by its text; -1: there is none.
double value_of(const std::string& scrape, const std::string& series);

}  // namespace fengsui::server
