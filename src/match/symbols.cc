#include "match/symbols.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

namespace fengsui::match {
namespace {

using cel::Kind;
using cel::Value;

constexpr size_t kCellsMin = 8;

// The double that a number is equal to, of the numbers that each kind holds with its neighbours:
// two that are equal both have one or both have none.
std::optional<double> common_number(const Value& v) {
  constexpr int64_t kMost = int64_t{1} << 53;
  switch (v.kind()) {
    case Kind::Int:
      if (v.as_int() < -kMost || v.as_int() > kMost) return std::nullopt;
      return static_cast<double>(v.as_int());
    case Kind::Uint:
      if (v.as_uint() > static_cast<uint64_t>(kMost)) return std::nullopt;
      return static_cast<double>(v.as_uint());
    case Kind::Double:
      if (!(v.as_double() >= -static_cast<double>(kMost)) ||
          !(v.as_double() <= static_cast<double>(kMost))) {
        return std::nullopt;
      }
      return v.as_double() + 0.0;  // one zero
    default:
      return std::nullopt;
  }
}

// Texts of one size.
bool is_same(const char* a, const char* b, size_t size) {
  const auto differ = [&](size_t at, auto word) {
    auto other = word;
    std::memcpy(&word, a + at, sizeof word);
    std::memcpy(&other, b + at, sizeof word);
    return word != other;
  };
  if (size >= 8) {
    for (size_t at = 0; at + 8 < size; at += 8) {
      if (differ(at, uint64_t{})) return false;
    }
    return !differ(size - 8, uint64_t{});
  }
  if (size >= 4) return !differ(0, uint32_t{}) && !differ(size - 4, uint32_t{});
  for (size_t at = 0; at < size; ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

}  // namespace

void WordTable::put(uint64_t word, uint32_t begin, uint32_t end) {
  if (++size_ * 2 > cells_.size()) {
    std::vector<Cell> old(std::max(kCellsMin, cells_.size() * 2));
    old.swap(cells_);
    for (const Cell& cell : old) {
      if (cell.end != 0) place(cell);
    }
  }
  place({word, begin, end});
}

void WordTable::place(const Cell& cell) {
  size_t at = home(cell.word);
  while (cells_[at].end != 0) at = (at + 1) & (cells_.size() - 1);
  cells_[at] = cell;
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
  if (value.kind() == Kind::Bool) return truths_[value.as_bool() ? 1 : 0];
  if (const std::optional<double> number = common_number(value)) {
    const WordTable::Cell* cell = numbers_.find(std::bit_cast<uint64_t>(*number));
    return cell == nullptr ? kNone : cell->end;
  }
  if (others_.empty()) return kNone;
  const auto found = others_.find(value);
  return found == others_.end() ? kNone : found->second;
}

uint32_t Symbols::find(std::string_view text, uint64_t hash) const {
  if (text_cells_.empty()) return kNone;
  for (size_t at = hash & (text_cells_.size() - 1);; at = (at + 1) & (text_cells_.size() - 1)) {
    const TextCell& cell = text_cells_[at];
    if (cell.number == kNone) return kNone;
    if (cell.hash == static_cast<uint32_t>(hash >> 32) && cell.size == text.size() &&
        is_same(text_of(cell).data(), text.data(), text.size())) {
      return cell.number;
    }
  }
}

std::string_view Symbols::text_of(const TextCell& cell) const {
  if (cell.size <= TextCell::kShort) return {cell.text, cell.size};
  uint64_t at = 0;
  std::memcpy(&at, cell.text, sizeof at);
  return std::string_view(texts_).substr(at, cell.size);
}

void Symbols::add_text(std::string_view text) {
  if (++text_count_ * 2 > text_cells_.size()) {
    std::vector<TextCell> old(std::max(kCellsMin, text_cells_.size() * 2));
    old.swap(text_cells_);
    for (const TextCell& cell : old) {
      if (cell.number != kNone) place(cell, hash_text(text_of(cell)));
    }
  }
  const uint64_t hash = hash_text(text);
  TextCell cell;
  cell.hash = static_cast<uint32_t>(hash >> 32);
  cell.number = count_;
  cell.size = static_cast<uint32_t>(text.size());
  if (text.size() <= TextCell::kShort) {
    std::copy(text.begin(), text.end(), cell.text);
  } else {
    const uint64_t at = texts_.size();
    texts_ += text;
    std::memcpy(cell.text, &at, sizeof at);
  }
  place(cell, hash);
}

void Symbols::place(const TextCell& cell, uint64_t hash) {
  size_t at = hash & (text_cells_.size() - 1);
  while (text_cells_[at].number != kNone) at = (at + 1) & (text_cells_.size() - 1);
  text_cells_[at] = cell;
}

}  // namespace fengsui::match
