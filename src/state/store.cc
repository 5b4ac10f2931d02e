#include "state/store.h"

#include <algorithm>
#include <utility>

#include "base/byte_codec.h"
#include "base/fault.h"
#include "base/invariant.h"

namespace fengsui::state {
namespace {

constexpr uint32_t kFormat = 1;
// Keys of the table Meta.
constexpr const char* kFormatKey = "format";
constexpr const char* kCreatedKey = "created";
constexpr const char* kIdKey = "id";
constexpr const char* kPackKey = "pack";            // the hash of the first one
constexpr std::string_view kPacksPrefix = "pack/";  // their files, by hash
constexpr const char* kMarkerKey = "checkpoint/marker";
constexpr const char* kRestKey = "checkpoint/rest";
constexpr const char* kBegunKey = "checkpoint/begun";
constexpr std::string_view kMarkPrefix = "mark/";

constexpr size_t kSeenBlockIdsMax = 65536;

std::string journal_key(LogPosition position) {
  std::string key;
  ByteWriter(key).key_u64(value_of(position));
  return key;
}

std::string outbox_key(std::string_view queue, uint64_t sequence) {
  std::string key(queue);
  key.push_back('\0');
  ByteWriter(key).key_u64(sequence);
  return key;
}

std::string pack_key(std::string_view hash) {
  return std::string(kPacksPrefix) + std::string(hash);
}

std::string seen_key(PartitionId partition, LogPosition checkpoint, uint32_t chunk) {
  std::string key;
  ByteWriter out(key);
  out.key_u32(value_of(partition));
  out.key_u64(value_of(checkpoint));
  out.key_u32(chunk);
  return key;
}

Error damaged(const std::string& what) { return Error::outside("the state is damaged: " + what); }

}  // namespace

Store::Store(std::unique_ptr<KeyValue> tables, StoreOptions options)
    : tables_(std::move(tables)), options_(std::move(options)) {}

Expected<std::unique_ptr<Store>> Store::open(std::unique_ptr<KeyValue> tables,
                                             StoreOptions options) {
  std::unique_ptr<Store> store(new Store(std::move(tables), std::move(options)));
  const Expected<std::optional<std::string>> format = store->tables_->get(Table::Meta, kFormatKey);
  if (!format) return fail(format.error());
  Expected<void> done = *format ? store->check_format(**format) : store->make_new();
  if (done) done = store->read_checkpoint();
  if (done) done = store->read_packs();
  if (done) done = store->read_journal();
  if (done) done = store->read_queues();
  if (done) done = store->read_blocks();
  if (!done) return fail(done.error());
  Recovered& recovered = store->recovered_;
  recovered.last = store->last_;
  recovered.totals = store->totals_;
  recovered.next_arrival = store->next_arrival_;
  recovered.partitions = store->partitions_;
  return store;
}

Expected<void> Store::make_new() {
  std::string format;
  ByteWriter(format).u32(kFormat);
  WriteList list;
  list.put(Table::Meta, kFormatKey, format);
  list.put(Table::Meta, kCreatedKey, options_.program_version);
  list.put(Table::Meta, kPackKey, options_.pack_hash);
  if (options_.pack_files) {
    list.put(Table::Meta, pack_key(options_.pack_hash), *options_.pack_files);
  }
  recovered_.pack_hash = options_.pack_hash;
  list.put(Table::Meta, kIdKey, options_.new_state_id);
  recovered_.state_id = options_.new_state_id;
  return tables_->write(list, Sync::Now);
}

Expected<void> Store::check_format(std::string_view format) {
  ByteReader in(format);
  const uint32_t version = in.u32();
  if (!in.ok() || version != kFormat) {
    return fail(Error::outside("the state has format version " + std::to_string(version) +
                               ", this program reads version " + std::to_string(kFormat)));
  }
  const Expected<std::optional<std::string>> pack = tables_->get(Table::Meta, kPackKey);
  if (!pack) return fail(pack.error());
  if (!*pack) return fail(damaged("it does not name its pack"));
  recovered_.pack_hash = **pack;
  const Expected<std::optional<std::string>> id = tables_->get(Table::Meta, kIdKey);
  if (!id) return fail(id.error());
  recovered_.state_id = id->value_or("");
  return {};
}

Expected<void> Store::read_checkpoint() {
  const Expected<std::optional<std::string>> bytes = tables_->get(Table::Meta, kMarkerKey);
  if (!bytes) return fail(bytes.error());
  const Expected<std::optional<std::string>> begun = tables_->get(Table::Meta, kBegunKey);
  if (!begun) return fail(begun.error());
  recovered_.groups_are_ahead = begun->has_value();
  if (!*bytes) return {};
  Expected<Marker> marker = decode_marker(**bytes);
  if (!marker) return fail(marker.error());
  Expected<std::optional<std::string>> rest = tables_->get(Table::Meta, kRestKey);
  if (!rest) return fail(rest.error());
  if (!*rest) return fail(damaged("the checkpoint has no rest"));
  recovered_.checkpoint = checkpoint_ = last_ = marker->position;
  recovered_.pack_hash = std::move(marker->pack_hash);
  recovered_.archive_mark = std::move(marker->archive_mark);
  recovered_.digest = std::move(marker->digest);
  recovered_.shard_rest = std::move(**rest);
  totals_ = marker->totals;
  next_arrival_ = marker->next_arrival;
  partitions_ = std::move(marker->partitions);
  return {};
}

Expected<void> Store::read_packs() {
  const Expected<void> scanned =
      tables_->scan(Table::Meta, kPacksPrefix, [&](std::string_view key, std::string_view) {
        if (!key.starts_with(kPacksPrefix)) return false;
        packs_.emplace(key.substr(kPacksPrefix.size()));
        return true;
      });
  if (!scanned) return scanned;
  const std::string& in_force = recovered_.pack_hash;
  if (packs_.contains(in_force)) return {};
  if (in_force != options_.pack_hash) {
    return fail(Error::usage("the state belongs to the pack with hash " + in_force +
                             ", which it has not kept, not to that given, with hash " +
                             options_.pack_hash));
  }
  if (!options_.pack_files) return {};
  // A state of before packs were kept.
  WriteList list;
  list.put(Table::Meta, pack_key(in_force), *options_.pack_files);
  packs_.insert(in_force);
  return tables_->write(list, Sync::Now);
}

Expected<std::string> Store::pack_files(const std::string& hash) {
  Expected<std::optional<std::string>> files = tables_->get(Table::Meta, pack_key(hash));
  if (!files) return fail(files.error());
  if (!*files) return fail(damaged("the pack with hash " + hash + " is not kept"));
  return std::move(**files);
}

Expected<void> Store::scan_journal(
    const std::function<Expected<void>(const Commit&, size_t record_bytes)>& visit) {
  uint64_t expected = value_of(checkpoint_) + 1;
  Expected<void> done;
  const Expected<void> scanned = tables_->scan(
      Table::Journal, journal_key(LogPosition{expected}),
      [&](std::string_view key, std::string_view value) {
        const uint64_t position = ByteReader(key).key_u64();
        const Expected<Commit> commit = decode_commit(value);
        if (!commit) {
          done = fail(
              damaged("log position " + std::to_string(position) + ": " + commit.error().message));
        } else if (position != expected || value_of(commit->frame.position) != position) {
          done = fail(damaged("log position " + std::to_string(expected) + " is missing"));
        } else {
          ++expected;
          done = visit(*commit, value.size());
        }
        return done.has_value();
      });
  if (!scanned) return scanned;
  return done;
}

Expected<void> Store::read_journal() {
  return scan_journal([this](const Commit& commit, size_t record_bytes) {
    fold(commit);
    journal_bytes_ += record_bytes;
    return Expected<void>{};
  });
}

Expected<void> Store::visit_commits(const std::function<Expected<void>(const Commit&)>& visit) {
  return scan_journal([&](const Commit& commit, size_t) { return visit(commit); });
}

void Store::fold(const Commit& commit) {
  last_ = commit.frame.position;
  totals_ = commit.totals;
  next_arrival_ = commit.next_arrival;
  for (const PartitionState& partition : commit.partitions) {
    const size_t index = value_of(partition.id);
    INVARIANT(index <= partitions_.size());
    if (index == partitions_.size()) {
      partitions_.push_back(partition);
    } else {
      partitions_[index] = partition;
    }
  }
  ids_since_checkpoint_.insert(ids_since_checkpoint_.end(), commit.admitted.begin(),
                               commit.admitted.end());
}

Expected<void> Store::read_queues() {
  Expected<void> done;
  const Expected<void> marks =
      tables_->scan(Table::Meta, kMarkPrefix, [&](std::string_view key, std::string_view value) {
        if (!key.starts_with(kMarkPrefix)) return false;
        Expected<QueueMark> mark = decode_mark(value);
        if (!mark) {
          done = fail(damaged(mark.error().message));
          return false;
        }
        QueueState& queue = recovered_.queues[std::string(key.substr(kMarkPrefix.size()))];
        queue.last_sequence = mark->sequence;
        queue.mark = std::move(*mark);
        return true;
      });
  if (!marks) return marks;
  if (!done) return done;
  return tables_->scan(Table::Outbox, {}, [&](std::string_view key, std::string_view) {
    const size_t name_end = key.find('\0');
    if (name_end == std::string_view::npos) return true;
    QueueState& queue = recovered_.queues[std::string(key.substr(0, name_end))];
    const uint64_t sequence = ByteReader(key.substr(name_end + 1)).key_u64();
    queue.last_sequence = std::max(queue.last_sequence, sequence);
    return true;
  });
}

Expected<void> Store::read_blocks() {
  Expected<void> done;
  const Expected<void> scanned =
      tables_->scan(Table::Seen, {}, [&](std::string_view key, std::string_view value) {
        const Expected<SeenBlock> block = decode_seen(value);
        if (!block) {
          done = fail(damaged(block.error().message));
          return false;
        }
        const PartitionId partition{ByteReader(key).key_u32()};
        blocks_.push_back({std::string(key), partition, block->newest});
        return true;
      });
  if (!scanned) return scanned;
  return done;
}

Expected<void> Store::visit_groups(
    const std::function<Expected<void>(std::string_view, std::string_view)>& visit) {
  Expected<void> done;
  const Expected<void> scanned =
      tables_->scan(Table::Groups, {}, [&](std::string_view key, std::string_view value) {
        done = visit(key, value);
        return done.has_value();
      });
  if (!scanned) return scanned;
  return done;
}

Expected<void> Store::visit_admitted(const std::function<void(const AdmittedId&)>& visit) {
  Expected<void> done;
  const Expected<void> scanned =
      tables_->scan(Table::Seen, {}, [&](std::string_view key, std::string_view value) {
        const Expected<SeenBlock> block = decode_seen(value);
        if (!block) {
          done = fail(damaged(block.error().message));
          return false;
        }
        const PartitionId partition{ByteReader(key).key_u32()};
        for (AdmittedId id : block->ids) {
          id.partition = partition;
          visit(id);
        }
        return true;
      });
  if (!scanned) return scanned;
  if (!done) return done;
  for (const AdmittedId& id : ids_since_checkpoint_) visit(id);
  return {};
}

Expected<void> Store::commit(const Commit& commit) {
  INVARIANT(value_of(commit.frame.position) == value_of(last_) + 1);
  std::string record = encode_commit(commit);
  const size_t record_bytes = record.size();
  WriteList list;
  list.put(Table::Journal, journal_key(commit.frame.position), std::move(record));
  for (const QueueEntry& entry : commit.outbox) {
    std::string value;
    ByteWriter out(value);
    out.text(entry.key);
    out.text(entry.message);
    list.put(Table::Outbox, outbox_key(entry.queue, entry.sequence), std::move(value));
  }
  if (commit.pack_files) {
    INVARIANT(commit.frame.swap);
    list.put(Table::Meta, pack_key(commit.frame.swap->pack_hash), *commit.pack_files);
    packs_.insert(commit.frame.swap->pack_hash);
  }
  fault::reached(fault::Point::BeforeLogWrite);
  const Sync sync = fault::planted(fault::Plant::NoSync) ? Sync::Later : options_.commit_sync;
  const Expected<void> written = tables_->write(list, sync);
  if (!written) return written;
  fault::reached(fault::Point::AfterLogWrite);
  fold(commit);
  journal_bytes_ += record_bytes;
  return {};
}

// Groups go ahead of the marker in batches of their own: a group's value names the log position
// that it includes, so one that is newer than the last marker is skipped to by a replay. What is
// gone or has to stay together goes in the last batch, with the marker.
Expected<void> Store::write_groups(const Checkpoint& checkpoint, WriteList& last) {
  WriteList list;
  std::vector<std::string> gone;
  bool begun = false;
  Expected<void> done;
  const auto flush = [&] {
    if (list.empty() || !done) return;
    if (!std::exchange(begun, true)) {
      list.put(Table::Meta, kBegunKey, journal_key(checkpoint.position));
    }
    done = tables_->write(list, Sync::Later);
    list.clear();
    fault::reached(fault::Point::InCheckpoint);
  };
  checkpoint.groups([&](std::string_view key, std::string_view value) {
    if (value.empty()) {
      gone.emplace_back(key);
      return;
    }
    WriteList& into = checkpoint.in_one_batch ? last : list;
    into.put(Table::Groups, std::string(key), std::string(value));
    if (list.bytes() >= options_.checkpoint_batch_bytes) flush();
  });
  flush();
  for (const std::string& key : gone) last.remove(Table::Groups, key);
  return done;
}

// Moves the ids of the journal to blocks, one partition each, and drops blocks past the horizon.
void Store::put_seen(const Checkpoint& checkpoint, WriteList& list) {
  const auto forgotten = [&](PartitionId partition, EventTime time) {
    return partitions_[value_of(partition)].seen - time > checkpoint.dedupe_horizon;
  };
  std::erase_if(blocks_, [&](const Block& block) {
    if (!forgotten(block.partition, block.newest)) return false;
    list.remove(Table::Seen, block.key);
    return true;
  });
  std::map<uint32_t, std::vector<AdmittedId>> by_partition;
  for (const AdmittedId& id : ids_since_checkpoint_) {
    if (!forgotten(id.partition, id.time)) by_partition[value_of(id.partition)].push_back(id);
  }
  for (auto& [partition, ids] : by_partition) {
    std::sort(ids.begin(), ids.end(),
              [](const AdmittedId& a, const AdmittedId& b) { return a.time < b.time; });
    uint32_t chunk = 0;
    for (size_t from = 0; from < ids.size(); from += kSeenBlockIdsMax) {
      const size_t end = std::min(ids.size(), from + kSeenBlockIdsMax);
      const std::vector<AdmittedId> part(ids.begin() + from, ids.begin() + end);
      const EventTime newest = part.back().time;
      std::string key = seen_key(PartitionId{partition}, checkpoint.position, chunk++);
      blocks_.push_back({key, PartitionId{partition}, newest});
      list.put(Table::Seen, std::move(key), encode_seen(newest, part));
    }
  }
}

Expected<void> Store::checkpoint(const Checkpoint& checkpoint) {
  INVARIANT(checkpoint.position == last_);
  WriteList list;
  const Expected<void> groups = write_groups(checkpoint, list);
  if (!groups) return groups;
  put_seen(checkpoint, list);
  list.put(Table::Meta, kRestKey, checkpoint.shard_rest);
  list.put(Table::Meta, kMarkerKey,
           encode_marker({checkpoint.position, checkpoint.pack_hash, checkpoint.digest(),
                          checkpoint.archive_mark, totals_, next_arrival_, partitions_}));
  for (const std::string& hash : packs_) {
    if (hash != checkpoint.pack_hash) list.remove(Table::Meta, pack_key(hash));
  }
  list.remove(Table::Meta, kBegunKey);
  list.remove_range(Table::Journal, journal_key(LogPosition{value_of(checkpoint_) + 1}),
                    journal_key(LogPosition{value_of(checkpoint.position) + 1}));
  const Expected<void> written = tables_->write(list, Sync::Now);
  if (!written) return written;
  checkpoint_ = checkpoint.position;
  journal_bytes_ = 0;
  ids_since_checkpoint_.clear();
  std::erase_if(packs_, [&](const std::string& hash) { return hash != checkpoint.pack_hash; });
  return {};
}

Expected<std::vector<QueueEntry>> Store::outbox_after(std::string_view queue, uint64_t after,
                                                      OutboxLimits limits) {
  const std::string prefix = outbox_key(queue, 0).substr(0, queue.size() + 1);
  std::vector<QueueEntry> entries;
  size_t bytes = 0;
  bool whole = true;
  const Expected<void> scanned = tables_->scan(
      Table::Outbox, outbox_key(queue, after + 1),
      [&](std::string_view key, std::string_view value) {
        if (!key.starts_with(prefix)) return false;
        if (entries.size() >= limits.entries_max || bytes >= limits.bytes_max) return false;
        ByteReader in(value);
        QueueEntry entry;
        entry.queue = std::string(queue);
        entry.sequence = ByteReader(key.substr(prefix.size())).key_u64();
        entry.key = std::string(in.text());
        entry.message = std::string(in.text());
        whole = in.ok() && in.at_end() && entry.sequence == after + entries.size() + 1;
        bytes += value.size();
        entries.push_back(std::move(entry));
        return whole;
      });
  if (!scanned) return fail(scanned.error());
  if (!whole) return fail(damaged("an outbox entry of queue " + std::string(queue)));
  return entries;
}

Expected<void> Store::mark(std::string_view queue, uint64_t delivered, const QueueMark& mark) {
  WriteList list;
  list.put(Table::Meta, std::string(kMarkPrefix) + std::string(queue), encode_mark(mark));
  for (uint64_t sequence = delivered + 1; sequence <= mark.sequence; ++sequence) {
    list.remove(Table::Outbox, outbox_key(queue, sequence));
  }
  return tables_->write(list, Sync::Later);
}

}  // namespace fengsui::state
