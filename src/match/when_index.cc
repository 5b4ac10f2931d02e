#include "match/when_index.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace fengsui::match {
namespace {

using cel::Kind;
using cel::Value;
using Form = cel::Conjunct::Form;

Truth truth(bool v) { return v ? Truth::Yes : Truth::No; }

bool is_absent(const Value& v) { return v.is_error() && v.error_code() == cel::ErrorCode::Missing; }

}  // namespace

void Scratch::begin(size_t atoms, size_t columns, size_t slots, size_t shapes) {
  if (++event_ == 0) {  // once in four thousand million events
    atoms_.assign(atoms_.size(), {});
    columns_.assign(columns_.size(), {});
    mentions_.assign(mentions_.size(), {});
    event_ = 1;
  }
  if (atoms_.size() < atoms) atoms_.resize(atoms);
  if (columns_.size() < columns) columns_.resize(columns);
  if (keys_.size() < columns) keys_.resize(columns);
  if (mentions_.size() < slots) mentions_.resize(slots);
  if (open_.size() <= shapes) open_.resize(shapes + 1);
}

// Step by step for all shapes together: a step asks for the memory that the next one reads, so that
// one shape's does not wait for another's.
void WhenIndex::find(std::span<const Value> slots, Scratch& scratch,
                     std::vector<Found>& out) const {
  scratch.begin(atoms_.size(), columns_.size(), slots.size(), shapes_.size());
  const size_t first = out.size();
  const Asked asked{slots, scratch, out};
  read_key_columns(asked);
  size_t count = 0;
  for (const Shape& shape : shapes_) count += find_word(shape, asked, scratch.open_[count]) ? 1 : 0;
  const std::span open(scratch.open_.data(), count);
  for (Scratch::Open& one : open) {
    one.bucket = one.shape->buckets.find(one.word);
    __builtin_prefetch(one.shape->entries.data() + one.bucket.begin);
    __builtin_prefetch(one.shape->firsts.data() + one.bucket.begin);
  }
  for (const Scratch::Open& one : open) {
    if (one.bucket.end != 0) find_among(*one.shape, one.bucket, asked);
  }
  for (const Shape& shape : mention_shapes_) find_mentioned(shape, asked);
  if (out.size() < first + 2) return;
  std::sort(out.begin() + static_cast<ptrdiff_t>(first), out.end(),
            [](const Found& a, const Found& b) { return a.rule < b.rule; });
}

void WhenIndex::read_key_columns(const Asked& asked) const {
  Scratch& scratch = asked.scratch;
  for (const uint32_t at : key_columns_) columns_[at].fetch(asked.slots, scratch.keys_[at]);
  for (const uint32_t at : key_columns_) {
    scratch.columns_[at] = {scratch.event_, columns_[at].read(asked.slots, scratch.keys_[at])};
  }
}

// True: `open` is the shape's, whose key may have the event's numbers. Which of them are none
// follows no pattern: one branch is enough, and the caller has none.
bool WhenIndex::find_word(const Shape& shape, const Asked& asked, Scratch::Open& open) const {
  uint64_t word = 0;
  bool is_some = true;
  bool is_unsure = false;
  for (const KeyPart& part : shape.key) {
    const uint32_t number = asked.scratch.columns_[part.column].value;
    is_some = is_some & (number != Column::kNone);
    is_unsure = is_unsure | (number >= Column::kUnsure);
    word = shape.is_wide ? mixed(word, number) : word | uint64_t{number} << part.shift;
  }
  if (is_unsure) {
    if (is_some) test_unsure(shape, asked);
    return false;
  }
  shape.buckets.fetch(word);
  open.shape = &shape;
  open.word = word;
  return is_some;
}

// A part of the key decides nothing: the rules are tested one by one. Not if another part is false.
void WhenIndex::test_unsure(const Shape& shape, const Asked& asked) const {
  for (const KeyPart& part : shape.key) {
    const uint32_t number = asked.scratch.columns_[part.column].value;
    if (part.guarded && number == Column::kAbsent) return;
  }
  for (const Entry& member : shape.members) test(member, true, asked);
}

void WhenIndex::find_mentioned(const Shape& shape, const Asked& asked) const {
  const auto slot = static_cast<size_t>(shape.mentions.slot);
  const Value& v = asked.slots[slot];
  if (v.kind() != Kind::String) {
    if (shape.mentions.guarded && is_absent(v)) return;
    for (const Entry& member : shape.members) test(member, true, asked);
    return;
  }
  for (const cel::KeywordHits::Hit& hit : mentions_in(slot, v.as_string(), asked).all()) {
    const WordTable::Cell bucket = shape.buckets.find(hit.set);
    if (bucket.end != 0) find_among(shape, bucket, asked);
  }
}

