// The groups that a shard keeps: found by rule and group values, which of them the store does not
// have as they are, which it alone has, and when each is needed no more. No scan over all groups
// but for a digest.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/time.h"
#include "match/match.h"
#include "pipeline/away_groups.h"
#include "pipeline/changed_groups.h"
#include "pipeline/expiry_queue.h"
#include "pipeline/group_pool.h"
#include "pipeline/shard_group.h"

namespace fengsui::pipeline {

// A rule's state_key and the hash of the values as big-endian u64, then the stored form of each
// value: so a group keeps its name in every pack that keeps its rule's state, and the two numbers
// find it in the store.
std::string group_key(uint64_t state_key, std::string_view values);
// False: not such a key. A key's values are strings, ints and bools.
bool parse_group_key(std::string_view key, uint64_t& state_key, std::string_view& values);
std::string group_key_prefix(uint64_t state_key, uint64_t hash);

class ShardGroups {
 public:
  // By rule: Rule::state_key.
  explicit ShardGroups(std::vector<uint64_t> state_keys);
  ~ShardGroups() = default;
  ShardGroups(const ShardGroups&) = delete;
  ShardGroups& operator=(const ShardGroups&) = delete;

  window::Room& room() const { return *room_; }  // of what the groups keep
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

  ChangedGroups& changed() { return changed_; }
  const ChangedGroups& changed() const { return changed_; }
  void set_dirty(ShardGroup& group) { changed_.set_dirty(group); }
  // `visit` gets each group changed since the last changed().clear(), by key; null: it is gone, and
  // the store may hold a value of it.
  void for_each_dirty(const std::function<void(std::string_view, ShardGroup*)>& visit) const;
  void set_stored(ShardGroup& group, const Hash128& hash, size_t bytes);
  void sort(std::vector<ShardGroup*>& groups) const;  // by key

  // --- In the store alone
  // The group leaves memory. Requires: the store has it as it is; it has no timer; fits_away().
  void send_away(ShardGroup& group, EventTime expiry, bool when_reached);
  bool fits_away(const ShardGroup& group) const;  // no other of its name is away
  // Whether such a group may be away: the store's value of its key tells.
  bool is_away(RuleIndex rule, uint64_t hash) const {
    return !away_.empty() && away_.contains(name_of(rule, hash));
  }
  // Requires: is_away(). It is back, to be filled from the stored value of this hash and size.
  ShardGroup& take_back(RuleIndex rule, std::string_view values, const Hash128& stored,
                        size_t bytes, bool when_reached);
  bool all_here() const { return away_.empty() && away_.none_expired(); }
  AwayGroups& away() { return away_; }
  const AwayGroups& away() const { return away_; }
  size_t away_of(RuleIndex rule) const { return away_by_rule_[value_of(rule)]; }
  uint64_t name_of(RuleIndex rule, uint64_t hash) const {
    return AwayGroups::name_of(state_keys_[value_of(rule)], hash);
  }

  // --- Memory, about, by the size of what is stored of a group
  size_t memory() const { return memory_; }
  // Goes on round the table by so many places: `visit` gets those that were not found since the
  // last round, and says whether it has sent the group away.
  size_t places() const { return slots_.size(); }
  void sweep(size_t places, const std::function<bool(ShardGroup&)>& visit);

  // The group is looked at again at `at`, or before if it was to be: once the floor is there, or
  // (`when_reached`, the same at every call) once the engine's watermark is.
  void set_expiry(ShardGroup& group, EventTime at, bool when_reached);
  // The next group to look at by the floor, or by what is reached; null: there is none. Those away
  // that are due expire, unless they are to stay.
  ShardGroup* take_expiry(EventTime floor, EventTime reached, bool away_too);
  // Requires: it came from take_expiry() and has not been set again; it has no timers.
  void erase(ShardGroup& group);

  // Another pack with these state_keys: each group gets its rule's new number, or goes if there is
  // none. Requires: those that go have no timer.
  void renumber(std::vector<uint64_t> state_keys,
                const std::function<std::optional<RuleIndex>(RuleIndex)>& to);
  void for_each(const std::function<void(ShardGroup&)>& visit);

  std::vector<ShardGroup*> sorted() const;  // those in memory, by key
  std::string key_of(const ShardGroup& group) const;
  size_t size() const { return size_ + away_.size(); }
  size_t of_rule(RuleIndex rule) const { return by_rule_[value_of(rule)] + away_of(rule); }

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
  void forget(ShardGroup& group);
  void drop(ShardGroup& group);  // from the table alone
  ShardGroup* find_expiring(const ExpiryQueue::Entry& entry) const;
  void expire_away(const ExpiryQueue::Entry& entry, bool may_go,
                   std::vector<ExpiryQueue::Entry>& stay);
  static size_t memory_of(const ShardGroup& group);

  std::unique_ptr<window::Room> room_ = std::make_unique<window::Room>();
  GroupPool pool_{*room_};
  std::vector<uint64_t> state_keys_;
  std::vector<Slot> slots_;  // open addressing with linear probing; a power of two
  int shift_ = 0;            // the home of a hash is its highest bits
  size_t size_ = 0;
  std::vector<size_t> by_rule_;
  ChangedGroups changed_;
  AwayGroups away_;
  std::vector<size_t> away_by_rule_;
  size_t memory_ = 0;
  size_t hand_ = 0;  // sweep()'s place
  // A group stands in one of them, once. By the floor, when a group may go moves but later, and is
  // looked at again when it is due; by what is reached it may move earlier, but for those away.
  ExpiryQueue by_floor_;
  std::set<Expiry> by_reached_;
  ExpiryQueue away_by_reached_;
};

}  // namespace fengsui::pipeline
