// What a store is opened with, and what it then holds. Plain values.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "state/commit.h"
#include "state/key_value.h"

namespace fengsui::state {

struct StoreOptions {
  // The pack that the caller has. A state that is made new begins with it; an older one may have
  // another in force, whose files it has kept.
  std::string pack_hash{};
  std::shared_ptr<const std::string> pack_files{};  // rules::RuleSet::files
  std::string program_version{};                    // kept with a state that is made new
  // Names a state that is made new, for ever: what a sink keeps elsewhere of a queue's numbers
  // belongs to this state and no other. The caller makes it unlike any before.
  std::string new_state_id{};
  // Later: commits may be lost by a power cut. Only tests want it, to see that they would notice.
  Sync commit_sync = Sync::Now;
  // checkpoint() writes its groups in batches of about so much.
  size_t checkpoint_batch_bytes = 1 << 20;
};

struct QueueState {
  QueueMark mark;
  uint64_t last_sequence = 0;  // of the newest entry ever committed
};

// What the store holds, as of the last commit.
struct Recovered {
  std::string state_id;      // as given when the state was made
  LogPosition checkpoint{};  // 0: none yet
  std::string pack_hash;     // in force at the checkpoint, or when the state was made
  std::string archive_mark;  // of the checkpoint
  std::string digest;        // of the shard at the checkpoint
  // Not all groups are as the digest has them: a later checkpoint was begun and not finished.
  bool groups_are_ahead = false;
  std::string shard_rest;
  LogPosition last{};  // of the last commit
  Totals totals;
  Arrival next_arrival{1};
  std::vector<PartitionState> partitions;  // by id, dense
  std::map<std::string, QueueState, std::less<>> queues;
};

}  // namespace fengsui::state
