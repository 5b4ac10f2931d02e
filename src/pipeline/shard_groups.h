// The groups that a shard keeps: found by rule and group values, which of them a checkpoint has to
// write, and when each is needed no more. No scan over all groups but for a digest.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "alert/episode.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/time.h"
#include "cel/value.h"
#include "window/baseline.h"
#include "window/closing_contents.h"
#include "window/contents.h"
#include "window/count_window.h"
#include "window/sequence.h"
#include "window/session_window.h"
#include "window/timers.h"

namespace fengsui::pipeline {

// What a group keeps of events; Contents, and empty, for a rule over single events.
using Kept = std::variant<window::Contents, window::ClosingContents, window::Sessions,
                          window::CountContents, window::PartialMatches>;

// All that there is of one (rule, group).
struct ShardGroup {
  std::string key;  // group_key()
  RuleIndex rule{};
  std::vector<cel::Value> values;
  std::string order;                                  // window::group_order(values)
  Kept kept;                                          // of the rule's kind (RuleKeeping)
  std::unique_ptr<window::BaselineHistory> baseline;  // of a rule that has one
  std::optional<alert::Episode> episode;
  std::optional<window::Timer> clear;  // set while an episode is open; other timers: `kept`
  // Of a restored group: the log up to here is in it already.
  LogPosition includes{};

  // Kept by ShardGroups:
  std::optional<Hash128> stored;    // a checkpoint may hold a value of it, with this hash
  std::optional<EventTime> expiry;  // it stands in a queue of expiries
  size_t dirty_at = SIZE_MAX;       // its place among the dirty ones
};

// Rule::state_key as a big-endian u64, then the stored form of each value: so a group keeps its
// name in every pack that keeps its rule's state.
std::string group_key(uint64_t state_key, const std::vector<cel::Value>& values);
// False: not such a key. A key's values are strings, ints and bools.
bool parse_group_key(std::string_view key, uint64_t& state_key, std::vector<cel::Value>& values);

class ShardGroups {
 public:
  explicit ShardGroups(size_t rules) : by_rule_(rules, 0) {}

  ShardGroup* find(std::string_view key) const;
  // Requires: find(key) is null; key is of these values. The address stays until it is erased.
  ShardGroup& make(std::string key, RuleIndex rule, std::vector<cel::Value> values);

  void set_dirty(ShardGroup& group);
  // `visit` gets each group changed since the last clear_dirty(), by key; null: it is gone, and a
  // checkpoint may hold a value of it.
  void for_each_dirty(const std::function<void(std::string_view, ShardGroup*)>& visit) const;
  void clear_dirty();
  // A checkpoint holds a value of the group with this hash, and no other one.
  void set_stored(ShardGroup& group, const Hash128& hash);
  // The sum of the hashes of all values that checkpoints hold, but for those of groups that were
  // gone at the last clear_dirty(): in each half modulo 2^64.
  const Hash128& stored_sum() const { return stored_sum_; }

  // The group is looked at again at `at`, or before if it was to be: once the floor is there, or
  // (`when_reached`, the same at every call) once the engine's watermark is.
  void set_expiry(ShardGroup& group, EventTime at, bool when_reached);
  // The next group to look at by the floor, or by what is reached; null: there is none.
  ShardGroup* take_expiry(EventTime floor, EventTime reached);
  // Requires: it came from take_expiry() and has not been set again; it has no timers.
  void erase(ShardGroup& group);

  // Another pack of so many rules: each group gets its rule's new number, or goes if there is none.
  // Requires: those that go have no timer.
  void renumber(size_t rules, const std::function<std::optional<RuleIndex>(RuleIndex)>& to);
  void for_each(const std::function<void(ShardGroup&)>& visit);

  std::vector<const ShardGroup*> sorted() const;  // by key
  size_t size() const { return groups_.size(); }
  size_t of_rule(RuleIndex rule) const { return by_rule_[value_of(rule)]; }

 private:
  using Expiry = std::pair<EventTime, ShardGroup*>;
  void forget(const ShardGroup& group);

  std::unordered_map<std::string_view, std::unique_ptr<ShardGroup>>
      groups_;  // keys: ShardGroup::key
  std::vector<size_t> by_rule_;
  std::vector<ShardGroup*> dirty_;
  std::map<std::string, Hash128, std::less<>> gone_;  // with the hash of what is stored
  Hash128 stored_sum_;
  // A group stands in one of them, once. By the floor, when a group may go moves but later, and is
  // looked at again when it is due; by what is reached it may move earlier.
  std::priority_queue<Expiry, std::vector<Expiry>, std::greater<>> by_floor_;
  std::set<Expiry> by_reached_;
};

}  // namespace fengsui::pipeline
