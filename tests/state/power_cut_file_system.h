// A file system for RocksDB that knows what a power cut would leave: of each file the bytes that
// were synced last, and of each folder the files that were there when it was last synced. Reads and
// writes go through to the machine's file system until cut(): from then on every operation fails,
// as the process would not be there either, and lose_unsynced() brings the folder to what the disk
// held.
//
// A rename counts as done at once (a file system's journal may have it either way). Thread-safe.
#pragma once

#include <rocksdb/env.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace fengsui::test {

class PowerCutFileSystem {
 public:
  PowerCutFileSystem();
  ~PowerCutFileSystem();

  rocksdb::Env* env() { return env_.get(); }
  // The power goes now; or at the n-th sync from now (1: the next), before it has done anything.
  void cut();
  void cut_at_sync(uint64_t nth);
  bool is_cut() const;
  // Requires: is_cut(), and the database is closed. Returns the bytes lost.
  uint64_t lose_unsynced();
  uint64_t syncs() const;

  struct Shared;  // with the files that it hands out

 private:
  std::shared_ptr<Shared> shared_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace fengsui::test
