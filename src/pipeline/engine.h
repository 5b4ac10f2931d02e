// The embedded engine: one process, one store, the whole way from sources to queues, durable. What
// `run`, `demo` and `replay --state` run.
//
//   sources -> queue -> Front -> frame -> Shards -> one synced commit -> committed, outbox
//
// One thread owns front, shards, store and desk and runs the loop in engine.cc. Sources push into
// queue() and the outbox delivers from threads of their own. A batch is acknowledged only after the
// synced commit that holds it. After an error of the store the engine stops for good, acknowledging
// nothing more: what is durable is known again when the state is next opened.
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

#include "pipeline/desk.h"
#include "pipeline/engine_metrics.h"
#include "pipeline/engine_options.h"
#include "pipeline/engine_pending.h"
#include "pipeline/engine_status.h"
#include "pipeline/engine_tasks.h"
#include "pipeline/front.h"
#include "pipeline/prepared_pack.h"
#include "pipeline/shards.h"

namespace fengsui::pipeline {

class Engine {
 public:
  // Recovers: the last checkpoint, then the log's tail, its records kept quiet, by the packs that
  // it names. Nothing runs yet. If then another pack than parts.rules is in force, the first commit
  // swaps to these.
  static Expected<std::unique_ptr<Engine>> open(EngineParts parts, EngineOptions options);
  ~Engine();  // stops

  Expected<void> start();  // the outbox, the loop and the sources, in this order
  source::BatchQueue& queue() { return queue_; }  // for HTTP; closed: no more is taken
  std::optional<uint64_t> position_of(const std::string& partition) const;  // of the last commit
  using Running = EngineRunning;
  Running wait(std::chrono::nanoseconds most);  // real time, for another answer than Yes

  using End = EngineEnd;
  // Ends the sources, commits what they gave, writes a last checkpoint, ends the outbox. What is
  // not delivered in time goes out after the next start. Returns the engine's failure, if any.
  using StopOptions = EngineStop;
  Expected<void> stop(StopOptions options = {});

  // Any thread may call those below. Another pack, from the next event on; any thread tells `done`.
  void swap(PreparedPack pack, std::function<void(Expected<SwapOutcome>)> done);
  PreparedPack prepare(std::shared_ptr<const rules::RuleSet> rules) const;
  // And its fresh rules are fed the archive's history. Not on the engine's thread.
  Expected<PreparedPack> prepare_warm(std::shared_ptr<const rules::RuleSet> rules);
  std::shared_ptr<const rules::RuleSet> rules() const;
  void pack_status(std::function<void(Expected<PackStatus>)> done);
  // On the engine's thread, between two commits; null: it is ending. An error is the store's, and
  // ends the engine. Of desk() any thread may call what is const.
  void at_desk(std::function<Expected<void>(Desk* desk, EventTime now)> task);
  const Desk& desk() const { return *desk_; }
  EngineStatus status() const;
  std::optional<Error> failure() const;

 private:
  Engine(EngineParts parts, std::shared_ptr<const rules::RuleSet> in_force, EngineOptions options,
         std::unique_ptr<Desk> desk);
  // engine_recovery.cc
  Expected<void> recover();
  Expected<void> recover_shard();
  Expected<void> recover_front();
  Expected<std::shared_ptr<const rules::RuleSet>> pack_of(const std::string& hash);
  void follow_pack(const std::shared_ptr<const rules::RuleSet>& first);
  // engine_swap.cc
  struct SwapRequest;
  struct Checkpoints;  // engine_checkpoint.h
  void run_tasks();
  void end_tasks();
  Expected<void> commit_swap();
  Expected<void> begin_swap(state::Commit& commit);
  void note_rules();
  // engine.cc, the engine's thread
  void run();
  bool outbox_is_full();
  Pending gather();
  void admit(source::Batch batch, Pending& pending);
  void note_dead_letter(const source::Batch& batch, const source::Batch::Item& item,
                        const event::Rejected& rejected, Pending& pending);
  void note_silence();
  Expected<void> commit(Pending& pending);
  void count_alerts(const Pending& pending, MonotonicTime now);
  Desk::Send into(state::Commit& commit);
  Expected<void> say(const std::vector<alert::Record>& records, const rules::RuleSet& rules,
                     state::Commit& commit);
  Expected<void> fill(state::Commit& commit, Pending& pending);
  void acknowledge(Pending& pending);
  Expected<void> refuse(Pending& pending, const Error& error);
  void finish(Expected<void> done);
  void refuse_what_is_left(const Error& error);
  void publish();
  bool sources_have_finished() const;
  std::optional<Error> failure_of_others() const;

  const std::shared_ptr<const rules::RuleSet> configured_;
  const event::KeyRing* const keys_;
  const Clock& clock_;
  const EngineOptions options_;
  std::unique_ptr<state::Store> store_;
  const std::unique_ptr<Desk> desk_;
  std::unique_ptr<archive::Archive> archive_;
  Metrics* const all_metrics_;
  std::vector<std::unique_ptr<source::Source>> sources_;
  source::BatchQueue queue_;
  dispatch::Outbox outbox_;
  std::thread thread_;
  std::atomic<End> end_ = End::Keep;
  std::atomic<bool> ending_ = false;
  EngineTasks tasks_;

  // The engine's thread alone (open()'s before it starts).
  std::shared_ptr<const rules::RuleSet> rules_;          // in force
  std::map<std::string, Duration, std::less<>> retain_;  // of archived events, by type
  Front front_;
  const std::unique_ptr<GroupReader> group_reader_;
  Shards shards_;
  EngineMetrics metrics_;
  std::vector<std::optional<uint64_t>> next_positions_;  // by PartitionId
  std::vector<bool> position_moved_;                     // since the last commit
  std::vector<alert::Record> records_;                   // of the commit being made
  std::shared_ptr<SwapRequest> swap_;                    // that the next commit begins with
  std::unique_ptr<Checkpoints> checkpoints_;
  std::vector<Heard> heard_;  // by PartitionId
  MonotonicTime last_commit_{};
  std::chrono::nanoseconds rest_takes_{0};  // from the last record taken to durable, smoothed
  EngineStatus working_;                    // published as status_
  bool store_failed_ = false;
  std::optional<Error> desk_failure_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  EngineStatus status_;
  std::shared_ptr<const rules::RuleSet> rules_seen_;  // rules_, for others
  std::optional<Error> failure_;
  bool all_read_ = false;
};

}  // namespace fengsui::pipeline
