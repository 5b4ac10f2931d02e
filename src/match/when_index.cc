#include "match/when_index.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>

#include "match/when_index_parts.h"

namespace fengsui::match {
namespace {

using cel::Kind;
using cel::Value;
using Form = cel::Conjunct::Form;

bool is_alike(const Value& a, const Value& b) {
  if (a.kind() == Kind::String && b.kind() == Kind::String) return a.as_string() == b.as_string();
  return cel::equal(a, b);
}

Truth truth_of(bool v) { return v ? Truth::Yes : Truth::No; }

bool is_absent(const Value& v) { return v.is_error() && v.error_code() == cel::ErrorCode::Missing; }

}  // namespace

uint64_t hash_value_of(const Value& v) {
  if (v.kind() == Kind::String) return std::hash<std::string_view>{}(v.as_string());
  return cel::hash_value(v);
}

void Scratch::begin(size_t atoms, size_t slots) {
  if (++event_ == 0) {  // once in four thousand million events
    atoms_.assign(atoms_.size(), {});
    hashes_.assign(hashes_.size(), {});
    mentions_.assign(mentions_.size(), {});
    event_ = 1;
  }
  if (atoms_.size() < atoms) atoms_.resize(atoms);
  if (hashes_.size() < slots) hashes_.resize(slots);
  if (mentions_.size() < slots) mentions_.resize(slots);
}

void WhenIndex::find(std::span<const Value> slots, Scratch& scratch,
                     std::vector<Found>& out) const {
  scratch.begin(atoms_.size(), slots.size());
  const size_t first = out.size();
  for (const Shape& shape : shapes_) find_in(shape, slots, scratch, out);
  std::sort(out.begin() + static_cast<ptrdiff_t>(first), out.end(),
            [](const Found& a, const Found& b) { return a.rule < b.rule; });
}

void WhenIndex::find_in(const Shape& shape, std::span<const Value> slots, Scratch& scratch,
                        std::vector<Found>& out) const {
  if (shape.mentions.slot >= 0) return find_mentioned(shape, slots, scratch, out);
  uint64_t hash = 0;
  bool is_unsure = false;
  for (const KeySlot& part : shape.key) {
    const Value& v = slots[part.slot];
    if (v.is_error() || (part.truth && v.kind() != Kind::Bool)) {
      if (part.guarded && is_absent(v)) return;
      is_unsure = true;
    } else if (!is_unsure) {
      hash = mixed(hash, hash_of(part.slot, slots, scratch));
    }
  }
  if (is_unsure) return find_all(shape.members, slots, scratch, out);
  const Bucket* bucket = bucket_of(shape, hash, slots);
  if (bucket) find_in(shape, *bucket, slots, scratch, out);
}

void WhenIndex::find_mentioned(const Shape& shape, std::span<const Value> slots, Scratch& scratch,
                               std::vector<Found>& out) const {
  const auto slot = static_cast<size_t>(shape.mentions.slot);
  const Value& v = slots[slot];
  if (v.kind() != Kind::String) {
    if (shape.mentions.guarded && is_absent(v)) return;
    return find_all(shape.members, slots, scratch, out);
  }
  const cel::KeywordHits& hits = mentions_in(slot, v.as_string(), scratch);
  for (const cel::KeywordHits::Hit& hit : hits.all()) {
    const uint32_t bucket = hit.set < shape.of_sets.size() ? shape.of_sets[hit.set] : 0;
    if (bucket != 0) find_in(shape, shape.buckets[bucket - 1], slots, scratch, out);
  }
}

void WhenIndex::find_in(const Shape& shape, const Bucket& bucket, std::span<const Value> slots,
                        Scratch& scratch, std::vector<Found>& out) const {
  const std::span entries(shape.entries.data() + bucket.begin, bucket.end - bucket.begin);
  if (shape.range.slot < 0) return find_all(entries, slots, scratch, out);
  const Value& v = slots[static_cast<size_t>(shape.range.slot)];
  const std::optional<double> number = plain_number(v);
  if (!number) {
    if (shape.range.guarded && is_absent(v)) return;
    const size_t first = out.size();
    find_all(entries, slots, scratch, out);
    for (size_t i = first; i < out.size(); ++i) out[i].holds = false;
    return;
  }
  for (uint32_t i = bucket.begin; i < bucket.end; ++i) {
    const double threshold = shape.thresholds[i];
    if (shape.range.upwards ? threshold > *number : threshold < *number) break;
    if (threshold == *number && shape.is_strict[i]) continue;
    test(shape.entries[i], slots, scratch, out);
  }
}

const WhenIndex::Bucket* WhenIndex::bucket_of(const Shape& shape, uint64_t hash,
                                              std::span<const Value> slots) const {
  const size_t mask = shape.cells.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    const Cell& cell = shape.cells[at];
    if (cell.bucket == 0) return nullptr;
    if (cell.hash != hash) continue;
    const Value* key = shape.keys.data() + (cell.bucket - 1) * shape.key.size();
    size_t i = 0;
    while (i < shape.key.size() && is_alike(slots[shape.key[i].slot], key[i])) ++i;
    if (i == shape.key.size()) return &shape.buckets[cell.bucket - 1];
  }
}

