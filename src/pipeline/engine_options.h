// What an engine is made of and how it behaves. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alert/record.h"
#include "archive/archive.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "board/board.h"
#include "dispatch/outbox.h"
#include "dispatch/plan.h"
#include "event/dead_letter.h"
#include "pipeline/front.h"
#include "pipeline/shards.h"
#include "rules/rule_set.h"
#include "source/source.h"
#include "state/store.h"

namespace fengsui::pipeline {

struct EngineOptions {
  FrontOptions front;
  ShardsOptions shards;
  // A partition silent for so long (by the clock) is set idle; absent: never (a replay).
  std::optional<Duration> idle_after = std::chrono::seconds{30};
  dispatch::Plan plan{.route = {.options = {.queue = "duty"}}};  // who is told of alerts, and when
  // Another pack than the one in force is swapped to at start; otherwise it is refused.
  bool pack_may_change = true;
  // An alert record's message; alert::queue_message where empty.
  std::function<std::string(const alert::Record&, const rules::Rule&)> message{};

  // A checkpoint is made when something changed and either limit is reached.
  Duration checkpoint_interval = std::chrono::seconds{30};
  uint64_t checkpoint_journal_bytes = 256 << 20;
  // Beyond about so much, groups that wait for nothing leave memory.
  size_t groups_bytes = size_t{1} << 30;
  // Commits are at least so far apart. With a ManualClock that nobody moves: 0.
  Duration commit_interval{1};
  // Under load a commit takes what comes for about so long, its own write included; what is there
  // when the queue is empty is committed at once.
  Duration commit_span{10};
  size_t commit_batches_max = 4096;
  size_t commit_bytes_max = 8 << 20;
  size_t queue_batches_max = 1024;
  size_t queue_bytes_max = 8 << 20;
  // With so many messages to be delivered, no more records are taken until some are.
  uint64_t outbox_depth_max = 1'000'000;
  // How often a waiting engine looks at the clock, the sources and the outbox.
  std::chrono::milliseconds look_every{20};
  dispatch::OutboxOptions outbox;
};

// What becomes of the watermark at the end. A stopped service goes on later: Keep. A replay ends
// with the highest event time seen, or is flushed: taken to infinity, nothing more will ever come.
enum class EngineEnd : uint8_t { Keep, EndOfInput, Flush };

enum class EngineRunning : uint8_t {
  Yes,
  AllRead,  // every source has finished, and all it gave is committed
  Failed,
};

struct EngineStop {
  EngineEnd end = EngineEnd::Keep;
  std::chrono::nanoseconds deliver_most = std::chrono::seconds{5};  // wait for the queues
};

struct EngineQueue {
  std::string name;  // dispatch::kDeadLetterQueue: dead letters; without it they are only counted
  std::unique_ptr<dispatch::Sink> sink;
};

struct EngineParts {
  std::shared_ptr<const rules::RuleSet> rules;  // to be in force from the start on
  const event::KeyRing* keys = nullptr;         // may be null; must outlive the engine
  std::unique_ptr<state::Store> store;
  std::unique_ptr<board::Board> board{};      // over the store's tables; null: there is none
  std::unique_ptr<archive::Archive> archive;  // null: events are not kept
  std::vector<EngineQueue> queues;            // those of EngineOptions::plan among them
  std::vector<std::unique_ptr<source::Source>> sources;
  const Clock& clock;          // must outlive the engine
  Metrics* metrics = nullptr;  // may be null; must outlive the engine
};

}  // namespace fengsui::pipeline
