#include "state/store.h"

#include <algorithm>
#include <utility>

#include "base/byte_codec.h"
#include "base/fault.h"
#include "base/invariant.h"
#include "state/store_keys.h"

namespace fengsui::state {
namespace {

constexpr uint32_t kFormat = 2;

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
  recovered_.groups_are_ahead = is_ahead_ = begun->has_value();
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
  if (!commit.admitted.empty()) ids_since_checkpoint_.push_back(commit.admitted);
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

Expected<void> Store::scan_groups(
    std::string_view prefix, const std::function<void(std::string_view, std::string_view)>& visit) {
  return tables_->scan(Table::Groups, prefix, [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(prefix)) return false;
    visit(key, value);
    return true;
  });
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
  for (const std::vector<AdmittedId>& of_commit : ids_since_checkpoint_) {
    for (const AdmittedId& id : of_commit) visit(id);
  }
  return {};
}

Expected<void> Store::commit(const Commit& commit) {
  INVARIANT(value_of(commit.frame.position) == value_of(last_) + 1);
  WriteList list;
  encode_commit(commit, list.begin_put(Table::Journal, journal_key(commit.frame.position)));
  list.end_put();
  const size_t record_bytes = list.bytes();
  put_outbox(commit.outbox, list);
  list.append(commit.board);
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

}  // namespace fengsui::state
