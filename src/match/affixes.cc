#include "match/affixes.h"

#include <algorithm>

namespace fengsui::match {

std::string Affixes::turned(std::string_view text) const {
  return suffixes_ ? std::string(text.rbegin(), text.rend()) : std::string(text);
}

void Affixes::add(std::string_view affix) {
  affixes_.push_back(turned(affix));
  longest_ = std::max(longest_, affix.size());
}

void Affixes::finish() {
  std::sort(affixes_.begin(), affixes_.end());
  affixes_.erase(std::unique(affixes_.begin(), affixes_.end()), affixes_.end());
  std::vector<uint32_t> open;  // each has the one before it
  for (const std::string& affix : affixes_) {
    while (!open.empty() && !affix.starts_with(affixes_[open.back() - 1])) open.pop_back();
    shorter_.push_back(open.empty() ? 0 : open.back());
    open.push_back(static_cast<uint32_t>(shorter_.size()));
  }
}

uint32_t Affixes::find(std::string_view text) const {
  if (text.size() > longest_) {
    text = suffixes_ ? text.substr(text.size() - longest_) : text.substr(0, longest_);
  }
  std::string reversed;
  if (suffixes_) text = reversed = turned(text);
  // All that the text has sort before it, and so does nothing else between the longest and the text
  // that does not have the longest.
  const auto behind = std::upper_bound(affixes_.begin(), affixes_.end(), text);
  auto number = static_cast<uint32_t>(behind - affixes_.begin());
  while (number != 0 && !text.starts_with(affixes_[number - 1])) number = shorter_[number - 1];
  return number;
}

std::pair<uint32_t, uint32_t> Affixes::within(std::string_view affix) const {
  const std::string key = turned(affix);
  const auto first = std::lower_bound(affixes_.begin(), affixes_.end(), key);
  const auto last = std::partition_point(
      first, affixes_.end(), [&](const std::string& one) { return one.starts_with(key); });
  const auto number = [&](auto at) { return static_cast<uint32_t>(at - affixes_.begin()) + 1; };
  return {number(first), number(last)};
}

}  // namespace fengsui::match
