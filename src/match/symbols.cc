#include "match/symbols.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "match/plain_number.h"

namespace fengsui::match {
namespace {

using cel::Kind;
using cel::Value;

constexpr size_t kCellsMin = 8;

// The double that a number is equal to, of the numbers that each kind holds with its neighbours:
// two that are equal both have one or both have none.
std::optional<double> common_number(const Value& v) {
  if (v.kind() == Kind::Uint) {
    if (v.as_uint() > static_cast<uint64_t>(kPlainMost)) return std::nullopt;
    return static_cast<double>(v.as_uint());
  }
  const std::optional<double> number = plain_number(v);
  if (!number || !(std::abs(*number) <= static_cast<double>(kPlainMost))) return std::nullopt;
  return *number + 0.0;  // one zero
}

}  // namespace

void WordTable::put(uint64_t word, uint32_t begin, uint32_t end) {
  if (++size_ * 2 > cells_.size()) {
    std::vector<Cell> old(std::max(kCellsMin, cells_.size() * 2));
    old.swap(cells_);
    mask_ = cells_.size() - 1;
    for (const Cell& cell : old) {
      if (cell.end != 0) place(cell);
    }
  }
  place({word, begin, end});
}

void WordTable::place(const Cell& cell) {
  size_t at = home(cell.word);
  while (cells_[at].end != 0) at = (at + 1) & mask_;
  cells_[at] = cell;
}

void TextKey::add_tail(std::string_view text) {
  const char* at = text.data() + kHead;
  size_t left = text.size() - kHead;
  for (; left > 8; left -= 8, at += 8) hash = fold_multiply(hash ^ word_at(at), 0xa0761d6478bd642f);
  // The last eight bytes, some of them perhaps once more.
  hash = fold_multiply(hash ^ word_at(at + left - 8), 0xa0761d6478bd642f);
}

uint32_t Symbols::add(const Value& value) {
  if (const uint32_t known = find(value); known != kNone) return known;
  ++count_;
  if (value.kind() == Kind::String) {
    add_text(value.as_string());
  } else if (value.kind() == Kind::Bool) {
    truths_[value.as_bool() ? 1 : 0] = count_;
  } else if (const std::optional<double> number = common_number(value)) {
    numbers_.put(std::bit_cast<uint64_t>(*number), 0, count_);
  } else {
    others_.emplace(value, count_);
  }
  return count_;
}

uint32_t Symbols::find_other(const Value& value) const {
  if (const std::optional<double> number = common_number(value)) {
    return numbers_.find(std::bit_cast<uint64_t>(*number)).end;
  }
  if (others_.empty()) return kNone;
  const auto found = others_.find(value);
  return found == others_.end() ? kNone : found->second;
}

bool Symbols::has_tail(const TextCell& cell, std::string_view text) const {
  return cell.number != kNone && texts_[cell.text] == text;
}

void Symbols::add_text(const std::string& text) {
  const auto place = [this](const TextCell& cell, uint64_t hash) {
    size_t at = hash & text_mask_;
    while (text_cells_[at].number != kNone) at = (at + 1) & text_mask_;
    text_cells_[at] = cell;
  };
  if (++text_count_ * 2 > text_cells_.size()) {
    std::vector<TextCell> old(std::max(kCellsMin, text_cells_.size() * 2));
    old.swap(text_cells_);
    text_mask_ = text_cells_.size() - 1;
    for (const TextCell& cell : old) {
      if (cell.number == kNone) continue;
      std::string known;
      if (cell.size > TextKey::kHead) {
        known = texts_[cell.text];
      } else {
        char head[TextKey::kHead];
        std::memcpy(head, &cell.low, 8);
        std::memcpy(head + 8, &cell.high, 8);
        known.assign(head, cell.size);
      }
      place(cell, TextKey(known).hash);
    }
  }
  const TextKey key(text);
  TextCell cell;
  cell.low = key.low;
  cell.high = key.high;
  cell.size = key.size;
  cell.number = count_;
  if (key.size > TextKey::kHead) {
    cell.text = static_cast<uint32_t>(texts_.size());
    texts_.push_back(text);
  }
  place(cell, key.hash);
}

}  // namespace fengsui::match
