// The state store: the journal (the log of matches with all that moves with it), the last
// checkpoint, admitted ids, the outbox. DESIGN.md has tables, keys, versions and recovery.
//
// Commits and checkpoints are for one thread, the engine's; outbox_after(), mark() and what reads
// groups may be called from others at the same time. An error of a commit or a checkpoint is final:
// what is on disk is unknown until the state is opened again.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "state/commit.h"
#include "state/key_value.h"
#include "state/recovered.h"

namespace fengsui::state {

class Store {
 public:
  // Makes a new state or reads an old one. Errors: Usage if another pack is in force and the state
  // has not kept it; Outside if it is of an unknown format, damaged, or cannot be read.
  static Expected<std::unique_ptr<Store>> open(std::unique_ptr<KeyValue> tables,
                                               StoreOptions options);

  // --- Recovery, before the first commit. A visit's error ends it and is handed on. --------------
  const Recovered& recovered() const { return recovered_; }
  Expected<void> visit_groups(
      const std::function<Expected<void>(std::string_view key, std::string_view value)>& visit);
  // Commits after the checkpoint, in order, without gaps; their outbox and pack stay in the store.
  Expected<void> visit_commits(const std::function<Expected<void>(const Commit&)>& visit);
  // The files of a pack that is or was in force since the checkpoint. An error: they are not kept.
  Expected<std::string> pack_files(const std::string& hash);
  // Ids that may still count for dedupe; some may be past the horizon.
  Expected<void> visit_admitted(const std::function<void(const AdmittedId&)>& visit);

  // --- The engine's thread -----------------------------------------------------------------------
  // Atomic and synced. Requires: commit.frame.position is one more than the last.
  Expected<void> commit(const Commit& commit);
  // Writes groups, then rest and marker, and cuts the log. Requires: checkpoint.position is that of
  // the last commit.
  Expected<void> checkpoint(const Checkpoint& checkpoint);
  // The same in steps, commits between them. Requires: head.position is that of the last commit.
  void begin_checkpoint(CheckpointHead head);
  // Puts values of groups into the table Groups, as of commits that there have been. Between
  // checkpoints too (groups that leave memory), but not where they have to be in one batch.
  Expected<void> put_groups(const WriteList& groups);
  // Some of the ids admitted up to head.position. False: there are none left.
  Expected<bool> put_ids();
  // What is gone since the checkpoint before, the ids left, rest and marker; cuts the log.
  Expected<void> end_checkpoint(const std::vector<std::string>& gone, std::string digest);
  // Bytes written to the journal since the last checkpoint.
  uint64_t journal_bytes() const { return journal_bytes_; }
  LogPosition last() const { return last_; }

  // --- Any thread --------------------------------------------------------------------------------
  // Entries with a sequence > `after`, in order; at least one if there is one, then as far as both
  // limits allow.
  struct OutboxLimits {
    size_t entries_max = 1000;
    size_t bytes_max = 4 << 20;
  };
  Expected<std::vector<QueueEntry>> outbox_after(std::string_view queue, uint64_t after,
                                                 OutboxLimits limits);
  // The queue is delivered up to mark.sequence: keeps the mark, forgets values of which nothing is
  // left to deliver. Not synced: a mark that a power cut loses is made again from the sink's own
  // knowledge (a file is cut back and written again).
  Expected<void> mark(std::string_view queue, const QueueMark& mark);
  // Values of groups, in the order of the keys; nullopt: there is none.
  Expected<KeyValue::Values> read_groups(const std::vector<std::string>& keys) {
    return tables_->multi_get(Table::Groups, keys);
  }
  Expected<void> scan_groups(std::string_view prefix,
                             const std::function<void(std::string_view, std::string_view)>& visit);
  uint64_t bytes_kept() { return tables_->bytes_kept(); }
  // For who keeps a table of its own in the same database (the board): not the store's tables.
  KeyValue& tables() { return *tables_; }

 private:
  struct Block {  // of admitted ids, in the table of seen ids
    std::string key;
    PartitionId partition{};
    EventTime newest{};
  };

  struct Begun {  // a checkpoint between its steps
    Marker marker;
    std::string shard_rest;
    bool in_one_batch = false;
    Duration dedupe_horizon{};
    std::deque<std::vector<AdmittedId>> ids;  // of the commits up to there, not yet in blocks
    uint32_t blocks = 0;
    uint64_t journal_bytes = 0;  // of what the marker will cut
    WriteList last;              // what goes with the marker
  };

  Store(std::unique_ptr<KeyValue> tables, StoreOptions options);
  Expected<void> make_new();
  Expected<void> check_format(std::string_view format);
  Expected<void> read_checkpoint();
  Expected<void> read_packs();
  Expected<void> scan_journal(
      const std::function<Expected<void>(const Commit&, size_t record_bytes)>& visit);
  Expected<void> read_journal();
  Expected<void> read_queues();
  Expected<void> read_blocks();
  void fold(const Commit& commit);
  void put_outbox(const std::vector<QueueEntry>& outbox, WriteList& list);
  Expected<void> put_ahead(const WriteList& list);
  bool is_forgotten(PartitionId partition, EventTime time) const;

  std::unique_ptr<KeyValue> tables_;
  const StoreOptions options_;
  Recovered recovered_;

  // As of the last commit.
  LogPosition last_{};
  LogPosition checkpoint_{};
  uint64_t journal_bytes_ = 0;
  Totals totals_;
  Arrival next_arrival_{1};
  std::vector<PartitionState> partitions_;
  std::deque<std::vector<AdmittedId>> ids_since_checkpoint_;  // by commit
  std::vector<Block> blocks_;
  std::set<std::string, std::less<>> packs_;  // kept, by hash
  std::optional<Begun> begun_;
  bool is_ahead_ = false;  // Meta says that groups may be newer than the marker

  std::mutex outbox_mutex_;  // guards:
  // Of each queue's values, the number of the last message: those that are not all delivered.
  std::map<std::string, std::deque<uint64_t>, std::less<>> outbox_values_;
};

}  // namespace fengsui::state
