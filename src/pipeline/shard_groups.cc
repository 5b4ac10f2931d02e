#include "pipeline/shard_groups.h"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include "base/byte_codec.h"
#include "base/hash_table.h"
#include "base/invariant.h"

namespace fengsui::pipeline {
namespace {

constexpr size_t kPlacesMin = 64;
constexpr size_t kRebuildAhead = 32;  // places
constexpr int kAddressBits = 48;
constexpr uint64_t kAddressMask = (uint64_t{1} << kAddressBits) - 1;

// Not the bits that say where it stands.
uint64_t tag_of(uint64_t hash) { return hash << kAddressBits; }

// What a group takes beside its window, and what a byte of its stored form takes in memory, about:
// measured over the reference rules (bench/README.md, "State").
constexpr size_t kGroupBytes = sizeof(ShardGroup) + 48;
constexpr size_t kBytesPerStored = 3;
constexpr size_t kNewBytes = 300;  // of one that was never stored

}  // namespace

std::string group_key(uint64_t state_key, std::string_view values) {
  return group_key_prefix(state_key, match::MatchBytes::hash_of(values)).append(values);
}

std::string group_key_prefix(uint64_t state_key, uint64_t hash) {
  std::string key;
  ByteWriter out(key);
  out.key_u64(state_key);
  out.key_u64(hash);
  return key;
}

bool parse_group_key(std::string_view key, uint64_t& state_key, std::string_view& values) {
  ByteReader in(key);
  state_key = in.key_u64();
  const uint64_t hash = in.key_u64();
  values = in.rest();
  if (hash != match::MatchBytes::hash_of(values)) return false;
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

void Kept::follow_rule(const window::CaptureMap* captures) {
  const auto follow = [captures](auto& kept) {
    if constexpr (requires { kept->follow_rule(captures); }) {
      kept->follow_rule(captures);
    } else {
      kept.follow_rule(captures);
    }
  };
  std::visit(follow, of_);
}

bool Kept::owns_heap() const {
  const auto* contents = std::get_if<window::Contents>(&of_);
  return contents == nullptr || contents->runs();
}

const void* Kept::address() const {
  if (const auto* contents = std::get_if<window::Contents>(&of_)) return contents->address();
  return std::visit(
      [](const auto& kept) -> const void* {
        if constexpr (requires { kept.get(); }) return kept.get();
        return nullptr;
      },
      of_);
}

ShardGroup::~ShardGroup() {
  if (stored_ == nullptr) return;
  static_cast<window::Room*>(window::Slab::owner_of(stored_))->slab.give(stored_, sizeof *stored_);
}

ShardGroup::Stored& ShardGroup::make_stored() {
  if (stored_ == nullptr) {
    auto& room = *static_cast<window::Room*>(window::Slab::owner_of(this));
    stored_ = new (room.slab.take(sizeof(Stored))) Stored;
  }
  return *stored_;
}

ShardGroup::More& ShardGroup::more() {
  if (!more_) more_ = std::make_unique<More>();
  return *more_;
}

ShardGroups::ShardGroups(std::vector<uint64_t> state_keys)
    : state_keys_(std::move(state_keys)),
      by_rule_(state_keys_.size(), 0),
      away_by_rule_(state_keys_.size(), 0) {
  rebuild(kPlacesMin);
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
    if (group->rule != rule || group->bytes() != values) continue;
    group->used_ = true;
    return group;
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
  auto* const group = pool_.make(rule, values);
  put(*group, hash_for(rule, hash));
  // Its earlier value is still in the store, to be overwritten or deleted.
  if (!changed_.none_gone()) changed_.take_gone(*group, key_of(*group));
  memory_ += memory_of(*group);
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
  for (size_t i = 0; i < before.size(); ++i) {
    // Their names are read for the hash: a cache miss each, unless they are asked for ahead.
    if (i + kRebuildAhead < before.size()) __builtin_prefetch(group_in(before[i + kRebuildAhead]));
    if (before[i] != 0) put(*group_in(before[i]), hash_of(*group_in(before[i])));
  }
}

void ShardGroups::take_out(const ShardGroup& group) {
  size_t at = home(hash_of(group));
  while (group_in(slots_[at]) != &group) at = after(at);
  free_place(
      slots_, at, Slot{0}, [](Slot slot) { return slot == 0; },
      [this](Slot slot) { return home(hash_of(*group_in(slot))); });
}

size_t ShardGroups::memory_of(const ShardGroup& group) {
  const size_t stored = group.stored().bytes;
  return kGroupBytes + (stored == 0 ? kNewBytes : stored * kBytesPerStored);
}

void ShardGroups::set_stored(ShardGroup& group, const Hash128& hash, size_t bytes) {
  changed_.set_stored(group, hash);
  memory_ -= memory_of(group);
  group.make_stored().bytes = static_cast<uint32_t>(std::min<size_t>(bytes, UINT32_MAX));
  memory_ += memory_of(group);
}

std::string ShardGroups::key_of(const ShardGroup& group) const {
  return group_key(state_keys_[value_of(group.rule)], group.bytes());
}

void ShardGroups::sort(std::vector<ShardGroup*>& groups) const {
  std::vector<std::pair<uint64_t, ShardGroup*>> by_hash;
  by_hash.reserve(groups.size());
  for (ShardGroup* group : groups) {
    by_hash.emplace_back(match::MatchBytes::hash_of(group->bytes()), group);
  }
  std::sort(by_hash.begin(), by_hash.end(), [this](const auto& a, const auto& b) {
    const uint64_t a_key = state_keys_[value_of(a.second->rule)];
    const uint64_t b_key = state_keys_[value_of(b.second->rule)];
    if (a_key != b_key) return a_key < b_key;
    if (a.first != b.first) return a.first < b.first;
    return a.second->bytes() < b.second->bytes();
  });
  for (size_t i = 0; i < groups.size(); ++i) groups[i] = by_hash[i].second;
}

void ShardGroups::for_each_dirty(
    const std::function<void(std::string_view, ShardGroup*)>& visit) const {
  std::vector<ShardGroup*> dirty = changed_.dirty();
  sort(dirty);
  auto gone = changed_.gone().begin();
  const auto end = changed_.gone().end();
  for (ShardGroup* group : dirty) {
    const std::string key = key_of(*group);
    for (; gone != end && gone->first < key; ++gone) visit(gone->first, nullptr);
    visit(key, group);
  }
  for (; gone != end; ++gone) visit(gone->first, nullptr);
}

void ShardGroups::set_expiry(ShardGroup& group, EventTime at, bool when_reached) {
  if (!when_reached) {
    if (group.expires_) return;
    by_floor_.push({at, group.rule, match::MatchBytes::hash_of(group.bytes())});
  } else {
    if (group.expires_ && group.expiry() <= at) return;
    if (group.expires_) by_reached_.erase({group.expiry(), &group});
    by_reached_.insert({at, &group});
  }
  group.set_expiry(at);
}

ShardGroup* ShardGroups::take_expiry(EventTime floor, EventTime reached, bool away_too) {
  ShardGroup* found = nullptr;
  std::vector<ExpiryQueue::Entry> stay;
  while (!found) {
    const std::optional<ExpiryQueue::Entry> entry = by_floor_.take(floor);
    if (!entry) break;
    found = find_expiring(*entry);
    if (!found) expire_away(*entry, away_too, stay);
  }
  for (const ExpiryQueue::Entry& entry : std::exchange(stay, {})) by_floor_.push(entry);
  while (const std::optional<ExpiryQueue::Entry> entry = away_by_reached_.take(reached)) {
    expire_away(*entry, away_too, stay);
  }
  for (const ExpiryQueue::Entry& entry : stay) away_by_reached_.push(entry);
  if (!found && !by_reached_.empty() && by_reached_.begin()->first <= reached) {
    found = by_reached_.begin()->second;
    by_reached_.erase(by_reached_.begin());
  }
  if (found) found->expires_ = false;
  return found;
}

// The group of this entry, if it is in memory and the entry is the one that counts.
ShardGroup* ShardGroups::find_expiring(const ExpiryQueue::Entry& entry) const {
  const uint64_t hash = hash_for(entry.rule, entry.hash);
  const uint64_t tag = tag_of(hash);
  for (size_t at = home(hash); slots_[at] != 0; at = after(at)) {
    if ((slots_[at] & ~kAddressMask) != tag) continue;
    ShardGroup* const group = group_in(slots_[at]);
    if (group->rule == entry.rule && group->expires_ && group->expiry() == entry.at &&
        match::MatchBytes::hash_of(group->bytes()) == entry.hash) {
      return group;
    }
  }
  return nullptr;
}

void ShardGroups::expire_away(const ExpiryQueue::Entry& entry, bool may_go,
                              std::vector<ExpiryQueue::Entry>& stay) {
  if (!is_away(entry.rule, entry.hash)) return;
  const uint64_t name = name_of(entry.rule, entry.hash);
  if (away_.expiry_of(name) != entry.at) return;
  if (!may_go) return stay.push_back(entry);
  away_.expire(name, {state_keys_[value_of(entry.rule)], entry.hash});
  --away_by_rule_[value_of(entry.rule)];
}

bool ShardGroups::fits_away(const ShardGroup& group) const {
  return away_.is_free(name_of(group.rule, match::MatchBytes::hash_of(group.bytes())));
}

void ShardGroups::send_away(ShardGroup& group, EventTime expiry, bool when_reached) {
  INVARIANT(group.is_stored() && !changed_.is_dirty(group) && !(group.more_ && group.more_->clear));
  const uint64_t hash = match::MatchBytes::hash_of(group.bytes());
  away_.add(name_of(group.rule, hash), expiry);
  ++away_by_rule_[value_of(group.rule)];
  if (when_reached) {
    if (group.expires_) by_reached_.erase({group.expiry(), &group});
    away_by_reached_.push({expiry, group.rule, hash});
  } else if (!group.expires_ || group.expiry() != expiry) {
    by_floor_.push({expiry, group.rule, hash});  // one that was there counts no more
  }
  drop(group);
}

ShardGroup& ShardGroups::take_back(RuleIndex rule, std::string_view values, const Hash128& stored,
                                   size_t bytes, bool when_reached) {
  const uint64_t hash = match::MatchBytes::hash_of(values);
  const uint64_t name = name_of(rule, hash);
  ShardGroup& group = make(rule, values, hash);
  group.set_expiry(away_.expiry_of(name));
  if (when_reached) by_reached_.insert({group.expiry(), &group});
  away_.remove(name);
  --away_by_rule_[value_of(rule)];
  group.make_stored().hash = stored;  // its hash has stayed in the sum
  memory_ -= memory_of(group);
  group.make_stored().bytes = static_cast<uint32_t>(std::min<size_t>(bytes, UINT32_MAX));
  memory_ += memory_of(group);
  return group;
}

void ShardGroups::sweep(size_t places, const std::function<bool(ShardGroup&)>& visit) {
  for (; places > 0; --places) {
    ShardGroup* const group = group_in(slots_[hand_ & (slots_.size() - 1)]);
    // When one has gone, the next may have moved up to its place.
    if (group == nullptr || group->take_used() || !visit(*group)) ++hand_;
  }
}

void ShardGroups::erase(ShardGroup& group) {
  INVARIANT(!group.expires_ && !(group.more_ && group.more_->clear));
  forget(group);
  drop(group);
}

void ShardGroups::drop(ShardGroup& group) {
  memory_ -= memory_of(group);
  --by_rule_[value_of(group.rule)];
  --size_;
  take_out(group);
  pool_.destroy(&group);
}

void ShardGroups::forget(ShardGroup& group) {
  changed_.forget(group, group.is_stored() ? key_of(group) : std::string());
}

void ShardGroups::renumber(std::vector<uint64_t> state_keys,
                           const std::function<std::optional<RuleIndex>(RuleIndex)>& to) {
  by_rule_.assign(state_keys.size(), 0);
  std::vector<size_t> away(state_keys.size(), 0);
  for (size_t i = 0; i < away_by_rule_.size(); ++i) {
    const std::optional<RuleIndex> rule = to(RuleIndex{static_cast<uint32_t>(i)});
    INVARIANT(rule || away_by_rule_[i] == 0);
    if (rule) away[value_of(*rule)] = away_by_rule_[i];
  }
  away_by_rule_ = std::move(away);
  const auto goes = [&](const ShardGroup* group) { return !to(group->rule); };
  by_floor_.renumber(to);
  away_by_reached_.renumber(to);
  std::vector<ShardGroup*> gone;
  for (Slot& slot : slots_) {
    ShardGroup* const group = group_in(slot);
    if (group == nullptr) continue;
    if (goes(group)) {
      INVARIANT(!(group->more_ && group->more_->clear));
      if (group->expires_) by_reached_.erase({group->expiry(), group});
      forget(*group);
      memory_ -= memory_of(*group);
      gone.push_back(group);
      slot = 0;
    }
  }
  for (ShardGroup* group : gone) pool_.destroy(group);
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

std::vector<ShardGroup*> ShardGroups::sorted() const {
  std::vector<ShardGroup*> groups;
  groups.reserve(size_);
  for (const Slot slot : slots_) {
    if (slot != 0) groups.push_back(group_in(slot));
  }
  sort(groups);
  return groups;
}

}  // namespace fengsui::pipeline
