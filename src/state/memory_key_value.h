// The tables in memory: for a replay without a state folder, and for tests, which may keep the
// contents to open them again, make writes fail, and look inside. Thread-safe.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "state/key_value.h"

namespace fengsui::state {

class MemoryTables {
 public:
  // Of all following writes, the first `writes` succeed and the others fail with `error`.
  void fail_after(size_t writes, Error error);
  size_t writes() const;
  size_t synced_writes() const;

 private:
  friend class MemoryKeyValue;
  mutable std::recursive_mutex mutex_;  // guards all below; a visit may read on
  std::array<std::map<std::string, std::string, std::less<>>, kTables> tables_;
  size_t writes_ = 0;
  size_t synced_writes_ = 0;
  std::optional<size_t> writes_left_;
  Error error_;
};

std::unique_ptr<KeyValue> make_memory_key_value(std::shared_ptr<MemoryTables> tables);

}  // namespace fengsui::state
