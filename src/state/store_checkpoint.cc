// A checkpoint (DESIGN.md): groups and ids in steps, commits between them, then the marker.
#include <algorithm>
#include <utility>

#include "base/fault.h"
#include "base/invariant.h"
#include "state/store.h"
#include "state/store_keys.h"

namespace fengsui::state {
namespace {

// Of whole commits, so many at least, unless fewer are left.
constexpr size_t kSeenBlockIdsMin = 4096;

}  // namespace

void Store::begin_checkpoint(CheckpointHead head) {
  INVARIANT(head.position == last_ && !begun_);
  Begun& begun = begun_.emplace(Begun{});  // clang takes no emplace() of a nested class
  begun.marker = {.position = head.position,
                  .pack_hash = head.pack_hash,
                  .digest = {},
                  .archive_mark = std::move(head.archive_mark),
                  .totals = totals_,
                  .next_arrival = next_arrival_,
                  .partitions = partitions_};
  begun.shard_rest = std::move(head.shard_rest);
  begun.in_one_batch = head.in_one_batch;
  begun.dedupe_horizon = head.dedupe_horizon;
  begun.ids = std::exchange(ids_since_checkpoint_, {});
  begun.journal_bytes = journal_bytes_;
}

// Groups go ahead of the marker in batches of their own: a group's value names the log position
// that it includes, so one that is newer than the last marker is skipped to by a replay. What is
// gone or has to stay together goes in the last batch, with the marker.
Expected<void> Store::put_groups(const WriteList& groups) {
  if (groups.empty()) return {};
  if (begun_ && begun_->in_one_batch) {
    begun_->last.append(groups);
    return {};
  }
  return put_ahead(groups);
}

// The first write beside a checkpoint's last one says that there are such.
Expected<void> Store::put_ahead(const WriteList& list) {
  WriteList with_note;
  if (!std::exchange(is_ahead_, true)) {
    with_note.append(list);
    with_note.put(Table::Meta, kBegunKey, journal_key(last_));
  }
  const Expected<void> written = tables_->write(with_note.empty() ? list : with_note, Sync::Later);
  fault::reached(fault::Point::InCheckpoint);
  return written;
}

// Moves ids of the journal to a block of one partition. A block that no marker follows is read
// again beside the journal's ids, which does no harm.
Expected<bool> Store::put_ids() {
  INVARIANT(begun_);
  std::deque<std::vector<AdmittedId>>& ids = begun_->ids;
  std::map<uint32_t, std::vector<AdmittedId>> by_partition;
  for (size_t taken = 0; !ids.empty() && taken < kSeenBlockIdsMin; ids.pop_front()) {
    taken += ids.front().size();
    for (const AdmittedId& id : ids.front()) {
      if (!is_forgotten(id.partition, id.time)) by_partition[value_of(id.partition)].push_back(id);
    }
  }
  WriteList list;
  for (auto& [partition, of_it] : by_partition) {
    std::sort(of_it.begin(), of_it.end(),
              [](const AdmittedId& a, const AdmittedId& b) { return a.time < b.time; });
    const EventTime newest = of_it.back().time;
    std::string key = seen_key(PartitionId{partition}, begun_->marker.position, begun_->blocks++);
    list.put(Table::Seen, key, encode_seen(newest, of_it));
    blocks_.push_back({std::move(key), PartitionId{partition}, newest});
  }
  if (begun_->in_one_batch) {
    begun_->last.append(list);
  } else if (!list.empty()) {
    if (Expected<void> written = put_ahead(list); !written) return fail(written.error());
  }
  return !ids.empty();
}

bool Store::is_forgotten(PartitionId partition, EventTime time) const {
  return partitions_[value_of(partition)].seen - time > begun_->dedupe_horizon;
}

Expected<void> Store::end_checkpoint(const std::vector<std::string>& gone, std::string digest) {
  for (Expected<bool> more = true; more.value();) {
    more = put_ids();
    if (!more) return fail(more.error());
  }
  WriteList& list = begun_->last;
  for (const std::string& key : gone) list.remove(Table::Groups, key);
  std::erase_if(blocks_, [&](const Block& block) {
    if (!is_forgotten(block.partition, block.newest)) return false;
    list.remove(Table::Seen, block.key);
    return true;
  });
  Marker& marker = begun_->marker;
  marker.digest = std::move(digest);
  list.put(Table::Meta, kRestKey, begun_->shard_rest);
  list.put(Table::Meta, kMarkerKey, encode_marker(marker));
  const auto is_old = [&](const std::string& hash) { return hash != marker.pack_hash; };
  for (const std::string& hash : packs_) {
    if (is_old(hash)) list.remove(Table::Meta, pack_key(hash));
  }
  list.remove(Table::Meta, kBegunKey);
  list.remove_range(Table::Journal, journal_key(LogPosition{value_of(checkpoint_) + 1}),
                    journal_key(LogPosition{value_of(marker.position) + 1}));
  const Expected<void> written = tables_->write(list, Sync::Now);
  if (!written) return written;
  checkpoint_ = marker.position;
  journal_bytes_ -= begun_->journal_bytes;
  is_ahead_ = false;
  std::erase_if(packs_, is_old);
  begun_.reset();
  return {};
}

Expected<void> Store::checkpoint(const Checkpoint& checkpoint) {
  begin_checkpoint({.position = checkpoint.position,
                    .pack_hash = checkpoint.pack_hash,
                    .shard_rest = checkpoint.shard_rest,
                    .archive_mark = checkpoint.archive_mark,
                    .in_one_batch = checkpoint.in_one_batch,
                    .dedupe_horizon = checkpoint.dedupe_horizon});
  WriteList list;
  std::vector<std::string> gone;
  Expected<void> done;
  checkpoint.groups([&](std::string_view key, std::string_view value) {
    if (value.empty()) {
      gone.emplace_back(key);
      return;
    }
    list.put(Table::Groups, key, value);
    if (list.bytes() < options_.checkpoint_batch_bytes || !done) return;
    done = put_groups(list);
    list.clear();
  });
  if (done) done = put_groups(list);
  if (!done) return done;
  return end_checkpoint(gone, checkpoint.digest());
}

}  // namespace fengsui::state