void WhenIndex::find_all(std::span<const Entry> entries, std::span<const Value> slots,
                         Scratch& scratch, std::vector<Found>& out) const {
  for (const Entry& entry : entries) test(entry, slots, scratch, out);
}

void WhenIndex::test(const Entry& entry, std::span<const Value> slots, Scratch& scratch,
                     std::vector<Found>& out) const {
  bool holds = entry.checks.is_whole;
  for (uint32_t i = entry.checks.begin; i < entry.checks.end; ++i) {
    const Truth truth = check(checks_[i], slots, scratch);
    if (truth == Truth::No) return;
    if (truth == Truth::Unknown) holds = false;
  }
  out.push_back({entry.rule, holds});
}

Truth WhenIndex::check(const Check& check, std::span<const Value> slots, Scratch& scratch) const {
  if (is_range(check.form)) {
    const std::optional<double> number = plain_number(slots[check.slot]);
    if (!number) return Truth::Unknown;
    switch (check.form) {
      case Form::Less:
        return truth_of(*number < check.number);
      case Form::LessEqual:
        return truth_of(*number <= check.number);
      case Form::Greater:
        return truth_of(*number > check.number);
      default:
        return truth_of(*number >= check.number);
    }
  }
  Scratch::Kept<Truth>& kept = scratch.atoms_[check.atom];
  if (kept.event != scratch.event_)
    kept = {scratch.event_, atom(atoms_[check.atom], slots, scratch)};
  return kept.value;
}

Truth WhenIndex::atom(const cel::Conjunct& atom, std::span<const Value> slots,
                      Scratch& scratch) const {
  if (atom.form == Form::Other) {
    const Value value = atom.program.evaluate(tables_, slots);
    return value.kind() == Kind::Bool ? truth_of(value.as_bool()) : Truth::Unknown;
  }
  const Value& v = slots[static_cast<size_t>(atom.slot)];
  if (v.is_error()) return atom.form == Form::Has && is_absent(v) ? Truth::No : Truth::Unknown;
  switch (atom.form) {
    case Form::Equal:
    case Form::In:
      return truth_of(std::any_of(atom.values.begin(), atom.values.end(),
                                  [&](const Value& other) { return is_alike(v, other); }));
    case Form::NotEqual:
      return truth_of(!is_alike(v, atom.values[0]));
    case Form::Has:
      return Truth::Yes;
    case Form::True:
    case Form::False:
      if (v.kind() != Kind::Bool) return Truth::Unknown;
      return truth_of(v.as_bool() == (atom.form == Form::True));
    case Form::Mentions: {
      if (v.kind() != Kind::String) return Truth::Unknown;
      const auto slot = static_cast<size_t>(atom.slot);
      const cel::KeywordHits& hits = mentions_in(slot, v.as_string(), scratch);
      return truth_of(hits.words_of(static_cast<size_t>(atom.keywords)) > 0);
    }
    default:
      return Truth::Unknown;
  }
}

const cel::KeywordHits& WhenIndex::mentions_in(size_t slot, const std::string& text,
                                               Scratch& scratch) const {
  Scratch::Kept<cel::KeywordHits>& kept = scratch.mentions_[slot];
  if (kept.event != scratch.event_) {
    kept.event = scratch.event_;
    tables_.keywords->find(text, kept.value);
  }
  return kept.value;
}

uint64_t WhenIndex::hash_of(uint16_t slot, std::span<const Value> slots, Scratch& scratch) const {
  Scratch::Kept<uint64_t>& kept = scratch.hashes_[slot];
  if (kept.event != scratch.event_) kept = {scratch.event_, hash_value_of(slots[slot])};
  return kept.value;
}

}  // namespace fengsui::match
