#include "state/rocksdb_key_value.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include <array>
#include <filesystem>

namespace fengsui::state {
namespace {

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

Error store_error(const std::string& directory, const rocksdb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsIOError() && text.find("/LOCK") != std::string::npos) {
    return Error::outside("the state folder " + directory +
                          " is in use by another process (its LOCK is held)");
  }
  return Error::outside("the state folder " + directory + ": " + text);
}

// What a write batch keeps of an operation beside key and value, about.
constexpr size_t kOperationBytes = 16;

// A group's key begins with its rule's state key, a u64.
constexpr size_t kStateKeyBytes = 8;

// All memory of one budget: of write buffers a share, what they do not take is for blocks.
struct Memory {
  explicit Memory(size_t bytes)
      : cache(rocksdb::NewLRUCache(bytes)),
        buffers(std::make_shared<rocksdb::WriteBufferManager>(bytes / 4 * 3, cache)) {}
  std::shared_ptr<rocksdb::Cache> cache;
  std::shared_ptr<rocksdb::WriteBufferManager> buffers;
};

rocksdb::ColumnFamilyOptions table_options(Table table, const RocksDbOptions& options,
                                           const Memory& memory) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  // Hashes do not compress, nor does a journal of them and of compressed events, which is soon cut.
  const bool compresses = table != Table::Seen && table != Table::Journal;
  family.compression = compresses ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = memory.cache;
  if (table == Table::Board) {
    // An alert that opens is looked for, and not there.
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    blocks.cache_index_and_filter_blocks = true;
    blocks.pin_l0_filter_and_index_blocks_in_cache = true;
  }
  if (table == Table::Groups) {
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    // Within the budget; a group that is looked for is nearly always there.
    blocks.cache_index_and_filter_blocks = true;
    blocks.pin_l0_filter_and_index_blocks_in_cache = true;
    family.optimize_filters_for_hits = true;
    // A checkpoint puts groups by the thousand, sorted: each finds its place from the last one's,
    // among those of the same rule.
    family.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(kStateKeyBytes));
  }
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return family;
}

rocksdb::Options database_options(const RocksDbOptions& options, const Memory& memory) {
  rocksdb::Options database;
  database.create_if_missing = !options.read_only;
  database.create_missing_column_families = !options.read_only;
  if (options.env != nullptr) database.env = options.env;
  database.write_buffer_manager = memory.buffers;
  database.max_total_wal_size = options.wal_bytes_max;
  // Who only looks is told of a log that is damaged before its end.
  database.wal_recovery_mode = options.read_only
                                   ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                                   : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  database.max_background_jobs = 2;
  database.keep_log_file_num = 4;
  database.max_open_files = 512;
  return database;
}

}  // namespace

class RocksDbKeyValue final : public KeyValue {
 public:
  explicit RocksDbKeyValue(std::string directory) : directory_(std::move(directory)) {}

  Expected<void> open(const RocksDbOptions& options) {
    std::error_code code;
    if (!options.read_only) std::filesystem::create_directories(options.directory, code);
    if (code) {
      return fail(Error::outside("the state folder " + options.directory +
                                 " cannot be made: " + code.message()));
    }
    const Memory memory(options.memory_bytes);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (size_t i = 0; i < kTables; ++i) {
      families.emplace_back(kTableNames[i], table_options(static_cast<Table>(i), options, memory));
    }
    rocksdb::DB* database = nullptr;
    const rocksdb::Options all = database_options(options, memory);
    const rocksdb::Status status =
        options.read_only
            ? rocksdb::DB::OpenForReadOnly(all, directory_, families, &handles_, &database)
            : rocksdb::DB::Open(all, directory_, families, &handles_, &database);
    if (!status.ok()) return fail(store_error(directory_, status));
    database_.reset(database);
    return {};
  }

