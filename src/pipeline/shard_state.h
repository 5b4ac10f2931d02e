// What a shard is made of; shard.cc is what happens in it, shard_stored.cc its stored form.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/shard.h"
#include "pipeline/shard_groups.h"
#include "window/contents.h"
#include "window/reorder_buffer.h"
#include "window/timers.h"
#include "window/watermark.h"

namespace fengsui::pipeline {

struct Shard::State {
  State(std::shared_ptr<const rules::RuleSet> rules, ShardOptions options);

  using Records = std::vector<alert::Record>;

  // The rules, and what is made of them alone.
  void set_rules(std::shared_ptr<const rules::RuleSet> next);

  void apply(state::Frame&& frame, Records& out);

  // Processes what the partitions' marks have released, time passing event by event, then goes on
  // to the engine watermark's target.
  void release(Records& out);
  void process(match::Match& match, Records& out);
  // The timers that the engine's watermark has reached.
  void fire_timers(Records& out);
  void expire_groups();

  // Counts the records from index `first` on, all of one rule; those of a rule in shadow go.
  void count_records(const rules::Rule& rule, size_t first, Records& out);
  // Moves the timer that clears the open episode to when it is now due; `set`: its place in the
  // order of setting.
  void set_clear_timer(ShardGroup& group, uint64_t set);
  void set_expiry(ShardGroup& group);
  // No event before it will be processed any more, after one at `time`.
  EventTime floor_after(EventTime time) const;

  // --- Another pack (shard_swap.cc) ---
  struct Move;
  Expected<void> swap(std::shared_ptr<const rules::RuleSet> next, const RuleChanges& changes,
                      const state::Swap& swap, LogPosition at, Records& out);
  std::vector<Move> moves(const rules::RuleSet& next, const RuleChanges& changes) const;
  void end_episodes(const std::vector<Move>& moves, Records& out);
  void move_groups(const std::vector<Move>& moves);
  void follow_rules(const std::vector<Move>& moves);
  void move_held(const std::vector<Move>& moves);
  Expected<void> take_warm(const state::Swap& swap);

  // --- Stored form (shard_stored.cc) ---
  std::string encode_group(const ShardGroup& group) const;  // without the position
  std::string encode_core() const;  // what decides the future beside groups and position
  Expected<void> restore_group(std::string_view key, std::string_view value);
  Expected<void> restore_core(ByteReader& in);

  std::shared_ptr<const rules::RuleSet> rules;
  const ShardOptions options;
  std::vector<std::optional<window::Window>> windows;   // by rule
  std::unordered_map<uint64_t, RuleIndex> rule_of_key;  // by Rule::state_key

  LogPosition position{};  // of the frame applied, or being applied
  window::Watermark watermark;
  window::ReorderBuffer buffer;
  EventTime earliest_held = kAfterAllTime;  // in the buffer, at the last release
  window::Timers timers;
  ShardGroups groups;
  // Matches processed so far, those that a restored group had in it already counted too: so a timer
  // has the same place in the order of setting in a replay.
  uint64_t processed = 0;
  ShardCounters counters;
  std::vector<Shard::HitCounts> hits;  // by rule
};

}  // namespace fengsui::pipeline
