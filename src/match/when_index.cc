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

void Scratch::restart() {  // once in four thousand million events
  atoms_.assign(room_, {});
  columns_.assign(room_, {});
  mentions_.assign(room_, {});
  event_ = 1;
}

void Scratch::grow(size_t room) {
  room_ = room;
  atoms_.resize(room);
  columns_.resize(room);
  mentions_.resize(room);
  keys_.resize(room);
  open_.resize(room);
}

// One look-up.
class WhenIndex::Search {
 public:
  Search(const WhenIndex& index, std::span<const Value> slots, Scratch& scratch,
         std::vector<Found>& out)
      : index_(index), slots_(slots), scratch_(scratch), out_(out) {}

  // Step by step for all shapes together: a step asks for the memory that the next one reads, so
  // that one shape's does not wait for another's.
  void run() const {
    read_key_columns();
    Scratch::Open* const open = scratch_.open_.data();
    Scratch::Open* end = open;
    for (const Shape& shape : index_.shapes_) end += find_word(shape, *end) ? 1 : 0;
    for (Scratch::Open* one = open; one != end; ++one) {
      one->bucket = one->shape->buckets.find(one->word);
      __builtin_prefetch(one->shape->entries.data() + one->bucket.begin);
      if (one->shape->firsts.empty()) continue;
      __builtin_prefetch(one->shape->firsts.data() + one->bucket.begin);
    }
    for (const Scratch::Open* one = open; one != end; ++one) {
      if (one->bucket.end != 0) find_among(*one->shape, one->bucket);
    }
    for (const Shape& shape : index_.mention_shapes_) find_mentioned(shape);
  }

 private:
  void read_key_columns() const {
    TextKey* const keys = scratch_.keys_.data();
    Scratch::Kept<uint32_t>* const columns = scratch_.columns_.data();
    for (const uint32_t at : index_.key_columns_) index_.columns_[at].fetch(slots_, keys[at]);
    for (const uint32_t at : index_.key_columns_) {
      columns[at] = {scratch_.event_, index_.columns_[at].read(slots_, keys[at])};
    }
  }

  // True: `open` is the shape's, whose key may have the event's numbers. Which of them are none
  // follows no pattern: one branch is enough, and the caller has none.
  bool find_word(const Shape& shape, Scratch::Open& open) const {
    uint64_t word = 0;
    bool is_some = true;
    bool is_unsure = false;
    for (const KeyPart& part : shape.key) {
      const uint32_t number = scratch_.columns_[part.column].value;
      is_some = is_some & (number != Column::kNone);
      is_unsure = is_unsure | (number >= Column::kUnsure);
      word |= uint64_t{number} << part.shift;
    }
    if (shape.is_wide) word = mixed_word(shape);
    if (is_unsure) {
      if (is_some) test_unsure(shape);
      return false;
    }
    shape.buckets.fetch(word);
    open.shape = &shape;
    open.word = word;
    return is_some;
  }

  uint64_t mixed_word(const Shape& shape) const {
    uint64_t word = 0;
    for (const KeyPart& part : shape.key) word = mixed(word, scratch_.columns_[part.column].value);
    return word;
  }

  // A part of the key decides nothing: the rules are tested one by one. Not if another part is
  // false.
  void test_unsure(const Shape& shape) const {
    for (const KeyPart& part : shape.key) {
      const uint32_t number = scratch_.columns_[part.column].value;
      if (part.guarded && number == Column::kAbsent) return;
    }
    for (const Entry& member : shape.members) test(member, true);
  }

  void find_mentioned(const Shape& shape) const {
    const auto slot = static_cast<size_t>(shape.mentions.slot);
    const Value& v = slots_[slot];
    if (v.kind() != Kind::String) {
      if (shape.mentions.guarded && is_absent(v)) return;
      for (const Entry& member : shape.members) test(member, true);
      return;
    }
    for (const cel::KeywordHits::Hit& hit : mentions_in(slot, v.as_string()).all()) {
      const WordTable::Cell bucket = shape.buckets.find(hit.set);
      if (bucket.end != 0) find_among(shape, bucket);
    }
  }

  void find_among(const Shape& shape, WordTable::Cell bucket) const {
    constexpr double kPassesAll = std::numeric_limits<double>::infinity();
    double numbers[2] = {kPassesAll, kPassesAll};
    bool is_sure = true;
    for (int i = 0; i < 2; ++i) {
      const Range& range = i == 0 ? shape.first : shape.second;
      if (range.slot < 0) break;
      const Value& v = slots_[static_cast<size_t>(range.slot)];
      if (const std::optional<double> number = plain_number(v)) {
        numbers[i] = range.downwards ? -*number : *number;
      } else {
        if (range.guarded && is_absent(v)) return;
        is_sure = false;
      }
    }
    const auto [first, second] = numbers;
    size_t end = bucket.end;
    if (shape.first.slot >= 0) {
      end = bucket.begin;
      while (end < bucket.end && shape.firsts[end] <= first) ++end;
    }
    if (shape.second.slot >= 0) return find_second(shape, bucket.begin, end, second, is_sure);
    for (size_t i = bucket.begin; i < end; ++i) test(shape.entries[i], is_sure);
  }

