// Which of many `when`s may hold for an event? An index over their conjuncts (DESIGN.md). Not for
// callers of the folder.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cel/conjuncts.h"
#include "cel/tables.h"
#include "cel/value.h"

namespace fengsui::match {

// What is known of an atom or a `when` for the event at hand. Unknown: it must be evaluated whole.
enum class Truth : uint8_t { No, Yes, Unknown };

// What one event has already been asked; reused from event to event. One thread's.
class Scratch {
 public:
  // Forgets the last event.
  void begin(size_t atoms, size_t slots);

 private:
  friend class WhenIndex;
  template <class T>
  struct Kept {
    uint32_t event = 0;
    T value{};
  };
  uint32_t event_ = 0;
  std::vector<Kept<Truth>> atoms_;
  std::vector<Kept<uint64_t>> hashes_;            // by slot
  std::vector<Kept<cel::KeywordHits>> mentions_;  // by slot
};

// Immutable once made.
class WhenIndex {
 public:
  struct Found {
    uint32_t rule;
    bool holds;  // else it is not known: ask it
  };

  // Rule i has `whens[i]`; null: every event. The programs must outlive it.
  WhenIndex(const std::vector<const cel::Program*>& whens, const cel::Tables& tables);

  // Appends, ascending, every rule whose `when` is not false, and perhaps some whose is.
  void find(std::span<const cel::Value> slots, Scratch& scratch, std::vector<Found>& out) const;

 private:
  // A part of a `when`, to be tested. Comparisons with a number stand here by themselves, all else
  // among `atoms_`, where rules share it.
  struct Check {
    cel::Conjunct::Form form;
    uint16_t slot = 0;
    uint32_t atom = 0;
    double number = 0;
  };
  struct Checks {
    uint32_t begin = 0, end = 0;
    bool is_whole = false;  // if all hold, the `when` does
  };
  struct Entry {
    uint32_t rule;
    Checks checks;
  };
  struct Bucket {
    uint32_t begin = 0, end = 0;  // of entries
  };
  // Of a shape: a slot whose value is part of the key. `guarded`: has(slot) stands in the `when`,
  // so without a value it is false. `truth`: the slot itself is tested; no other kind will do.
  struct KeySlot {
    uint16_t slot;
    bool guarded, truth;
    auto operator<=>(const KeySlot&) const = default;
  };
  struct Range {
    int slot = -1;                          // none
    bool upwards = false, guarded = false;  // upwards: > and >=
    auto operator<=>(const Range&) const = default;
  };
  // A slot of which one keyword set is asked: the set takes the key's place. For rules that have no
  // equality; an event looks up each set that its text mentions.
  struct Mentions {
    int slot = -1;  // none
    bool guarded = false;
    auto operator<=>(const Mentions&) const = default;
  };
  struct Cell {
    uint64_t hash = 0;
    uint32_t bucket = 0;  // 0: empty
  };
  // Rules that constrain the same slots.
  struct Shape {
    std::vector<KeySlot> key;
    Range range;
    Mentions mentions;
    std::vector<Cell> cells;         // open addressing, by the hash of the key
    std::vector<cel::Value> keys;    // of bucket i, from (i - 1) * key.size()
    std::vector<Bucket> buckets;     // i - 1
    std::vector<uint32_t> of_sets;   // of mentions, by keyword set: its bucket; 0: none
    std::vector<double> thresholds;  // of a range: as entries; within a bucket, easiest first
    std::vector<bool> is_strict;
    std::vector<Entry> entries;
    std::vector<Entry> members;  // each rule once, with all its checks
  };
  struct Draft;
  class Builder;

  void find_in(const Shape& shape, std::span<const cel::Value> slots, Scratch& scratch,
               std::vector<Found>& out) const;
  void find_mentioned(const Shape& shape, std::span<const cel::Value> slots, Scratch& scratch,
                      std::vector<Found>& out) const;
  void find_in(const Shape& shape, const Bucket& bucket, std::span<const cel::Value> slots,
               Scratch& scratch, std::vector<Found>& out) const;
  const Bucket* bucket_of(const Shape& shape, uint64_t hash,
                          std::span<const cel::Value> slots) const;
  void find_all(std::span<const Entry> entries, std::span<const cel::Value> slots, Scratch& scratch,
                std::vector<Found>& out) const;
  void test(const Entry& entry, std::span<const cel::Value> slots, Scratch& scratch,
            std::vector<Found>& out) const;
  Truth check(const Check& check, std::span<const cel::Value> slots, Scratch& scratch) const;
  Truth atom(const cel::Conjunct& atom, std::span<const cel::Value> slots, Scratch& scratch) const;
  const cel::KeywordHits& mentions_in(size_t slot, const std::string& text, Scratch& scratch) const;
  uint64_t hash_of(uint16_t slot, std::span<const cel::Value> slots, Scratch& scratch) const;

  const cel::Tables& tables_;
  std::vector<Shape> shapes_;
  std::vector<Check> checks_;
  std::vector<cel::Conjunct> atoms_;

 public:
  size_t atoms() const { return atoms_.size(); }
};

}  // namespace fengsui::match
