#include "pipeline/shard_groups.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/byte_codec.h"
#include "base/hash_table.h"
#include "base/invariant.h"

namespace fengsui::pipeline {
namespace {

void subtract(Hash128& sum, const Hash128& hash) {
  sum.high -= hash.high;
  sum.low -= hash.low;
}

constexpr size_t kPlacesMin = 64;
constexpr int kAddressBits = 48;
constexpr uint64_t kAddressMask = (uint64_t{1} << kAddressBits) - 1;

// Not the bits that say where it stands.
uint64_t tag_of(uint64_t hash) { return hash << kAddressBits; }

int64_t minute_of(EventTime time) {
  return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

}  // namespace

std::string group_key(uint64_t state_key, std::string_view values) {
  std::string key;
  ByteWriter(key).key_u64(state_key);
  key += values;
  return key;
}

bool parse_group_key(std::string_view key, uint64_t& state_key, std::string_view& values) {
  ByteReader in(key);
  state_key = in.key_u64();
  values = in.rest();
  while (in.ok() && !in.at_end()) {
    const cel::Kind kind = cel::decode_value(in).kind();
    if (kind != cel::Kind::String && kind != cel::Kind::Int && kind != cel::Kind::Bool)
      return false;
  }
  return in.ok() && !values.empty();
}

std::string_view ShardGroup::order() {
  if (more().order.empty()) more().order = window::group_order(values());
  return more().order;
}

ShardGroup::More& ShardGroup::more() {
  if (!more_) more_ = std::make_unique<More>();
  return *more_;
}

ShardGroups::ShardGroups(std::vector<uint64_t> state_keys)
    : state_keys_(std::move(state_keys)), by_rule_(state_keys_.size(), 0) {
  rebuild(kPlacesMin);
}

ShardGroups::~ShardGroups() {
  for (const Slot slot : slots_) delete group_in(slot);
}

uint64_t ShardGroups::hash_for(RuleIndex rule, uint64_t hash) {
  // Each rule's groups stand elsewhere: a step of the golden ratio, then all bits mixed upwards.
  return (hash ^ (value_of(rule) + 1) * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93;
}

uint64_t ShardGroups::hash_of(const ShardGroup& group) {
  return hash_for(group.rule, match::MatchBytes::hash_of(group.bytes()));
}

ShardGroup* ShardGroups::group_in(Slot slot) {
  return reinterpret_cast<ShardGroup*>(slot & kAddressMask);
}

ShardGroup* ShardGroups::find(RuleIndex rule, std::string_view values, uint64_t hash) const {
  hash = hash_for(rule, hash);
  const uint64_t tag = tag_of(hash);
  for (size_t at = home(hash); slots_[at] != 0; at = after(at)) {
    if ((slots_[at] & ~kAddressMask) != tag) continue;
    ShardGroup* const group = group_in(slots_[at]);
    if (group->rule == rule && group->bytes() == values) return group;
  }
  return nullptr;
}

void ShardGroups::prefetch(RuleIndex rule, uint64_t hash) const {
  __builtin_prefetch(&slots_[home(hash_for(rule, hash))]);
}

const ShardGroup* ShardGroups::likely(RuleIndex rule, uint64_t hash) const {
  hash = hash_for(rule, hash);
  const uint64_t tag = tag_of(hash);
  for (size_t at = home(hash); slots_[at] != 0; at = after(at)) {
    if ((slots_[at] & ~kAddressMask) == tag) return group_in(slots_[at]);
  }
  return nullptr;
}

ShardGroup& ShardGroups::make(RuleIndex rule, std::string_view values, uint64_t hash) {
  // At most two thirds full.
  if ((size_ + 1) * 3 > slots_.size() * 2) rebuild(slots_.size() * 2);
  auto* const group = new ShardGroup(rule, values);
  put(*group, hash_for(rule, hash));
  // Its earlier value is still in the store, to be overwritten or deleted.
  if (!gone_.empty()) {
    if (auto gone = gone_.extract(key_of(*group))) group->stored_ = gone.mapped();
  }
  ++size_;
  ++by_rule_[value_of(rule)];
  return *group;
}

void ShardGroups::put(ShardGroup& group, uint64_t hash) {
  const auto address = reinterpret_cast<uint64_t>(&group);
  INVARIANT(address <= kAddressMask);
  size_t at = home(hash);
  while (slots_[at] != 0) at = after(at);
  slots_[at] = tag_of(hash) | address;
}

void ShardGroups::rebuild(size_t places) {
  const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(places, 0));
  shift_ = 64 - std::countr_zero(places);
  for (const Slot slot : before) {
    if (slot != 0) put(*group_in(slot), hash_of(*group_in(slot)));
  }
}

void ShardGroups::take_out(const ShardGroup& group) {
  size_t at = home(hash_of(group));
  while (group_in(slots_[at]) != &group) at = after(at);
  free_place(slots_, at, 0, [this](Slot slot) { return home(hash_of(*group_in(slot))); });
}

void ShardGroups::set_dirty(ShardGroup& group) {
  if (group.dirty_at_ != ShardGroup::kClean) return;
  group.dirty_at_ = static_cast<uint32_t>(dirty_.size());
  dirty_.push_back(&group);
}

bool ShardGroups::is_before(const ShardGroup& a, const ShardGroup& b) const {
  return std::pair(state_keys_[value_of(a.rule)], a.bytes()) <
         std::pair(state_keys_[value_of(b.rule)], b.bytes());
}

std::string ShardGroups::key_of(const ShardGroup& group) const {
  return group_key(state_keys_[value_of(group.rule)], group.bytes());
}

void ShardGroups::for_each_dirty(
    const std::function<void(std::string_view, ShardGroup*)>& visit) const {
  std::vector<ShardGroup*> changed = dirty_;
  std::sort(changed.begin(), changed.end(),
            [this](const ShardGroup* a, const ShardGroup* b) { return is_before(*a, *b); });
  auto gone = gone_.begin();
  for (ShardGroup* group : changed) {
    const std::string key = key_of(*group);
    for (; gone != gone_.end() && gone->first < key; ++gone) visit(gone->first, nullptr);
    visit(key, group);
  }
  for (; gone != gone_.end(); ++gone) visit(gone->first, nullptr);
}

void ShardGroups::clear_dirty() {
  for (ShardGroup* group : dirty_) group->dirty_at_ = ShardGroup::kClean;
  dirty_.clear();
  for (const auto& [key, hash] : gone_) subtract(stored_sum_, hash);
  gone_.clear();
}

void ShardGroups::set_stored(ShardGroup& group, const Hash128& hash) {
  subtract(stored_sum_, group.stored_);  // zeros, if there was none
  group.stored_ = hash;
  stored_sum_.high += hash.high;
  stored_sum_.low += hash.low;
}

void ShardGroups::set_expiry(ShardGroup& group, EventTime at, bool when_reached) {
  if (!when_reached) {
    if (group.expires_) return;
    by_minute_[minute_of(at)].push_back(&group);
  } else {
    if (group.expires_ && group.expiry_ <= at) return;
    if (group.expires_) by_reached_.erase({group.expiry_, &group});
    by_reached_.insert({at, &group});
  }
  group.expires_ = true;
  group.expiry_ = at;
}

ShardGroup* ShardGroups::take_expiry(EventTime floor, EventTime reached) {
  while (!by_minute_.empty() && by_minute_.begin()->first <= minute_of(floor)) {
    for (ShardGroup* group : by_minute_.begin()->second) by_floor_.push({group->expiry_, group});
    by_minute_.erase(by_minute_.begin());
  }
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
  group->expires_ = false;
  return group;
}

void ShardGroups::erase(ShardGroup& group) {
  INVARIANT(!group.expires_ && !(group.more_ && group.more_->clear));
  forget(group);
  --by_rule_[value_of(group.rule)];
  --size_;
  take_out(group);
  delete &group;
}

void ShardGroups::forget(const ShardGroup& group) {
  if (group.dirty_at_ != ShardGroup::kClean) {
    dirty_[group.dirty_at_] = dirty_.back();
    dirty_[group.dirty_at_]->dirty_at_ = group.dirty_at_;
    dirty_.pop_back();
  }
  if (group.is_stored()) gone_.emplace(key_of(group), group.stored_);
}

void ShardGroups::renumber(std::vector<uint64_t> state_keys,
                           const std::function<std::optional<RuleIndex>(RuleIndex)>& to) {
  by_rule_.assign(state_keys.size(), 0);
  const auto goes = [&](const ShardGroup* group) { return !to(group->rule); };
  std::vector<Expiry> stay;
  for (; !by_floor_.empty(); by_floor_.pop()) {
    if (!goes(by_floor_.top().second)) stay.push_back(by_floor_.top());
  }
  by_floor_ = decltype(by_floor_)(std::greater<>(), std::move(stay));
  for (auto& [minute, groups] : by_minute_) std::erase_if(groups, goes);
  std::vector<ShardGroup*> gone;
  for (Slot& slot : slots_) {
    ShardGroup* const group = group_in(slot);
    if (group == nullptr) continue;
    if (goes(group)) {
      INVARIANT(!(group->more_ && group->more_->clear));
      if (group->expires_) by_reached_.erase({group->expiry_, group});
      forget(*group);
      gone.push_back(group);
      slot = 0;
    }
  }
  for (const ShardGroup* group : gone) delete group;
  size_ -= gone.size();
  state_keys_ = std::move(state_keys);
  for (const Slot slot : slots_) {
    if (slot == 0) continue;
    ShardGroup& group = *group_in(slot);
    group.rule = *to(group.rule);
    ++by_rule_[value_of(group.rule)];
  }
  rebuild(slots_.size());
}

void ShardGroups::for_each(const std::function<void(ShardGroup&)>& visit) {
  for (const Slot slot : slots_) {
    if (slot != 0) visit(*group_in(slot));
  }
}

std::vector<const ShardGroup*> ShardGroups::sorted() const {
  std::vector<const ShardGroup*> groups;
  groups.reserve(size_);
  for (const Slot slot : slots_) {
    if (slot != 0) groups.push_back(group_in(slot));
  }
  std::sort(groups.begin(), groups.end(),
            [this](const ShardGroup* a, const ShardGroup* b) { return is_before(*a, *b); });
  return groups;
}

}  // namespace fengsui::pipeline
