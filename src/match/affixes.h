// Numbers for the prefixes (or suffixes) that rules name of one slot: which is the longest that a
// text begins with, and which ones does that imply. Not for callers of the folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fengsui::match {

class Affixes {
 public:
  explicit Affixes(bool suffixes) : suffixes_(suffixes) {}
  // Before finish(); the rest after it.
  void add(std::string_view affix);
  void finish();

  // Of the longest one that the text has; 0: none.
  uint32_t find(std::string_view text) const;
  // Requires: it was added. The numbers of all that have it themselves, itself the first: a text
  // has it exactly if its longest one is among them.
  std::pair<uint32_t, uint32_t> within(std::string_view affix) const;
  uint32_t count() const { return static_cast<uint32_t>(affixes_.size()); }

 private:
  std::string turned(std::string_view text) const;  // a suffix as a prefix
  const bool suffixes_;
  size_t longest_ = 0;
  std::vector<std::string> affixes_;  // sorted: number - 1
  std::vector<uint32_t> shorter_;     // the number of the longest one that it has itself; 0: none
};

}  // namespace fengsui::match