  ~RocksDbKeyValue() override {
    if (!database_) return;
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      database_->DestroyColumnFamilyHandle(handle);
    }
    database_->Close();
  }

  Expected<void> write(const WriteList& list, Sync sync) override {
    rocksdb::WriteBatch batch(list.bytes() + list.size() * kOperationBytes);
    rocksdb::Status status;
    list.for_each([&](const WriteList::Operation& operation) {
      if (status.ok()) status = add(batch, operation);
    });
    if (!status.ok()) return fail(store_error(directory_, status));
    rocksdb::WriteOptions options;
    options.sync = sync == Sync::Now;
    status = database_->Write(options, &batch);
    if (!status.ok()) return fail(store_error(directory_, status));
    return {};
  }

  Expected<std::optional<std::string>> get(Table table, std::string_view key) override {
    std::string value;
    const rocksdb::Status status = database_->Get({}, handle(table), slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return fail(store_error(directory_, status));
    return value;
  }

  Expected<Values> multi_get(Table table, const std::vector<std::string>& keys) override {
    std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<rocksdb::PinnableSlice> found(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    database_->MultiGet({}, handle(table), keys.size(), slices.data(), found.data(),
                        statuses.data());
    Values values(keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      if (statuses[i].ok()) {
        values[i].emplace(found[i].data(), found[i].size());
      } else if (!statuses[i].IsNotFound()) {
        return fail(store_error(directory_, statuses[i]));
      }
    }
    return values;
  }

  Expected<void> scan(Table table, std::string_view from, const Visit& visit) override {
    const std::unique_ptr<rocksdb::Iterator> pair(database_->NewIterator({}, handle(table)));
    for (pair->Seek(slice(from)); pair->Valid(); pair->Next()) {
      if (!visit(view(pair->key()), view(pair->value()))) break;
    }
    if (!pair->status().ok()) return fail(store_error(directory_, pair->status()));
    return {};
  }

  Expected<void> verify() override {
    const rocksdb::Status status = database_->VerifyChecksum();
    if (!status.ok()) return fail(store_error(directory_, status));
    return {};
  }

  Expected<void> copy_to(const std::string& directory) override {
    rocksdb::Checkpoint* made = nullptr;
    rocksdb::Status status = rocksdb::Checkpoint::Create(database_.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    if (status.ok()) status = checkpoint->CreateCheckpoint(directory);
    if (!status.ok()) return fail(store_error(directory, status));
    return {};
  }

  uint64_t bytes_kept() override {
    uint64_t sum = 0;
    for (rocksdb::ColumnFamilyHandle* family : handles_) {
      for (const std::string& property : {rocksdb::DB::Properties::kTotalSstFilesSize,
                                          rocksdb::DB::Properties::kCurSizeAllMemTables}) {
        uint64_t value = 0;
        if (database_->GetIntProperty(family, property, &value)) sum += value;
      }
    }
    return sum;
  }

 private:
  rocksdb::ColumnFamilyHandle* handle(Table table) const {
    return handles_[static_cast<size_t>(table)];
  }

  rocksdb::Status add(rocksdb::WriteBatch& batch, const WriteList::Operation& operation) const {
    rocksdb::ColumnFamilyHandle* family = handle(operation.table);
    switch (operation.kind) {
      case WriteList::Kind::Put:
        return batch.Put(family, slice(operation.key), slice(operation.value));
      case WriteList::Kind::Remove:
        return batch.Delete(family, slice(operation.key));
      case WriteList::Kind::RemoveRange:
        return batch.DeleteRange(family, slice(operation.key), slice(operation.value));
    }
    return rocksdb::Status::OK();
  }

  const std::string directory_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> database_;
};

Expected<std::unique_ptr<KeyValue>> open_rocksdb_key_value(const RocksDbOptions& options) {
  auto tables = std::make_unique<RocksDbKeyValue>(options.directory);
  const Expected<void> opened = tables->open(options);
  if (!opened) return fail(opened.error());
  return std::unique_ptr<KeyValue>(std::move(tables));
}

}  // namespace fengsui::state
