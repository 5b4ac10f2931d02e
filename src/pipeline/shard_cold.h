// Groups of a shard that leave memory and come back, and what a checkpoint in steps owes the store
// (shard_away.cc). Beside Shard::State, of which it is a part.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "match/match.h"
#include "pipeline/away_groups.h"
#include "pipeline/shard.h"
#include "pipeline/shard_group.h"

namespace fengsui::pipeline {

// Of a member of the store's table of groups.
Hash128 hash_of_stored(std::string_view key, std::string_view value);

// A group's stored value, read.
struct StoredGroup {
  LogPosition includes{};
  std::optional<alert::Episode> episode;
  uint64_t timer_set = 0;
  std::unique_ptr<window::BaselineHistory> baseline;
  Kept kept;
};

struct Shard::Cold {
  using Visit = std::function<void(std::string_view key, std::string_view body)>;

  explicit Cold(State& of) : state(of) {}
  Cold(const Cold&) = delete;
  Cold& operator=(const Cold&) = delete;

  // --- Leaving
  bool may_leave(const ShardGroup& group) const;
  bool send_away(ShardGroup& group);
  void put_values(std::vector<ShardGroup*>& changed, const PutGroup& put);
  bool rest(const PutGroup& put, bool ahead);
  Expected<void> restore_stored(std::string_view key, std::string_view value);
  // The group goes for good.
  void erase(ShardGroup& group);

  // --- Coming back
  // The group of a match that is not in memory; null: there is none.
  ShardGroup* find(const rules::Rule& rule, std::string_view values, uint64_t hash);
  void fetch_for(const std::vector<match::Match>& matches);
  void bring_back_all_of(RuleIndex rule);
  void read_expired(const AwayGroups::Expired& expired);
  void read_expired();  // of all
  void for_each_encoded(const Visit& visit);

  // --- A group's value (shard_stored.cc)
  std::string encode_value(const ShardGroup& group) const;
  Expected<StoredGroup> decode_group(const rules::Rule& rule, std::string_view value) const;
  void fill_group(ShardGroup& group, StoredGroup stored);

  void note_failure(Error error) {
    if (!failure) failure = std::move(error);
  }
  uint64_t state_key_of(RuleIndex rule) const;
  bool has_expired(RuleIndex rule, uint64_t hash) const;
  void fetch(const std::vector<std::string>& keys);
  void bring_back(std::string_view key, std::string_view value);

  State& state;
  std::vector<std::pair<std::string, std::string>> owed;  // to the store, of groups that are gone
  std::optional<Error> failure;                           // of reading the store
  LogPosition away_includes{};  // the highest of those restored to be away
};

}  // namespace fengsui::pipeline
