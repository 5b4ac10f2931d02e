// The embedded engine: one process, one store, the whole way from sources to queues, durable. What
// `run`, `demo` and `replay --state` run.
//
//   sources -> queue -> Front -> frame -> Shard -> records -> one synced commit -> committed,
//   outbox
//
// One thread owns front, shard and store and runs the loop in engine.cc. Sources push into queue()
// from threads of their own; the outbox delivers on its own. A batch is acknowledged (committed)
// only after the synced commit that holds it. After an error of the store the engine stops for good
// and acknowledges nothing more: what is durable is known again when the state is next opened.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/engine_metrics.h"
#include "pipeline/engine_options.h"
#include "pipeline/engine_status.h"
#include "pipeline/front.h"
#include "pipeline/shard.h"
#include "source/source.h"
#include "state/store.h"

namespace fengsui::pipeline {

class Engine {
 public:
  // Recovers: the last checkpoint, then the log's tail with its records kept quiet. Nothing runs
  // yet.
  static Expected<std::unique_ptr<Engine>> open(EngineParts parts, EngineOptions options);
  ~Engine();  // stops

  // Starts the outbox, the loop and the sources, in this order.
  Expected<void> start();
  // For sources that are not the engine's (HTTP). A closed queue: the engine takes no more.
  source::BatchQueue& queue() { return queue_; }
  // Where the last commit before this start left off.
  std::optional<uint64_t> position_of(const std::string& partition) const;

  enum class Running : uint8_t {
    Yes,
    AllRead,  // every source has finished, and all it gave is committed
    Failed,
  };
  // Waits (real time) for another answer than Yes, at most so long.
  Running wait(std::chrono::nanoseconds most);

  // What becomes of the watermark. A stopped service goes on later: Keep. A replay ends with the
  // highest event time seen, or is flushed: taken to infinity, nothing more will ever come.
  enum class End : uint8_t { Keep, EndOfInput, Flush };
  struct StopOptions {
    End end = End::Keep;
    std::chrono::nanoseconds deliver_most = std::chrono::seconds{5};  // wait for the queues
  };
  // Ends the sources, commits what they gave, writes a last checkpoint, ends the outbox. What is
  // not delivered in time goes out after the next start. Returns the engine's failure if it had
  // one.
  Expected<void> stop(StopOptions options);
  Expected<void> stop() { return stop(StopOptions{}); }

  EngineStatus status() const;  // any thread
  std::optional<Error> failure() const;

 private:
  // Records taken since the last commit.
  struct Pending {
    struct Taken {
      source::Batch batch;
      std::vector<source::RecordResult> results;
    };
    std::vector<Taken> taken;
    std::vector<state::QueueEntry> dead_letters;
    size_t records = 0;
    size_t bytes = 0;
    MonotonicTime oldest{};
  };

  Engine(EngineParts parts, EngineOptions options);
  // engine_recovery.cc
  Expected<void> recover();
  Expected<void> recover_shard();
  Expected<void> recover_front();
  // engine.cc, the engine's thread
  void run();
  bool outbox_is_full();
  Pending gather();
  void admit_all(std::vector<source::Batch> batches, Pending& pending);
  void admit(source::Batch batch, Pending& pending);
  void note_dead_letter(const source::Batch& batch, const source::Batch::Item& item,
                        const event::Rejected& rejected, Pending& pending);
  void note_silence();
  Expected<void> commit(Pending& pending);
  void fill(state::Commit& commit, Pending& pending);
  void acknowledge(Pending& pending);
  Expected<void> checkpoint_if_due();
  Expected<void> checkpoint();
  void finish(Expected<void> done);
  void refuse_what_is_left(const Error& error);
  void publish();
  bool sources_have_finished() const;
  std::optional<Error> failure_of_others() const;

  const std::shared_ptr<const rules::RuleSet> rules_;
  const event::KeyRing* const keys_;
  const Clock& clock_;
  const EngineOptions options_;
  std::unique_ptr<state::Store> store_;
  std::vector<std::unique_ptr<source::Source>> sources_;
  source::BatchQueue queue_;
  dispatch::Outbox outbox_;
  std::thread thread_;
  std::atomic<End> end_ = End::Keep;
  std::atomic<bool> ending_ = false;

  // The engine's thread alone (open()'s before it starts).
  Front front_;
  Shard shard_;
  EngineMetrics metrics_;
  std::vector<std::optional<uint64_t>> next_positions_;  // by PartitionId
  std::vector<bool> position_moved_;                     // since the last commit
  std::vector<alert::Record> records_;                   // of the commit being made
  struct Heard {
    uint64_t records = 0;
    MonotonicTime at{};
  };
  std::vector<Heard> heard_;  // by PartitionId
  MonotonicTime last_commit_{};
  MonotonicTime last_checkpoint_{};
  EngineStatus working_;  // published as status_
  bool store_failed_ = false;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  EngineStatus status_;
  std::optional<Error> failure_;
  bool all_read_ = false;
};

}  // namespace fengsui::pipeline
