// What a pack gives to expressions beside the event: value lists, keyword sets, the area table.
// Programs name them by index, so that lists and keywords can be replaced without compiling anew.
// All immutable once made; shared between threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cel/keywords.h"

namespace fengsui::cel {

// Looks texts up without making a std::string of them.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <class T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// A CSV of the pack: key column, then attributes; all strings.
class ValueList {
 public:
  // Each row: the key, then its attributes; ones left out are empty. Of a key given twice the first
  // row counts (the loader refuses such a file).
  ValueList(std::vector<std::string> columns, std::vector<std::vector<std::string>> rows);
  // Attribute names, the key column left out.
  const std::vector<std::string>& columns() const { return columns_; }
  bool contains(std::string_view key) const { return rows_.contains(key); }
  // Attributes of a key in the order of columns(), or null.
  const std::vector<std::string>* row(std::string_view key) const;
  size_t size() const { return rows_.size(); }

 private:
  std::vector<std::string> columns_;
  ByText<std::vector<std::string>> rows_;
};

// areas.csv: who is whose parent. Without a table, a code lies in another if that is its prefix.
class AreaTable {
 public:
  AreaTable() = default;
  // From code to its parent's; a code at the top may be left out, or have an empty one.
  explicit AreaTable(std::unordered_map<std::string, std::string> parents);
  // `code` is `ancestor` or below it.
  bool contains(std::string_view ancestor, std::string_view code) const;
  // Empty: it has none. Without a table by the digits of GB/T 2260 and what it is continued with:
  // 2 province, 4 city, 6 county, 9 township, 12 village, 15 grid.
  std::string parent(std::string_view code) const;

 private:
  ByText<std::string> parents_;
  bool by_table_ = false;
};

struct Tables {
  std::vector<std::shared_ptr<const ValueList>> lists;
  std::shared_ptr<const KeywordSets> keywords = std::make_shared<KeywordSets>();
  std::shared_ptr<const AreaTable> areas = std::make_shared<AreaTable>();
};

}  // namespace fengsui::cel
