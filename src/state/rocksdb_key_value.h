// The tables in one RocksDB, a column family each. Options and why: DESIGN.md, "RocksDB".
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "state/key_value.h"

namespace rocksdb {
class Env;
}

namespace fengsui::state {

struct RocksDbOptions {
  std::string directory;  // made, with its parents, if it is not there
  // Nothing is made or changed, writes are errors; a process that has the folder open is let be.
  bool read_only = false;
  // Files, threads and time of RocksDB; null: the machine's. Must outlive the tables. Tests put a
  // file system here that loses unsynced bytes.
  rocksdb::Env* env = nullptr;
  // For write buffers and blocks together.
  size_t memory_bytes = 96 << 20;
  size_t write_buffer_bytes = 24 << 20;  // of a column family
  size_t wal_bytes_max = 256 << 20;      // beyond it the oldest column family is flushed
};

// Errors, of kind Outside: the folder is in use by another process, cannot be made or read.
Expected<std::unique_ptr<KeyValue>> open_rocksdb_key_value(const RocksDbOptions& options);

}  // namespace fengsui::state
