#include "cel/tables.h"

#include <utility>

namespace fengsui::cel {

ValueList::ValueList(std::vector<std::string> columns, std::vector<std::vector<std::string>> rows)
    : columns_(std::move(columns)) {
  rows_.reserve(rows.size());
  for (std::vector<std::string>& row : rows) {
    if (row.empty()) continue;
    std::string key = std::move(row.front());
    row.erase(row.begin());
    row.resize(columns_.size());
    rows_.emplace(std::move(key), std::move(row));
  }
}

const std::vector<std::string>* ValueList::row(std::string_view key) const {
  const auto found = rows_.find(key);
  return found == rows_.end() ? nullptr : &found->second;
}

AreaTable::AreaTable(std::unordered_map<std::string, std::string> parents) : by_table_(true) {
  parents_.reserve(parents.size());
  for (auto& [code, parent] : parents) parents_.emplace(code, std::move(parent));
}

bool AreaTable::contains(std::string_view ancestor, std::string_view code) const {
  if (!by_table_) return code.starts_with(ancestor);
  // More steps than codes means a cycle.
  for (size_t steps = 0; !code.empty() && steps <= parents_.size(); ++steps) {
    if (code == ancestor) return true;
    const auto found = parents_.find(code);
    if (found == parents_.end()) return false;
    code = found->second;
  }
  return false;
}

std::string AreaTable::parent(std::string_view code) const {
  if (by_table_) {
    const auto found = parents_.find(code);
    return found == parents_.end() ? "" : found->second;
  }
  constexpr size_t kLengths[] = {2, 4, 6, 9, 12, 15};
  for (size_t i = 1; i < std::size(kLengths); ++i) {
    if (code.size() == kLengths[i]) return std::string(code.substr(0, kLengths[i - 1]));
  }
  return "";
}

}  // namespace fengsui::cel
