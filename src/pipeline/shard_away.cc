// Groups that leave memory and come back, and the checkpoint in steps. A group that is in the store
// alone is what it would be after a restart: the same bytes, read by the same code.
#include <algorithm>
#include <utility>

#include "base/byte_codec.h"
#include "base/invariant.h"
#include "pipeline/shard_state.h"

namespace fengsui::pipeline {
namespace {

// Of one call, so that the engine's thread is not held up for long.
constexpr size_t kSentMost = 4096, kSweptMost = 4 * kSentMost;
constexpr size_t kExpiredMost = 64;

}  // namespace

Hash128 hash_of_stored(std::string_view key, std::string_view value) {
  std::string member;
  ByteWriter out(member);
  out.text(key);
  member += value;
  return hash128(member);
}

// --- Leaving

// Needs the store to have it as it is. False: it has to stay.
bool Shard::Cold::may_leave(const ShardGroup& group) const {
  const rules::Rule& rule = state.rules->rule(group.rule);
  return !rule.baseline && state.expiry_of(group) && state.groups.fits_away(group);
}

bool Shard::Cold::send_away(ShardGroup& group) {
  if (state.options.reader == nullptr || !may_leave(group)) return false;
  state.groups.send_away(group, *state.expiry_of(group),
                         state.expires_when_reached(state.rules->rule(group.rule)));
  return true;
}

void Shard::Cold::put_values(std::vector<ShardGroup*>& changed, const PutGroup& put) {
  state.groups.sort(changed);
  for (ShardGroup* group : changed) {
    const std::string key = state.groups.key_of(*group), value = encode_value(*group);
    state.groups.set_stored(*group, hash_of_stored(key, value), value.size());
    put(key, value);
  }
}

bool Shard::Cold::rest(const PutGroup& put, bool ahead) {
  const size_t most = state.options.memory_bytes - state.options.memory_bytes / 16;
  if (state.options.reader == nullptr || state.groups.memory() <= state.options.memory_bytes)
    return false;
  ChangedGroups& changed = state.groups.changed();
  std::vector<ShardGroup*> to_write;
  size_t sent = 0;
  const auto visit = [&](ShardGroup& group) {
    if (state.groups.memory() <= most || sent >= kSentMost) return false;
    if (!changed.is_dirty(group)) {
      const bool gone = changed.is_stored(group) && send_away(group);
      sent += gone ? 1 : 0;
      return gone;
    }
    // While a checkpoint lists state.groups, what has changed since may follow one that it deletes.
    if (!ahead || (changed.is_listing() && !changed.is_listed(group)) || !may_leave(group)) {
      return false;
    }
    to_write.push_back(&group);
    ++sent;
    return false;
  };
  state.groups.sweep(std::min(kSweptMost, state.groups.places()), visit);
  // The sweep may meet a group twice, where others have moved up.
  std::sort(to_write.begin(), to_write.end());
  to_write.erase(std::unique(to_write.begin(), to_write.end()), to_write.end());
  for (ShardGroup* group : to_write) changed.set_clean(*group);
  put_values(to_write, put);
  for (ShardGroup* group : to_write) send_away(*group);
  return state.groups.memory() > state.options.memory_bytes;
}

// Of a state with more state.groups than memory takes, the store keeps those that may be there
// alone.
Expected<void> Shard::Cold::restore_stored(std::string_view key, std::string_view value) {
  Expected<ShardGroup*> restored = state.restore_group(key, value);
  if (!restored) return fail(restored.error());
  const LogPosition includes = (*restored)->includes;
  if (state.groups.memory() > state.options.memory_bytes && send_away(**restored)) {
    away_includes = std::max(away_includes, includes);
  }
  return {};
}

// --- Coming back

ShardGroup* Shard::Cold::find(const rules::Rule& rule, std::string_view values, uint64_t hash) {
  if (!state.groups.is_away(rule.index, hash) && !has_expired(rule.index, hash)) return nullptr;
  fetch({group_key(state_key_of(rule.index), values)});
  return state.groups.find(rule.index, values, hash);
}

uint64_t Shard::Cold::state_key_of(RuleIndex rule) const {
  return state.rules->rule(rule).state_key;
}

bool Shard::Cold::has_expired(RuleIndex rule, uint64_t hash) const {
  return state.groups.away().has_expired(state.groups.name_of(rule, hash));
}

// One look at the store for all that the frame's matches will ask for.
void Shard::Cold::fetch_for(const std::vector<match::Match>& matches) {
  if (state.groups.all_here()) return;
  std::vector<std::string> keys;
  for (const match::Match& match : matches) {
    const uint64_t hash = match.bytes.group_hash();
    if (!state.groups.is_away(match.rule, hash) && !has_expired(match.rule, hash)) continue;
    if (state.groups.find(match.rule, match.group(), hash)) continue;
    keys.push_back(group_key(state_key_of(match.rule), match.group()));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (!keys.empty()) fetch(keys);
}

void Shard::Cold::fetch(const std::vector<std::string>& keys) {
  Expected<GroupReader::Values> values = state.options.reader->read(keys);
  if (!values) return note_failure(values.error());
  for (size_t i = 0; i < keys.size(); ++i) {
    if ((*values)[i]) bring_back(keys[i], *(*values)[i]);
  }
}

// A value of the store, under a name that is away or has expired.
void Shard::Cold::bring_back(std::string_view key, std::string_view value) {
  uint64_t state_key = 0;
  std::string_view values;
  INVARIANT(parse_group_key(key, state_key, values));
  const RuleIndex index = state.rule_of_key.at(state_key);
  const uint64_t hash = match::MatchBytes::hash_of(values);
  if (state.groups.find(index, values, hash) || state.groups.changed().is_gone(key)) return;
  const Hash128 stored = hash_of_stored(key, value);
  if (!state.groups.is_away(index, hash)) {
    state.groups.changed().set_gone(key, stored);
    state.groups.away().set_read(state.groups.name_of(index, hash));
    return;
  }
  const rules::Rule& rule = state.rules->rule(index);
  Expected<StoredGroup> read = decode_group(rule, value);
  if (!read) return note_failure(read.error());
  fill_group(
      state.groups.take_back(index, values, stored, value.size(), state.expires_when_reached(rule)),
      std::move(*read));
}

void Shard::Cold::bring_back_all_of(RuleIndex rule) {
  if (state.groups.away_of(rule) == 0) return;
  std::vector<std::pair<std::string, std::string>> found;
  std::string prefix;
  ByteWriter(prefix).key_u64(state_key_of(rule));
  const Expected<void> scanned = state.options.reader->scan(
      prefix,
      [&](std::string_view key, std::string_view value) { found.emplace_back(key, value); });
  if (!scanned) return note_failure(scanned.error());
  for (const auto& [key, value] : found) {
    uint64_t state_key = 0;
    std::string_view values;
    if (!parse_group_key(key, state_key, values)) continue;
    if (state.groups.is_away(rule, match::MatchBytes::hash_of(values))) bring_back(key, value);
  }
}

// Of a group that has expired while it was away there is but its name: its key and the hash of its
// value are read, so that the value can be deleted.
void Shard::Cold::read_expired(const AwayGroups::Expired& expired) {
  const auto rule = state.rule_of_key.find(expired.state_key);
  const Expected<void> scanned = state.options.reader->scan(
      group_key_prefix(expired.state_key, expired.hash),
      [&](std::string_view key, std::string_view value) {
        uint64_t state_key = 0;
        std::string_view values;
        if (!parse_group_key(key, state_key, values) || state.groups.changed().is_gone(key)) return;
        const ShardGroup* const group = rule == state.rule_of_key.end()
                                            ? nullptr
                                            : state.groups.find(rule->second, values, expired.hash);
        // Another one of the same hash.
        if (group != nullptr && state.groups.changed().is_stored(*group)) return;
        if (state.groups.changed().is_listing()) {
          state.groups.changed().set_gone_listed(key, hash_of_stored(key, value));
        } else {
          state.groups.changed().set_gone(key, hash_of_stored(key, value));
        }
      });
  if (!scanned) note_failure(scanned.error());
}

void Shard::Cold::read_expired() {
  if (state.groups.away().none_expired()) return;
  state.groups.away().begin_listing();
  for (const AwayGroups::Expired& expired : state.groups.away().take_listed(SIZE_MAX)) {
    read_expired(expired);
  }
}

// All state.groups by key, as they would be stored now; those away are read for it.
void Shard::Cold::for_each_encoded(
    const std::function<void(std::string_view, std::string_view)>& visit) {
  const std::vector<ShardGroup*> here = state.groups.sorted();
  auto next = here.begin();
  const auto give = [&](std::string_view key, const ShardGroup& group) {
    std::string body;
    ByteWriter out(body);
    state.encode_group(out, group);
    visit(key, body);
  };
  const auto give_up_to = [&](std::optional<std::string_view> limit) {
    for (; next != here.end(); ++next) {
      const std::string key = state.groups.key_of(**next);
      if (limit && key >= *limit) return;
      give(key, **next);
    }
  };
  const auto give_away = [&](std::string_view key, std::string_view value) {
    uint64_t state_key = 0;
    std::string_view values;
    if (!parse_group_key(key, state_key, values) || !state.rule_of_key.contains(state_key)) return;
    const rules::Rule& rule = state.rules->rule(state.rule_of_key.at(state_key));
    const uint64_t hash = match::MatchBytes::hash_of(values);
    if (!state.groups.is_away(rule.index, hash) || state.groups.find(rule.index, values, hash) ||
        state.groups.changed().is_gone(key)) {
      return;
    }
    give_up_to(key);
    Expected<StoredGroup> stored = decode_group(rule, value);
    if (!stored) return note_failure(stored.error());
    ShardGroup group(rule.index, values);
    group.kept = std::move(stored->kept);
    give(key, group);
  };
  if (!state.groups.away().empty()) {
    const Expected<void> scanned = state.options.reader->scan({}, give_away);
    if (!scanned) note_failure(scanned.error());
  }
  give_up_to(std::nullopt);
}

// --- The checkpoint in steps

// A listed group that goes is written once more as it is: a replay from where the list was made
// needs what it held then.
void Shard::Cold::erase(ShardGroup& group) {
  if (state.groups.changed().is_listed(group)) {
    std::string key = state.groups.key_of(group), value = encode_value(group);
    state.groups.set_stored(group, hash_of_stored(key, value), value.size());
    owed.emplace_back(std::move(key), std::move(value));
  }
  state.groups.erase(group);
}

void Shard::begin_checkpoint() {
  state_->groups.changed().begin();
  state_->groups.away().begin_listing();
}

bool Shard::put_listed(const PutGroup& put, size_t most) {
  State& state = *state_;
  for (const auto& [key, value] : std::exchange(state.cold.owed, {})) put(key, value);
  const std::vector<AwayGroups::Expired> expired = state.groups.away().take_listed(kExpiredMost);
  for (const AwayGroups::Expired& each : expired) state.cold.read_expired(each);
  if (!expired.empty()) return true;
  std::vector<ShardGroup*> listed = state.groups.changed().take_listed(most);
  state.cold.put_values(listed, put);
  return !listed.empty();
}

std::vector<std::string> Shard::end_checkpoint() {
  INVARIANT(state_->cold.owed.empty());
  return state_->groups.changed().end();
}

bool Shard::rest(const PutGroup& put, bool ahead) { return state_->cold.rest(put, ahead); }
const std::optional<Error>& Shard::failure() const { return state_->cold.failure; }
size_t Shard::groups_away() const { return state_->groups.away().size(); }

}  // namespace fengsui::pipeline
