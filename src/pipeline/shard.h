// A shard: the deterministic state machine behind the log of matches. Reorder buffer, windows,
// sequences, timers and episodes of its groups, rules over the alerts that these give; reads no
// clock, no file, no random number. One thread owns it.
//
// Whatever happens to a group lies in one value per (rule, group): its window or partial matches,
// its episode, its timers. dirty() groups are what a checkpoint has to write.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/record.h"
#include "base/ids.h"
#include "base/result.h"
#include "pipeline/group_reader.h"
#include "pipeline/rule_changes.h"
#include "rules/rule_set.h"
#include "state/frame.h"

namespace fengsui::pipeline {

// Counted where it happens; read by metrics and the replay summary.
struct ShardCounters {
  uint64_t evaluations = 0;
  uint64_t hits = 0;
  uint64_t let_errors = 0;
  uint64_t opens = 0, raises = 0, clears = 0;  // live rules
  uint64_t shadow_records = 0;
  // --- Since this shard was made:
  // Events that came too late for one of their windows, once an event and rule.
  uint64_t late_left_out = 0;
  uint64_t partial_matches_evicted = 0;  // beyond window::kPartialMatchesMax
  uint64_t alert_events = 0;  // live opens and raises that rules over alerts were asked about
};

class ShardListener;

struct ShardOptions {
  // How far behind a watermark a match may still come: windows keep so much more than their length.
  Duration allowed_lateness{};
  // Told of all that happens; may be null, and must outlive the shard.
  ShardListener* listener = nullptr;
  // Where groups are read that are in the store alone; null: all stay in memory. Outlives the
  // shard.
  GroupReader* reader = nullptr;
  // Beyond about so much (with a reader), groups that wait for nothing leave memory: see rest().
  size_t memory_bytes = SIZE_MAX;
};

class Shard {
 public:
  Shard(std::shared_ptr<const rules::RuleSet> rules, ShardOptions options);
  ~Shard();
  Shard(Shard&&) noexcept;

  // Told of what happens from here on; null: nobody. Must outlive the shard.
  void listen(ShardListener* listener);

  // Holds the frame's matches, advances to its marks, and appends the records in their order.
  // Records of rules in shadow are counted, not appended. Requires: frame.position is one more than
  // the last applied.
  void apply(const state::Frame& frame, std::vector<alert::Record>& out);
  void apply(state::Frame&& frame, std::vector<alert::Record>& out);  // the same, without a copy

  // The pack that frame `position`, the next to be applied, begins with. Rules that keep their
  // state (RuleChanges) go on with it; the open episodes of all others end, with a clear where
  // their rule was live: those records are the old pack's, and are appended before. A rule that
  // goes live from shadow keeps its windows, and its next hit opens. `swap.warm` become groups of
  // fresh rules, without their episodes. An error: those are no groups of the new pack.
  Expected<void> swap(std::shared_ptr<const rules::RuleSet> rules, const RuleChanges& changes,
                      const state::Swap& swap, LogPosition position,
                      std::vector<alert::Record>& out);

  LogPosition position() const;  // of the last frame applied
  EventTime watermark() const;   // the engine's
  const ShardCounters& counters() const;
  size_t groups() const;  // kept
  size_t timers() const;  // pending
  size_t held() const;    // matches waiting for a watermark, their partition's or the engine's
  std::vector<match::Match> held_matches() const;
  size_t groups_of(RuleIndex rule) const;
  // By grade, in shadow too; since this shard was made.
  using HitCounts = std::array<uint64_t, std::size(rules::kGradeNames)>;
  const HitCounts& hits_of(RuleIndex rule) const;
  uint64_t late_left_out_of(RuleIndex rule) const;  // since this shard was made

  // --- Groups in the store alone (state/DESIGN.md, "Cold groups")
  using PutGroup = std::function<void(std::string_view key, std::string_view value)>;
  // Lets groups go as far as the limit asks for. `put` gets values of those that have changed, and
  // the store must have them before the next frame. `ahead`: there may be such. True: groups take
  // more than the limit still.
  bool rest(const PutGroup& put, bool ahead);
  size_t groups_away() const;
  // What was read was damaged, or could not be read: what has come since is worth nothing.
  const std::optional<Error>& failure() const;

  // --- A checkpoint in steps, of now: frames may be applied between them. Not with swap().
  void begin_checkpoint();
  // Gives values of some of the groups that had changed. False: there were none left.
  bool put_listed(const PutGroup& put, size_t most);
  // The keys of groups that were gone; stored_digest() is of the checkpoint then.
  std::vector<std::string> end_checkpoint();

  // --- Checkpoint. A group's key begins with its rule's state_key (big-endian u64).
  struct DirtyGroup {
    std::string key;
    std::string value;  // empty: the group has expired, delete it
  };
  // Groups changed since the last call with `clear`, in key order.
  void dirty(const std::function<void(const DirtyGroup&)>& visit, bool clear);
  // Nobody will ask for them, and no store has any group: they are not noted any more.
  void forget_changes();
  // What is not in groups: position, watermarks, held matches, counters.
  std::string encode_rest() const;
  // SHA-256 over all groups in key order and the rest, hex: equal states give equal digests.
  std::string digest() const;  // reads groups that are in the store alone
  // Of what checkpoints hold: the values that dirty() with `clear` and restore_group() have seen
  // last, those of groups that are gone not among them, and this rest. No group is looked at.
  std::string stored_digest(std::string_view rest) const;

  // --- Recovery: restore groups (any order), then the rest, then apply the log's tail.
  // ------------ A group's value carries the position up to which it includes the log; apply()
  // skips what a group already includes.
  Expected<void> restore_group(std::string_view key, std::string_view value);
  Expected<void> restore_rest(std::string_view bytes);

 private:
  struct State;
  struct Cold;      // shard_cold.h
  struct Swapping;  // shard_swap.cc
  std::unique_ptr<State> state_;
};

}  // namespace fengsui::pipeline
