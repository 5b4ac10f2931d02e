#include "pipeline/changed_groups.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace fengsui::pipeline {
namespace {

void subtract(Hash128& sum, const Hash128& hash) {
  sum.high -= hash.high;
  sum.low -= hash.low;
}

}  // namespace

void ChangedGroups::add(ShardGroup& group) {
  std::vector<ShardGroup*>& list = dirty_[current_];
  group.dirty_at_ = static_cast<uint32_t>(list.size()) << 1 | current_;
  list.push_back(&group);
}

void ChangedGroups::set_clean(ShardGroup& group) {
  if (!is_dirty(group)) return;
  std::vector<ShardGroup*>& list = dirty_[group.dirty_at_ & 1];
  const uint32_t place = group.dirty_at_ >> 1;
  list[place] = list.back();
  list[place]->dirty_at_ = group.dirty_at_;
  list.pop_back();
  group.dirty_at_ = ShardGroup::kClean;
}

void ChangedGroups::set_stored(ShardGroup& group, const Hash128& hash) {
  subtract(stored_sum_, group.stored().hash);  // zeros, if there was none
  group.make_stored().hash = hash;
  stored_sum_.high += hash.high;
  stored_sum_.low += hash.low;
}

void ChangedGroups::forget(ShardGroup& group, const std::string& key) {
  set_clean(group);
  if (group.is_stored()) gone_.emplace(key, group.stored().hash);
}

void ChangedGroups::take_gone(ShardGroup& group, std::string_view key) {
  const auto gone = gone_.find(key);
  if (gone == gone_.end()) return;
  group.make_stored().hash = gone->second;
  gone_.erase(gone);
}

std::vector<ShardGroup*> ChangedGroups::dirty() const {
  std::vector<ShardGroup*> all = dirty_[0];
  all.insert(all.end(), dirty_[1].begin(), dirty_[1].end());
  return all;
}

void ChangedGroups::clear() {
  INVARIANT(!listing_);
  for (ShardGroup* group : dirty_[current_]) group->dirty_at_ = ShardGroup::kClean;
  dirty_[current_].clear();
  for (const auto& [key, hash] : gone_) subtract(stored_sum_, hash);
  gone_.clear();
}

void ChangedGroups::begin() {
  INVARIANT(!std::exchange(listing_, true));
  current_ = 1 - current_;
  listed_gone_ = std::exchange(gone_, {});
}

std::vector<ShardGroup*> ChangedGroups::take_listed(size_t most) {
  std::vector<ShardGroup*>& list = dirty_[1 - current_];
  const size_t first = list.size() - std::min(most, list.size());
  std::vector<ShardGroup*> taken(list.begin() + static_cast<std::ptrdiff_t>(first), list.end());
  list.resize(first);
  for (ShardGroup* group : taken) group->dirty_at_ = ShardGroup::kClean;
  return taken;
}

std::vector<std::string> ChangedGroups::end() {
  INVARIANT(std::exchange(listing_, false) && dirty_[1 - current_].empty());
  std::vector<std::string> keys;
  for (const auto& [key, hash] : listed_gone_) {
    subtract(stored_sum_, hash);
    keys.push_back(key);
  }
  listed_gone_.clear();
  return keys;
}

}  // namespace fengsui::pipeline
