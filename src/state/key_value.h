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

enum class Table : uint8_t { Meta, Journal, Groups, Seen, Outbox, Board };
inline constexpr const char* kTableNames[] = {"default", "journal", "groups",
                                              "seen",    "outbox",  "board"};
inline constexpr size_t kTables = std::size(kTableNames);

// Operations that are applied together, in order. Their bytes lie one after the other in one piece.
class WriteList {
 public:
  enum class Kind : uint8_t { Put, Remove, RemoveRange };
  struct Operation {
    Kind kind;
    Table table;
    std::string_view key;
    std::string_view value;  // of RemoveRange: the end, itself not removed
  };

  void put(Table table, std::string_view key, std::string_view value) {
    begin_put(table, key).append(value);
    end_put();
  }
  // The value is what is appended to what this gives back, until end_put().
  std::string& begin_put(Table table, std::string_view key) {
    bytes_.append(key);
    places_.push_back({Kind::Put, table, static_cast<uint32_t>(key.size()), bytes_.size()});
    return bytes_;
  }
  void end_put() { places_.back().end = bytes_.size(); }
  void remove(Table table, std::string_view key) { add(Kind::Remove, table, key, {}); }
  void remove_range(Table table, std::string_view from, std::string_view end) {
    add(Kind::RemoveRange, table, from, end);
  }

  void append(const WriteList& other) {
    const size_t begin = bytes_.size();
    bytes_.append(other.bytes_);
    for (Place place : other.places_) {
      place.end += begin;
      places_.push_back(place);
    }
  }

  // Views: until the list is changed.
  template <class Visit>
  void for_each(const Visit& visit) const {
    size_t begin = 0;
    for (const Place& place : places_) {
      const std::string_view both = std::string_view(bytes_).substr(begin, place.end - begin);
      visit(Operation{place.kind, place.table, both.substr(0, place.key_size),
                      both.substr(place.key_size)});
      begin = place.end;
    }
  }
  size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  size_t bytes() const { return bytes_.size(); }
  void clear() {
    places_.clear();
    bytes_.clear();
  }

 private:
  struct Place {
    Kind kind;
    Table table;
    uint32_t key_size;
    size_t end;  // of the value, in bytes_
  };
  void add(Kind kind, Table table, std::string_view key, std::string_view value) {
    bytes_.append(key).append(value);
    places_.push_back({kind, table, static_cast<uint32_t>(key.size()), bytes_.size()});
  }
  std::vector<Place> places_;
  std::string bytes_;
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
  // Of each key its value, in the order of the keys; nullopt: it is not there. One look for all.
  using Values = std::vector<std::optional<std::string>>;
  virtual Expected<Values> multi_get(Table table, const std::vector<std::string>& keys) = 0;
  // Visits pairs in key order (bytes, unsigned) from the first key >= `from`, until `visit` returns
  // false. The views hold during the visit alone, which may read the tables, but not write.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Expected<void> scan(Table table, std::string_view from, const Visit& visit) = 0;
  // Reads all that is stored and compares its checksums. An error names the first that differs.
  virtual Expected<void> verify() { return {}; }
  // Makes a copy as of now in a folder that is not there yet; files are shared where they can be.
  virtual Expected<void> copy_to(const std::string& directory) {
    return fail(Error::usage("these tables cannot be copied to " + directory));
  }
  // Bytes kept, about: for the metric fengsui_state_bytes.
  virtual uint64_t bytes_kept() = 0;
};

}  // namespace fengsui::state
