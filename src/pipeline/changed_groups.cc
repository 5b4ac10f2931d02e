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

size_t ChangedGroups::part_of(const ShardGroup& group) {
  return match::MatchBytes::hash_of(group.bytes()) >> (64 - kPartBits);
}

void ChangedGroups::add(ShardGroup& group) {
  std::vector<ShardGroup*>& list = dirty_[current_][part_of(group)];
  group.dirty_at_ = static_cast<uint32_t>(list.size()) << 1 | current_;
  list.push_back(&group);
}

void ChangedGroups::set_clean(ShardGroup& group) {
  if (!is_dirty(group)) return;
  std::vector<ShardGroup*>& list = dirty_[group.dirty_at_ & 1][part_of(group)];
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
  std::vector<ShardGroup*> all;
  for (const List& list : dirty_) {
    for (const auto& part : list) all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

void ChangedGroups::clear() {
  INVARIANT(!listing_);
  for (std::vector<ShardGroup*>& part : dirty_[current_]) {
    for (ShardGroup* group : part) group->dirty_at_ = ShardGroup::kClean;
    part.clear();
  }
  for (const auto& [key, hash] : gone_) subtract(stored_sum_, hash);
  gone_.clear();
}

void ChangedGroups::begin() {
  INVARIANT(!std::exchange(listing_, true));
  current_ = 1 - current_;
  next_part_ = 0;
  listed_gone_ = std::exchange(gone_, {});
}

std::vector<ShardGroup*> ChangedGroups::take_listed(size_t most) {
  List& list = dirty_[1 - current_];
  std::vector<ShardGroup*> taken;
  while (next_part_ < list.size() && taken.size() < most) {
    std::vector<ShardGroup*>& part = list[next_part_];
    const size_t count = std::min(most - taken.size(), part.size());
    taken.insert(taken.end(), part.end() - static_cast<std::ptrdiff_t>(count), part.end());
    part.resize(part.size() - count);
    if (part.empty()) {
      part.shrink_to_fit();
      ++next_part_;
    }
  }
  for (ShardGroup* group : taken) group->dirty_at_ = ShardGroup::kClean;
  return taken;
}

std::vector<std::string> ChangedGroups::end() {
  INVARIANT(std::exchange(listing_, false));
  for (const std::vector<ShardGroup*>& part : dirty_[1 - current_]) INVARIANT(part.empty());
  std::vector<std::string> keys;
  for (const auto& [key, hash] : listed_gone_) {
    subtract(stored_sum_, hash);
    keys.push_back(key);
  }
  listed_gone_.clear();
  return keys;
}

}  // namespace fengsui::pipeline
