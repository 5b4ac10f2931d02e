#include "pipeline/shard_groups.h"

#include <algorithm>
#include <utility>

#include "base/byte_codec.h"
#include "base/invariant.h"

namespace fengsui::pipeline {
namespace {

void subtract(Hash128& sum, const Hash128& hash) {
  sum.high -= hash.high;
  sum.low -= hash.low;
}

}  // namespace

std::string group_key(uint64_t state_key, const std::vector<cel::Value>& values) {
  std::string key;
  ByteWriter out(key);
  out.key_u64(state_key);
  for (const cel::Value& value : values) cel::encode_value(out, value);
  return key;
}

bool parse_group_key(std::string_view key, uint64_t& state_key, std::vector<cel::Value>& values) {
  ByteReader in(key);
  state_key = in.key_u64();
  values.clear();
  while (in.ok() && !in.at_end()) {
    values.push_back(cel::decode_value(in));
    const cel::Kind kind = values.back().kind();
    if (kind != cel::Kind::String && kind != cel::Kind::Int && kind != cel::Kind::Bool)
      return false;
  }
  return in.ok() && !values.empty();
}

ShardGroup* ShardGroups::find(std::string_view key) const {
  const auto found = groups_.find(key);
  return found == groups_.end() ? nullptr : found->second.get();
}

ShardGroup& ShardGroups::make(std::string key, RuleIndex rule, std::vector<cel::Value> values) {
  auto group = std::make_unique<ShardGroup>();
  group->key = std::move(key);
  group->rule = rule;
  group->values = std::move(values);
  group->order = window::group_order(group->values);
  // Its earlier value is still in the store, to be overwritten or deleted.
  if (auto gone = gone_.extract(group->key)) group->stored = gone.mapped();
  ++by_rule_[value_of(rule)];
  const std::string_view name = group->key;
  const auto [at, is_new] = groups_.emplace(name, std::move(group));
  INVARIANT(is_new);
  return *at->second;
}

void ShardGroups::set_dirty(ShardGroup& group) {
  if (group.dirty_at != SIZE_MAX) return;
  group.dirty_at = dirty_.size();
  dirty_.push_back(&group);
}

void ShardGroups::for_each_dirty(
    const std::function<void(std::string_view, ShardGroup*)>& visit) const {
  std::vector<std::pair<std::string_view, ShardGroup*>> changed;
  changed.reserve(dirty_.size() + gone_.size());
  for (ShardGroup* group : dirty_) changed.emplace_back(group->key, group);
  for (const auto& [key, hash] : gone_) changed.emplace_back(key, nullptr);
  std::sort(changed.begin(), changed.end());
  for (const auto& [key, group] : changed) visit(key, group);
}

void ShardGroups::clear_dirty() {
  for (ShardGroup* group : dirty_) group->dirty_at = SIZE_MAX;
  dirty_.clear();
  for (const auto& [key, hash] : gone_) subtract(stored_sum_, hash);
  gone_.clear();
}

void ShardGroups::set_stored(ShardGroup& group, const Hash128& hash) {
  if (group.stored) subtract(stored_sum_, *group.stored);
  group.stored = hash;
  stored_sum_.high += hash.high;
  stored_sum_.low += hash.low;
}

void ShardGroups::set_expiry(ShardGroup& group, EventTime at, bool when_reached) {
  if (!when_reached) {
    if (group.expiry) return;
    by_floor_.push({at, &group});
  } else {
    if (group.expiry && *group.expiry <= at) return;
    if (group.expiry) by_reached_.erase({*group.expiry, &group});
    by_reached_.insert({at, &group});
  }
  group.expiry = at;
}

ShardGroup* ShardGroups::take_expiry(EventTime floor, EventTime reached) {
  ShardGroup* group = nullptr;
  if (!by_floor_.empty() && by_floor_.top().first <= floor) {
    group = by_floor_.top().second;
    by_floor_.pop();
  } else if (!by_reached_.empty() && by_reached_.begin()->first <= reached) {
    group = by_reached_.begin()->second;
    by_reached_.erase(by_reached_.begin());
  } else {
    return nullptr;
  }
  group->expiry.reset();
  return group;
}

void ShardGroups::erase(ShardGroup& group) {
  INVARIANT(!group.expiry && !group.clear);
  forget(group);
  --by_rule_[value_of(group.rule)];
  // The map's key is a view into the group: found first, then both go together.
  groups_.erase(groups_.find(group.key));
}

void ShardGroups::forget(const ShardGroup& group) {
  if (group.dirty_at != SIZE_MAX) {
    dirty_[group.dirty_at] = dirty_.back();
    dirty_[group.dirty_at]->dirty_at = group.dirty_at;
    dirty_.pop_back();
  }
  if (group.stored) gone_.emplace(group.key, *group.stored);
}

void ShardGroups::renumber(size_t rules,
                           const std::function<std::optional<RuleIndex>(RuleIndex)>& to) {
  by_rule_.assign(rules, 0);
  std::vector<Expiry> stay;
  for (; !by_floor_.empty(); by_floor_.pop()) {
    if (to(by_floor_.top().second->rule)) stay.push_back(by_floor_.top());
  }
  by_floor_ = decltype(by_floor_)(std::greater<>(), std::move(stay));
  for (auto at = groups_.begin(); at != groups_.end();) {
    ShardGroup& group = *at->second;
    const std::optional<RuleIndex> next = to(group.rule);
    if (!next) {
      INVARIANT(!group.clear);
      if (group.expiry) by_reached_.erase({*group.expiry, &group});
      forget(group);
      const std::unique_ptr<ShardGroup> holds_the_key = std::move(at->second);
      at = groups_.erase(at);
      continue;
    }
    group.rule = *next;
    ++by_rule_[value_of(*next)];
    ++at;
  }
}

void ShardGroups::for_each(const std::function<void(ShardGroup&)>& visit) {
  for (const auto& [key, group] : groups_) visit(*group);
}

std::vector<const ShardGroup*> ShardGroups::sorted() const {
  std::vector<const ShardGroup*> groups;
  groups.reserve(groups_.size());
  for (const auto& [key, group] : groups_) groups.push_back(group.get());
  std::sort(groups.begin(), groups.end(),
            [](const ShardGroup* a, const ShardGroup* b) { return a->key < b->key; });
  return groups;
}

}  // namespace fengsui::pipeline
