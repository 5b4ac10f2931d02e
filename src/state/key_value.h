// The edge of the state store: ordered tables of bytes with an atomic, optionally synced write. One
// real (rocksdb_key_value.h) and one in memory that can be failed and looked into
// (memory_key_value.h). What the tables hold is Store's (store.h) and stands in DESIGN.md.
// Thread-safe: a write is seen whole or not at all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fengsui::state {

enum class Table : uint8_t { Meta, Journal, Groups, Seen, Outbox };
inline constexpr const char* kTableNames[] = {"default", "journal", "groups", "seen", "outbox"};
inline constexpr size_t kTables = std::size(kTableNames);

// Operations that are applied together, in order.
class WriteList {
 public:
  enum class Kind : uint8_t { Put, Remove, RemoveRange };
  struct Operation {
    Kind kind;
    Table table;
    std::string key;
    std::string value;  // of RemoveRange: the end, itself not removed
  };

  void put(Table table, std::string key, std::string value) {
    add({Kind::Put, table, std::move(key), std::move(value)});
  }
  void remove(Table table, std::string key) { add({Kind::Remove, table, std::move(key), {}}); }
  void remove_range(Table table, std::string from, std::string end) {
    add({Kind::RemoveRange, table, std::move(from), std::move(end)});
  }
  const std::vector<Operation>& operations() const { return operations_; }
  bool empty() const { return operations_.empty(); }
  size_t bytes() const { return bytes_; }
  void clear() {
    operations_.clear();
    bytes_ = 0;
  }

 private:
  void add(Operation operation) {
    bytes_ += operation.key.size() + operation.value.size();
    operations_.push_back(std::move(operation));
  }
  std::vector<Operation> operations_;
  size_t bytes_ = 0;
};

enum class Sync : uint8_t {
  Now,    // on disk when write() returns, with all writes before it
  Later,  // with the next synced write; a power cut may lose it, never an earlier write alone
};

class KeyValue {
 public:
  virtual ~KeyValue() = default;
  virtual Expected<void> write(const WriteList& list, Sync sync) = 0;
  virtual Expected<std::optional<std::string>> get(Table table, std::string_view key) = 0;
  // Visits pairs in key order (bytes, unsigned) from the first key >= `from`, until `visit` returns
  // false. The views hold during the visit alone, which may read the tables, but not write.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Expected<void> scan(Table table, std::string_view from, const Visit& visit) = 0;
  // Bytes kept, about: for the metric fengsui_state_bytes.
  virtual uint64_t bytes_kept() = 0;
};

}  // namespace fengsui::state
