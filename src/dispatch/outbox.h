// The outbox: what the queues' sinks have still to deliver. Entries become durable with the
// engine's commits; each queue has a thread that hands them to its sink in order, in batches, keeps
// on trying with growing pauses, and marks what is delivered.
//
//   number() (engine) -> commit (engine) -> committed() (engine) -> deliver (queue's thread) ->
//   mark
//
// Threads: number() and committed() on the engine's; start() and stop() on the owner's; the rest on
// any. Nothing is given up: an entry stays until its sink has taken it.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "dispatch/sink.h"
#include "state/store.h"

namespace fengsui::dispatch {

struct OutboxOptions {
  Duration retry_pause_first{100};
  Duration retry_pause_max{30'000};
  size_t batch_entries_max = 1000;
  size_t batch_bytes_max = 4 << 20;
  // Pauses are spread by it, so that many instances do not come back at once.
  uint64_t jitter_seed = 0;
  // Told of each batch delivered, on the queue's thread; for metrics.
  std::function<void(const std::string& queue, size_t entries, std::chrono::nanoseconds took)>
      delivered{};
};

struct QueueStatus {
  std::string queue;
  uint64_t depth = 0;  // committed, not delivered
  uint64_t delivered = 0;
  uint64_t attempts_failed = 0;
  std::string last_error;  // of the sink; empty after a success
};

class Outbox {
 public:
  // `store` and `clock` must outlive it.
  Outbox(state::Store& store, const Clock& clock, OutboxOptions options);
  ~Outbox();

  // Before start(), once a queue.
  void add_queue(const std::string& name, std::unique_ptr<Sink> sink);
  bool has_queue(std::string_view name) const { return queues_.contains(name); }

  // Opens the sinks and starts their threads. An error that is not retryable is returned (nothing
  // runs then); with a retryable one the thread goes on trying.
  Expected<void> start();
  // Ends the threads, at once except for a delivery under way. May be called twice.
  void stop();

  // A new entry, with its queue's next number. Requires: has_queue(queue).
  state::QueueEntry number(std::string_view queue, std::string key, std::string message);
  // All numbered so far is durable now.
  void committed();
  // Threads that pause look at the clock again (a ManualClock has been moved).
  void look_at_clock();

  // Waits (real time) until all that is committed is delivered; false: it is not, `most` has passed
  // or the outbox has failed.
  bool wait_drained(std::chrono::nanoseconds most);
  uint64_t depth() const;  // of all queues
  std::vector<QueueStatus> status() const;
  // Set if a sink cannot go on, ever: the engine stops with it.
  std::optional<Error> failure() const;

 private:
  struct Queue;
  Expected<uint64_t> open(Queue& queue);
  void run(Queue& queue);
  bool open_with_retries(Queue& queue);
  bool deliver_next(Queue& queue);
  bool note_failure(Queue& queue, const Error& error);
  Duration pause_of(const Queue& queue) const;

  state::Store& store_;
  const Clock& clock_;
  const OutboxOptions options_;
  std::map<std::string, std::unique_ptr<Queue>, std::less<>> queues_;  // fixed after start()

  mutable std::mutex mutex_;  // guards all below, and what Queue says
  std::condition_variable changed_;
  bool stopping_ = false;
  std::optional<Error> failure_;
};

}  // namespace fengsui::dispatch
