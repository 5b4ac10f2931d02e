// What a shard has stored, as its tests keep it.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/shard.h"

namespace fengsui::pipeline {

// The store of a checkpoint: group values by key, and the rest.
struct Stored {
  std::map<std::string, std::string> groups;
  std::string rest;
  std::string digest;

  void write(auto& shard) {  // a Shard, or Shards
    write_groups(shard);
    rest = shard.encode_rest();
    digest = shard.stored_digest(rest);
  }
  void write_groups(auto& shard) {
    shard.dirty(
        [&](const Shard::DirtyGroup& group) {
          if (group.value.empty()) {
            CHECK(groups.erase(group.key) == 1);
          } else {
            groups[group.key] = group.value;
          }
        },
        true);
  }
  void read_into(auto& shard) const {
    for (const auto& [key, value] : groups) {
      if (!digest.empty()) CHECK(shard.stored_digest(rest) != digest);  // one group is missing
      REQUIRE(shard.restore_group(key, value).has_value());
    }
    if (!rest.empty()) REQUIRE(shard.restore_rest(rest).has_value());
  }
};

// A store that groups leave memory for: those of a checkpoint, and newer ones.
struct ReadStored final : GroupReader {
  Stored stored;
  std::atomic<size_t> reads = 0;

  Expected<Values> read(const std::vector<std::string>& keys) override {
    Values values;
    for (const std::string& key : keys) {
      const auto found = stored.groups.find(key);
      values.push_back(found == stored.groups.end() ? std::nullopt : std::optional(found->second));
    }
    reads += keys.size();
    return values;
  }
  Expected<void> scan(std::string_view prefix, const Visit& visit) override {
    for (auto at = stored.groups.lower_bound(std::string(prefix));
         at != stored.groups.end() && at->first.starts_with(prefix); ++at) {
      visit(at->first, at->second);
    }
    return {};
  }
  Shard::PutGroup put() {
    return [this](std::string_view key, std::string_view value) {
      stored.groups[std::string(key)] = value;
    };
  }
};

// A checkpoint of a Shard, or of Shards, that is made while frames go on.
class SteppedCheckpoint {
 public:
  bool is_being_made() const { return rest_.has_value(); }
  // Requires: not is_being_made().
  void begin(auto& shard) {
    rest_ = shard.encode_rest();
    shard.begin_checkpoint();
  }
  // Puts so many groups at most; after the last, what it says is the store's. Requires:
  // is_being_made().
  void step(auto& shard, ReadStored& store, size_t most) {
    if (shard.put_listed(store.put(), most)) return;
    for (const std::string& key : shard.end_checkpoint()) CHECK(store.stored.groups.erase(key));
    store.stored.rest = *std::exchange(rest_, std::nullopt);
    store.stored.digest = shard.stored_digest(store.stored.rest);
  }
  // The process ends: groups are ahead of the last one.
  void drop(ReadStored& store) {
    rest_.reset();
    store.stored.digest.clear();
  }

 private:
  std::optional<std::string> rest_;
};

}  // namespace fengsui::pipeline
