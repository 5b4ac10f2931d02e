// Which groups the store does not have as they are: changed, or gone. A checkpoint lists them, and
// takes what is listed in steps; what changes or goes meanwhile is of the next list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "pipeline/shard_group.h"

namespace fengsui::pipeline {

class ChangedGroups {
 public:
  // By key, with the hash of what the store holds.
  using Gone = std::map<std::string, Hash128, std::less<>>;

  void set_dirty(ShardGroup& group) {
    if (notes_ && !is_dirty(group)) add(group);
  }
  // From here on no change is noted. Requires: none is.
  void forget_all() { notes_ = false; }
  bool is_dirty(const ShardGroup& group) const { return group.dirty_at_ != ShardGroup::kClean; }
  void set_clean(ShardGroup& group);
  bool is_stored(const ShardGroup& group) const { return group.is_stored(); }
  // The store holds a value of the group with this hash, and no other one.
  void set_stored(ShardGroup& group, const Hash128& hash);
  // The sum of the hashes of all values that the store holds, but for those of groups that were
  // gone at the last clear() or end(): in each half modulo 2^64.
  const Hash128& stored_sum() const { return stored_sum_; }

  // The group goes for good.
  void forget(ShardGroup& group, const std::string& key);
  // It was gone and is made again: its earlier value is still in the store, to be overwritten.
  void take_gone(ShardGroup& group, std::string_view key);
  bool none_gone() const { return gone_.empty(); }
  // A value in the store of which there is no group.
  void set_gone(std::string_view key, const Hash128& stored) { gone_.emplace(key, stored); }
  bool is_gone(std::string_view key) const { return gone_.contains(key); }

  // All that is dirty, in no order; listed or not.
  std::vector<ShardGroup*> dirty() const;
  const Gone& gone() const { return gone_; }
  void clear();

  // --- In steps. What is dirty or gone now is listed.
  void begin();
  bool is_listing() const { return listing_; }
  bool is_listed(const ShardGroup& group) const {
    return listing_ && is_dirty(group) && (group.dirty_at_ & 1) != current_;
  }
  // At most so many of the listed; they are clean. In no order, but near each other in the store.
  std::vector<ShardGroup*> take_listed(size_t most);
  void set_gone_listed(std::string_view key, const Hash128& stored) {
    listed_gone_.emplace(key, stored);
  }
  // The keys of what was gone. Requires: none is listed any more.
  std::vector<std::string> end();

 private:
  void add(ShardGroup& group);

  bool notes_ = true;  // false: forget_all()
  // Parts by the highest bits of the hash in their keys, and so by where they lie among those of
  // their rule. ShardGroup::dirty_at_ is a place in a part, and in the lowest bit of which list.
  using List = std::vector<std::vector<ShardGroup*>>;
  static constexpr int kPartBits = 9;
  static size_t part_of(const ShardGroup& group);
  List dirty_[2] = {List(1 << kPartBits), List(1 << kPartBits)};
  size_t next_part_ = 0;  // of take_listed()
  uint32_t current_ = 0;  // the list of what becomes dirty
  bool listing_ = false;
  Gone gone_, listed_gone_;
  Hash128 stored_sum_;
};

}  // namespace fengsui::pipeline
