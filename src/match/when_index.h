// Which of many `when`s may hold for an event? An index over their conjuncts (DESIGN.md). Not for
// callers of the folder.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cel/conjuncts.h"
#include "cel/tables.h"
#include "cel/value.h"
#include "match/column.h"

namespace fengsui::match {

// What is known of an atom or a `when` for the event at hand. Unknown: it must be evaluated whole.
enum class Truth : uint8_t { No, Yes, Unknown };

class Scratch;

// Slots of events such as will come: what is chosen by them changes no answer.
using Sample = std::vector<std::vector<cel::Value>>;

// Immutable once made.
class WhenIndex {
 public:
  struct Found {
    uint32_t rule;
    bool holds;  // else it is not known: ask it
  };

  // Rule i has `whens[i]`; null: every event. The tables must outlive it.
  WhenIndex(const std::vector<const cel::Program*>& whens, const cel::Tables& tables,
            const Sample& sample = {});

  // Appends, ascending, every rule whose `when` is not false, and perhaps some whose is.
  void find(std::span<const cel::Value> slots, Scratch& scratch, std::vector<Found>& out) const;

  size_t atoms() const { return atoms_.size(); }

 private:
  // A part of a `when`, to be tested.
  struct Check {
    enum class Kind : uint8_t {
      AtLeast,    // the number in slot `at`, turned round if `downwards`, is no less than `least`
      Same,       // column `at` has `first`
      Different,  // column `at` has not `first`
      Within,     // column `at` has one from `first` up to `last`
      Atom,       // atom `at`
    };
    Kind kind = Kind::Atom;
    bool downwards = false;
    uint32_t at = 0;
    uint32_t first = 0, last = 0;
    double least = 0;
  };
  struct Checks {
    uint32_t begin = 0, end = 0;
    bool is_whole = false;  // if all hold, the `when` does
  };
  // What rules share that is none of the other kinds; an event is asked once.
  struct Atom {
    cel::Conjunct conjunct;
    uint32_t column = 0;            // of In
    std::vector<uint32_t> numbers;  // ascending: those that it lets pass
  };
  // An entry counts for an event whose numbers are no less than these.
  struct Entry {
    double first, second;
    uint32_t rule;
    Checks checks;
  };
  struct Member {
    uint32_t rule;
    Checks checks;
  };
  // Of a shape: a column whose number is part of the key. `guarded`: has(slot) stands in the
  // `when`, so without a value it is false.
  struct KeyPart {
    uint32_t column;
    bool guarded;
    uint8_t shift = 0;
    auto operator<=>(const KeyPart&) const = default;
  };
  struct Range {
    int slot = -1;  // none
    bool downwards = false, guarded = false;
    auto operator<=>(const Range&) const = default;
  };
  // A slot of which one keyword set is asked: the set is the key. For rules that have no other; an
  // event looks up each set that its text mentions.
  struct Mentions {
    int slot = -1;  // none
    bool guarded = false;
    auto operator<=>(const Mentions&) const = default;
  };
  // Rules that constrain the same columns.
  struct Shape {
    std::vector<KeyPart> key;
    Mentions mentions;
    bool is_wide = false;  // the key's numbers do not fit a word: entries have all checks
    Range first, second;
    WordTable buckets;            // by the key, of entries
    std::vector<Entry> entries;   // within a bucket by `first`
    std::vector<double> lowest;   // of a second range: the least `second` of so many entries
    std::vector<Member> members;  // each rule once, with all its checks
  };
  static constexpr size_t kBlock = 16;
  class Builder;

  friend class Scratch;
  struct Asked {
    std::span<const cel::Value> slots;
    Scratch& scratch;
    std::vector<Found>& out;
  };
  void read_key_columns(const Asked& asked) const;
  void find_word(const Shape& shape, const Asked& asked) const;
  void find_mentioned(const Shape& shape, const Asked& asked) const;
  void find_among(const Shape& shape, const WordTable::Cell& bucket, const Asked& asked) const;
  void test(uint32_t rule, const Checks& checks, bool is_sure, const Asked& asked) const;
  Truth check(const Check& check, const Asked& asked) const;
  Truth truth_of(const Atom& atom, const Asked& asked) const;
  uint32_t number_in(uint32_t column, const Asked& asked) const;
  const cel::KeywordHits& mentions_in(size_t slot, const std::string& text,
                                      const Asked& asked) const;

  const cel::Tables& tables_;
  std::vector<Column> columns_;
  std::vector<uint32_t> key_columns_;  // that some shape's key has
  std::vector<Shape> shapes_;
  std::vector<Check> checks_;
  std::vector<Atom> atoms_;
};

// What one event has already been asked; reused from event to event. One thread's.
class Scratch {
 public:
  // Forgets the last event.
  void begin(size_t atoms, size_t columns, size_t slots);

 private:
  friend class WhenIndex;
  template <class T>
  struct Kept {
    uint32_t event = 0;
    T value{};
  };
  struct Open {
    const WhenIndex::Shape* shape;
    uint64_t word;
    const WordTable::Cell* bucket;
  };
  uint32_t event_ = 0;
  std::vector<Kept<Truth>> atoms_;
  std::vector<Kept<uint32_t>> columns_;
  std::vector<Kept<cel::KeywordHits>> mentions_;  // by slot
  std::vector<uint64_t> hashes_;                  // by column
  std::vector<Open> open_;                        // shapes that are being asked
};

}  // namespace fengsui::match
