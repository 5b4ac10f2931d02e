// The shards of one log, used as one: what comes out, what is stored and every digest are the same
// for any number of them, so that a state made with one number goes on with another.
//
// One shard runs on the caller's thread and is all there is. Of several each has a thread and its
// part of the groups; time and order, and rules over alerts, are the caller's (DESIGN.md, "Several
// shards"). Whoever calls owns it: one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/shard.h"
#include "pipeline/shard_part.h"
#include "pipeline/shard_threads.h"

namespace fengsui::pipeline {

struct ShardsOptions {
  size_t shards = 1;  // up to kShardsMost
  bool pinned = false;
  // A frame of fewer matches is the caller's own work: waking the threads would take longer.
  size_t handed_over_from = 32;
};
constexpr size_t kShardsMost = 64;

class Shards {
 public:
  // With a listener: one shard.
  Shards(std::shared_ptr<const rules::RuleSet> rules, const ShardOptions& options,
         const ShardsOptions& several = {});
  ~Shards();
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;

  // As of Shard. The whole frame has gone through all shards when it returns.
  void apply(const state::Frame& frame, std::vector<alert::Record>& out);
  void apply(state::Frame&& frame, std::vector<alert::Record>& out);
  // The same in two halves: between them the threads are at work, and nothing else of this may be
  // called but position(). One shard does all in the first half.
  void begin(state::Frame&& frame, std::vector<alert::Record>& out);
  void finish(std::vector<alert::Record>& out);  // also where nothing has begun

  // --- All as of Shard
  void listen(ShardListener* listener);
  Expected<void> swap(const std::shared_ptr<const rules::RuleSet>& rules,
                      const RuleChanges& changes, const state::Swap& swap, LogPosition position,
                      std::vector<alert::Record>& out);
  LogPosition position() const { return time().position(); }
  EventTime watermark() const { return time().watermark(); }
  ShardCounters counters() const;
  size_t groups() const;
  size_t timers() const;
  size_t held() const;
  size_t groups_of(RuleIndex rule) const;
  Shard::HitCounts hits_of(RuleIndex rule) const;
  uint64_t late_left_out_of(RuleIndex rule) const;

  bool rest(const Shard::PutGroup& put, bool ahead);
  size_t groups_away() const;
  const std::optional<Error>& failure() const;

  void begin_checkpoint();
  bool put_listed(const Shard::PutGroup& put, size_t most);
  std::vector<std::string> end_checkpoint();

  // By key within each shard.
  void dirty(const std::function<void(const Shard::DirtyGroup&)>& visit, bool clear);
  void forget_changes();
  std::string encode_rest() const;
  std::string digest() const;
  std::string stored_digest(std::string_view rest) const;

  Expected<void> restore_group(std::string_view key, std::string_view value);
  Expected<void> restore_rest(std::string_view bytes);

 private:
  bool alone() const { return all_.size() == 1; }
  // Of one shard both are that one.
  Shard& time() { return all_.front(); }
  const Shard& time() const { return all_.front(); }
  Shard& over_alerts() { return all_.back(); }
  const Shard& over_alerts() const { return all_.back(); }
  size_t parts() const { return said_.size(); }
  Shard& part(size_t i) { return all_[1 + i]; }
  // Of a group, in all_. Requires: not alone().
  size_t place_of_owner(bool rule_over_alerts, std::string_view values) const;
  void run(size_t part);
  void count_left_out();

  const ShardsOptions options_;
  std::vector<Shard> all_;       // one; or who keeps time, the parts, who has rules over alerts
  ShardSchedule schedule_;       // of the frame that has begun
  std::vector<ShardPart> said_;  // by part
  enum class Begun : uint8_t { No, Here, Handed } begun_ = Begun::No;
  std::unique_ptr<ShardThreads> threads_;  // null: one shard; they end before all else goes
};

}  // namespace fengsui::pipeline
