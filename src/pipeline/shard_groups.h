// The groups that a shard keeps: found by rule and group values, which of them a checkpoint has to
// write, and when each is needed no more. No scan over all groups but for a digest.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/time.h"
#include "match/match.h"
#include "pipeline/shard_group.h"

namespace fengsui::pipeline {

// A rule's state_key as a big-endian u64, then the stored form of each value: so a group keeps its
// name in every pack that keeps its rule's state.
std::string group_key(uint64_t state_key, std::string_view values);
// False: not such a key. A key's values are strings, ints and bools.
bool parse_group_key(std::string_view key, uint64_t& state_key, std::string_view& values);

class ShardGroups {
 public:
  // By rule: Rule::state_key.
  explicit ShardGroups(std::vector<uint64_t> state_keys);
  ~ShardGroups();
  ShardGroups(const ShardGroups&) = delete;
  ShardGroups& operator=(const ShardGroups&) = delete;

  // `hash`: MatchBytes::hash_of(values).
  ShardGroup* find(RuleIndex rule, std::string_view values, uint64_t hash) const;
  ShardGroup* find(RuleIndex rule, std::string_view values) const {
    return find(rule, values, match::MatchBytes::hash_of(values));
  }
  // Requires: find() is null. The address stays until it is erased.
  ShardGroup& make(RuleIndex rule, std::string_view values, uint64_t hash);

  // --- Ahead of find(), so that it finds all in the cache: first the table's place, then the group
  // that most likely stands there (null: none does).
  void prefetch(RuleIndex rule, uint64_t hash) const;
  const ShardGroup* likely(RuleIndex rule, uint64_t hash) const;

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

  // Another pack with these state_keys: each group gets its rule's new number, or goes if there is
  // none. Requires: those that go have no timer.
  void renumber(std::vector<uint64_t> state_keys,
                const std::function<std::optional<RuleIndex>(RuleIndex)>& to);
  void for_each(const std::function<void(ShardGroup&)>& visit);

  std::vector<const ShardGroup*> sorted() const;  // by key
  std::string key_of(const ShardGroup& group) const;
  size_t size() const { return size_; }
  size_t of_rule(RuleIndex rule) const { return by_rule_[value_of(rule)]; }

 private:
  using Expiry = std::pair<EventTime, ShardGroup*>;
  // A place of the table: the group's address, and above it 16 bits of its hash; 0: free.
  using Slot = uint64_t;
  static uint64_t hash_for(RuleIndex rule, uint64_t hash);
  static uint64_t hash_of(const ShardGroup& group);
  static ShardGroup* group_in(Slot slot);
  size_t home(uint64_t hash) const { return hash >> shift_; }
  size_t after(size_t place) const { return (place + 1) & (slots_.size() - 1); }
  void put(ShardGroup& group, uint64_t hash);
  void rebuild(size_t places);
  void take_out(const ShardGroup& group);
  void forget(const ShardGroup& group);
  bool is_before(const ShardGroup& a, const ShardGroup& b) const;  // by key

  std::vector<uint64_t> state_keys_;
  std::vector<Slot> slots_;  // open addressing with linear probing; a power of two
  int shift_ = 0;            // the home of a hash is its highest bits
  size_t size_ = 0;
  std::vector<size_t> by_rule_;
  std::vector<ShardGroup*> dirty_;
  std::map<std::string, Hash128, std::less<>> gone_;  // with the hash of what is stored
  Hash128 stored_sum_;
  // A group stands in one of them, once. By the floor, when a group may go moves but later, and is
  // looked at again when it is due; by what is reached it may move earlier. Those far off by the
  // floor lie in their minute, unsorted.
  std::map<int64_t, std::vector<ShardGroup*>> by_minute_;
  std::priority_queue<Expiry, std::vector<Expiry>, std::greater<>> by_floor_;
  std::set<Expiry> by_reached_;
};

}  // namespace fengsui::pipeline
