// What a shard is made of. What happens in it: shard.cc (time, order), shard_windows.cc,
// shard_sequences.cc, shard_alerts.cc (episodes and records, rules over alerts); shard_stored.cc is
// its stored form.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "match/matcher.h"
#include "pipeline/rule_keeping.h"
#include "pipeline/shard.h"
#include "pipeline/shard_cold.h"
#include "pipeline/shard_groups.h"
#include "pipeline/shard_listener.h"
#include "window/hopping_window.h"
#include "window/reorder_buffer.h"
#include "window/waiting_matches.h"
#include "window/watermark.h"

namespace fengsui::pipeline {

std::vector<uint64_t> state_keys_of(const rules::RuleSet& rules);  // by rule

struct Shard::State {
  State(std::shared_ptr<const rules::RuleSet> rules, ShardOptions options);

  using Records = std::vector<alert::Record>;
  using Matches = std::span<match::Match>;  // of one event, or of one rule among them
  void set_rules(std::shared_ptr<const rules::RuleSet> next);  // and what is made of them alone

  // --- Time and order (shard.cc) ---
  void apply(state::Frame&& frame, Records& out);
  // Processes what the partitions' marks have released, time passing event by event, then goes on
  // to the engine watermark's target.
  void release(Records& out);
  // Time goes on to `until`; on the way timers fire, and what waits for the engine's watermark is
  // processed, events before `before` alone.
  void pass_time(EventTime until, const window::EntryKey& before, Records& out);
  // An event that has left its partition's buffer: rules by time wait if it is not reached yet.
  void take(Matches event, Records& out);
  void process(Matches event, Records& out);
  void fire(const window::Timer& timer, Records& out);
  void expire_groups();
  // When the group may go; nullopt: not before its episode or a timer has ended.
  std::optional<EventTime> expiry_of(const ShardGroup& group) const;
  bool expires_when_reached(const rules::Rule& rule) const;
  void set_expiry(ShardGroup& group);
  // No event before it will be processed any more, after one at `time`.
  EventTime floor_after(EventTime time) const;
  // What only events before it see need not be kept.
  EventTime floor_of(const rules::Rule& rule) const;

  // --- Windows (shard_windows.cc) ---
  // The group of a match of this rule; null: there is none yet.
  ShardGroup* find_group(const rules::Rule& rule, const match::Match& match);
  ShardGroup& make_group(const rules::Rule& rule, const match::Match& match);
  struct Placed {
    window::Put put;
    std::optional<window::Seen> seen;  // the event is evaluated over this
  };
  void put_in_window(const rules::Rule& rule, match::Match& match, Records& out);
  Placed place(ShardGroup& group, const rules::Rule& rule, const window::NewEntry& entry,
               bool only_seen);
  Placed place_in_contents(ShardGroup& group, const rules::Rule& rule,
                           const window::NewEntry& entry, bool only_seen);
  // Until the next.
  const alert::Evaluation& evaluate(const rules::Rule& rule, window::Seen& seen,
                                    std::span<const cel::Value> baseline);
  void end_window(ShardGroup& group, const window::Timer& timer, Records& out);
  // With `emit: event`: takes the windows that have ended up into the baseline.
  void close_ended(ShardGroup& group, const rules::Rule& rule);
  void note_left_out(const rules::Rule& rule, Arrival arrival);

  // --- Sequences (shard_sequences.cc) ---
  void offer_to_sequence(const rules::Rule& rule, Matches matches, Records& out);
  // `matches`: those of one group.
  void offer_to_group(const rules::Rule& rule, std::span<match::Match* const> matches,
                      Records& out);
  // Requires: options.listener is set. `match`: the first of those that are offered.
  window::PartialMatches::Observer observer_of(const rules::Rule& rule, const match::Match& match);
  void end_absence(ShardGroup& group, const window::Timer& timer, Records& out);
  void evaluate_match(ShardGroup& group, const rules::Rule& rule, EventTime time,
                      const window::PartialMatch& match, Records& out);

  // --- Evaluations, episodes, records (shard_alerts.cc) ---
  struct Evaluated {
    const rules::Rule& rule;
    std::string_view group;  // its values' stored form
    EventTime time{};
    window::EntrySpan entries;
    const alert::Evaluation& evaluation;
    std::optional<EventTime> start = {};  // of the window that ended
  };
  // Counts the evaluation and takes its hit. `group`: null if there is none yet; made if an episode
  // has to be kept.
  void take_evaluation(const Evaluated& evaluated, ShardGroup*& group, Records& out);
  void clear_episode(ShardGroup& group, Records& out);
  // Moves the timer that clears the open episode to when it is now due; `set`: Timer::set.
  void set_clear_timer(ShardGroup& group, uint64_t set);
  // Counts the records from `first` on, all of one rule, and makes events of them; those of a rule
  // in shadow go.
  void take_records(const rules::Rule& rule, size_t first, Records& out);
  void make_alert_event(const rules::Rule& rule, const alert::Record& record);
  // The rules over alerts see the alerts that time has reached.
  void process_alerts(Records& out);

  window::GroupTimers timers_of(ShardGroup& group, uint64_t number);

  // --- Stored form (shard_stored.cc) ---
  void encode_group(ByteWriter& out, const ShardGroup& group) const;  // without the position
  void encode_kept(ByteWriter& out, const ShardGroup& group) const;
  Kept decode_kept(ByteReader& in, const rules::Rule& rule) const;
  std::string encode_core() const;  // what decides the future beside groups and position
  Expected<ShardGroup*> restore_group(std::string_view key, std::string_view value);
  void restore_timers(ShardGroup& group, const rules::Rule& rule);
  Expected<void> restore_core(ByteReader& in);

  const RuleKeeping& keeping_of(const rules::Rule& r) const { return keepings[value_of(r.index)]; }

  const ShardOptions base_options;
  ShardOptions options;  // with what these rules need
  std::shared_ptr<const rules::RuleSet> rules;
  std::vector<RuleKeeping> keepings;                    // by rule
  std::unordered_map<uint64_t, RuleIndex> rule_of_key;  // by Rule::state_key
  std::unique_ptr<match::Matcher> alert_matcher;        // null: no rule reads alerts

  LogPosition position{};  // of the frame applied, or being applied
  window::Watermark watermark;
  window::ReorderBuffer buffer;
  std::vector<match::Match> release_room;   // kept for its capacity
  window::WaitingMatches waiting;           // rules by time, for the engine's watermark
  window::WaitingMatches alerts;            // rules over alerts; arrivals are numbers of alerts
  EventTime earliest_held = kAfterAllTime;  // of what is admitted and not processed
  window::Timers timers;
  ShardGroups groups;
  Cold cold{*this};
  // Matches so far, those that a restored group had in it already too: so a timer has the same
  // place in the order of setting in a replay.
  uint64_t processed = 0;
  Arrival next_alert{1};
  alert::Evaluation evaluation_room;  // kept for their capacity
  std::vector<cel::Value> captures_room;
  ShardCounters counters;
  std::vector<Shard::HitCounts> hits;  // by rule
  std::vector<uint64_t> left_out;      // by rule
  std::pair<RuleIndex, Arrival> last_left_out{};
};

}  // namespace fengsui::pipeline