void WhenIndex::find_among(const Shape& shape, WordTable::Cell bucket, const Asked& asked) const {
  constexpr double kPassesAll = std::numeric_limits<double>::infinity();
  double numbers[2] = {kPassesAll, kPassesAll};
  bool is_sure = true;
  for (int i = 0; i < 2; ++i) {
    const Range& range = i == 0 ? shape.first : shape.second;
    if (range.slot < 0) break;
    const Value& v = asked.slots[static_cast<size_t>(range.slot)];
    if (const std::optional<double> number = plain_number(v)) {
      numbers[i] = range.downwards ? -*number : *number;
    } else {
      if (range.guarded && is_absent(v)) return;
      is_sure = false;
    }
  }
  const auto [first, second] = numbers;
  const double* const firsts = shape.firsts.empty() ? nullptr : shape.firsts.data();
  const double* const seconds = shape.seconds.empty() ? nullptr : shape.seconds.data();
  for (size_t i = bucket.begin; i < bucket.end; ++i) {
    if (seconds != nullptr && i % kBlock == 0) {
      while (i < bucket.end && shape.lowest[i / kBlock] > second) i += kBlock;
      if (i >= bucket.end) return;
    }
    if (firsts != nullptr && firsts[i] > first) return;
    if (seconds == nullptr || seconds[i] <= second) test(shape.entries[i], is_sure, asked);
  }
}

// `is_sure`: what the entry stands under was seen to hold, or is among its checks.
void WhenIndex::test(const Entry& entry, bool is_sure, const Asked& asked) const {
  const Checks& checks = entry.checks;
  bool holds = checks.is_whole && is_sure;
  for (uint32_t i = checks.begin; i < checks.end; ++i) {
    const Truth truth = check(checks_[i], asked);
    if (truth == Truth::No) return;
    if (truth == Truth::Unknown) holds = false;
  }
  asked.out.push_back({entry.rule, holds});
}

Truth WhenIndex::check(const Check& check, const Asked& asked) const {
  if (check.kind == Check::Kind::AtLeast) {
    const std::optional<double> number = plain_number(asked.slots[check.at]);
    if (!number) return Truth::Unknown;
    return truth((check.downwards ? -*number : *number) >= check.least);
  }
  if (check.kind == Check::Kind::Atom) {
    Scratch::Kept<Truth>& kept = asked.scratch.atoms_[check.at];
    if (kept.event != asked.scratch.event_) {
      kept = {asked.scratch.event_, truth_of(atoms_[check.at], asked)};
    }
    return kept.value;
  }
  const uint32_t number = number_in(check.at, asked);
  if (number >= Column::kUnsure) return Truth::Unknown;
  switch (check.kind) {
    case Check::Kind::Same:
      return truth(number == check.first);
    case Check::Kind::Different:
      return truth(number != check.first);
    default:
      return truth(number >= check.first && number < check.last);
  }
}

Truth WhenIndex::truth_of(const Atom& atom, const Asked& asked) const {
  const cel::Conjunct& conjunct = atom.conjunct;
  if (conjunct.form == Form::Other) {
    std::optional<Value> made;
    const Value& value = conjunct.program.evaluate_in_place(tables_, asked.slots, made);
    return value.kind() == Kind::Bool ? truth(value.as_bool()) : Truth::Unknown;
  }
  if (conjunct.form == Form::In) {
    const uint32_t number = number_in(atom.column, asked);
    if (number >= Column::kUnsure) return Truth::Unknown;
    return truth(std::binary_search(atom.numbers.begin(), atom.numbers.end(), number));
  }
  const Value& v = asked.slots[static_cast<size_t>(conjunct.slot)];
  if (conjunct.form == Form::Has) {
    return v.is_error() ? (is_absent(v) ? Truth::No : Truth::Unknown) : Truth::Yes;
  }
  if (conjunct.form != Form::Mentions || v.kind() != Kind::String) return Truth::Unknown;
  const auto slot = static_cast<size_t>(conjunct.slot);
  const cel::KeywordHits& hits = mentions_in(slot, v.as_string(), asked);
  return truth(hits.words_of(static_cast<size_t>(conjunct.keywords)) > 0);
}

const cel::KeywordHits& WhenIndex::mentions_in(size_t slot, const std::string& text,
                                               const Asked& asked) const {
  Scratch::Kept<cel::KeywordHits>& kept = asked.scratch.mentions_[slot];
  if (kept.event != asked.scratch.event_) {
    kept.event = asked.scratch.event_;
    tables_.keywords->find(text, kept.value);
  }
  return kept.value;
}

uint32_t WhenIndex::number_in(uint32_t column, const Asked& asked) const {
  Scratch::Kept<uint32_t>& kept = asked.scratch.columns_[column];
  if (kept.event != asked.scratch.event_) {
    kept = {asked.scratch.event_, columns_[column].read(asked.slots)};
  }
  return kept.value;
}

}  // namespace fengsui::match
