#include "state/rocksdb_key_value.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

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

rocksdb::ColumnFamilyOptions table_options(Table table, const RocksDbOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  // Hashes do not compress.
  family.compression = table == Table::Seen ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  if (table == Table::Groups) blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return family;
}

rocksdb::Options database_options(const RocksDbOptions& options) {
  rocksdb::Options database;
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  if (options.env != nullptr) database.env = options.env;
  database.max_total_wal_size = options.wal_bytes_max;
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
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
    std::filesystem::create_directories(options.directory, code);
    if (code) {
      return fail(Error::outside("the state folder " + options.directory +
                                 " cannot be made: " + code.message()));
    }
    const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(32 << 20);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (size_t i = 0; i < kTables; ++i) {
      families.emplace_back(kTableNames[i], table_options(static_cast<Table>(i), options, cache));
    }
    rocksdb::DB* database = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(database_options(options), directory_, families, &handles_, &database);
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
    rocksdb::WriteBatch batch(list.bytes() + list.operations().size() * 16);
    rocksdb::Status status;
    for (const WriteList::Operation& operation : list.operations()) {
      status = add(batch, operation);
      if (!status.ok()) return fail(store_error(directory_, status));
    }
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

  Expected<void> scan(Table table, std::string_view from, const Visit& visit) override {
    const std::unique_ptr<rocksdb::Iterator> pair(database_->NewIterator({}, handle(table)));
    for (pair->Seek(slice(from)); pair->Valid(); pair->Next()) {
      if (!visit(view(pair->key()), view(pair->value()))) break;
    }
    if (!pair->status().ok()) return fail(store_error(directory_, pair->status()));
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
        return batch.Put(family, operation.key, operation.value);
      case WriteList::Kind::Remove:
        return batch.Delete(family, operation.key);
      case WriteList::Kind::RemoveRange:
        return batch.DeleteRange(family, operation.key, operation.value);
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
