// What an index is made of, and what building it and asking it must agree on. Not for callers of
// the folder.
#pragma once

#include <cstdint>
#include <vector>

#include "base/hash_table.h"
#include "cel/conjuncts.h"
#include "cel/value.h"
#include "match/plain_number.h"
#include "match/symbols.h"

namespace fengsui::match {

// What is known of an atom or a `when` for the event at hand. Unknown: it must be evaluated whole.
enum class Truth : uint8_t { No, Yes, Unknown };

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
struct Entry {
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
  WordTable buckets;  // by the key, of entries
  // An entry counts for an event whose numbers are no less than its own in `firsts` and `seconds`;
  // these are empty without such a range.
  std::vector<Entry> entries;  // within a bucket by `firsts`
  std::vector<double> firsts, seconds;
  std::vector<double> lowest;  // the least of so many of `seconds`
  std::vector<Entry> members;  // each rule once, with all its checks
};
inline constexpr size_t kBlock = 16;  // entries that share a place in `lowest`

// Of a key that is too wide for a word.
inline uint64_t mixed(uint64_t hash, uint64_t number) {
  return fold_multiply(hash ^ number ^ 0x9e3779b97f4a7c15, 0xa0761d6478bd642f);
}

inline bool is_range(cel::Conjunct::Form form) {
  using Form = cel::Conjunct::Form;
  return form == Form::Less || form == Form::LessEqual || form == Form::Greater ||
         form == Form::GreaterEqual;
}

}  // namespace fengsui::match