  // Block by block. Which entries pass follows no pattern: they are noted without a branch.
  void find_second(const Shape& shape, size_t begin, size_t end, double number,
                   bool is_sure) const {
    const double* const seconds = shape.seconds.data();
    while (begin < end) {
      const size_t block_end = std::min((begin / kBlock + 1) * kBlock, end);
      if (shape.lowest[begin / kBlock] <= number) {
        size_t passed[kBlock];
        size_t count = 0;
        for (size_t i = begin; i < block_end; ++i) {
          passed[count] = i;
          count += seconds[i] <= number ? 1 : 0;
        }
        for (size_t i = 0; i < count; ++i) test(shape.entries[passed[i]], is_sure);
      }
      begin = block_end;
    }
  }

  // `is_sure`: what the entry stands under was seen to hold, or is among its checks.
  void test(const Entry& entry, bool is_sure) const {
    const Checks& checks = entry.checks;
    bool holds = checks.is_whole && is_sure;
    for (uint32_t i = checks.begin; i < checks.end; ++i) {
      const Truth truth = check(index_.checks_[i]);
      if (truth == Truth::No) return;
      if (truth == Truth::Unknown) holds = false;
    }
    out_.push_back({entry.rule, holds});
  }

  Truth check(const Check& check) const {
    if (check.kind == Check::Kind::AtLeast) {
      const std::optional<double> number = plain_number(slots_[check.at]);
      if (!number) return Truth::Unknown;
      return truth((check.downwards ? -*number : *number) >= check.least);
    }
    if (check.kind == Check::Kind::Atom) {
      Scratch::Kept<Truth>& kept = scratch_.atoms_[check.at];
      if (kept.event != scratch_.event_) {
        kept = {scratch_.event_, truth_of(index_.atoms_[check.at])};
      }
      return kept.value;
    }
    const uint32_t number = number_in(check.at);
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

  Truth truth_of(const Atom& atom) const {
    const cel::Conjunct& conjunct = atom.conjunct;
    if (conjunct.form == Form::Other) {
      std::optional<Value> made;
      const Value& value = conjunct.program.evaluate_in_place(index_.tables_, slots_, made);
      return value.kind() == Kind::Bool ? truth(value.as_bool()) : Truth::Unknown;
    }
    if (conjunct.form == Form::In) {
      const uint32_t number = number_in(atom.column);
      if (number >= Column::kUnsure) return Truth::Unknown;
      return truth(std::binary_search(atom.numbers.begin(), atom.numbers.end(), number));
    }
    const Value& v = slots_[static_cast<size_t>(conjunct.slot)];
    if (conjunct.form == Form::Has) {
      return v.is_error() ? (is_absent(v) ? Truth::No : Truth::Unknown) : Truth::Yes;
    }
    if (conjunct.form != Form::Mentions || v.kind() != Kind::String) return Truth::Unknown;
    const auto slot = static_cast<size_t>(conjunct.slot);
    const cel::KeywordHits& hits = mentions_in(slot, v.as_string());
    return truth(hits.words_of(static_cast<size_t>(conjunct.keywords)) > 0);
  }

  uint32_t number_in(uint32_t column) const {
    Scratch::Kept<uint32_t>& kept = scratch_.columns_[column];
    if (kept.event != scratch_.event_) {
      kept = {scratch_.event_, index_.columns_[column].read(slots_)};
    }
    return kept.value;
  }

  const cel::KeywordHits& mentions_in(size_t slot, const std::string& text) const {
    Scratch::Kept<cel::KeywordHits>& kept = scratch_.mentions_[slot];
    if (kept.event != scratch_.event_) {
      kept.event = scratch_.event_;
      index_.tables_.keywords->find(text, kept.value);
    }
    return kept.value;
  }

  const WhenIndex& index_;
  const std::span<const Value> slots_;
  Scratch& scratch_;
  std::vector<Found>& out_;
};

void WhenIndex::find(std::span<const Value> slots, Scratch& scratch,
                     std::vector<Found>& out) const {
  scratch.begin(room_);
  const size_t first = out.size();
  Search(*this, slots, scratch, out).run();
  if (out.size() < first + 2) return;
  std::sort(out.begin() + static_cast<ptrdiff_t>(first), out.end(),
            [](const Found& a, const Found& b) { return a.rule < b.rule; });
}

}  // namespace fengsui::match
