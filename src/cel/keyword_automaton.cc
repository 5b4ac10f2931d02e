#include "cel/keyword_automaton.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <span>

#include "base/invariant.h"

namespace fengsui::cel {
namespace {

constexpr uint32_t kPageSize = 256;
constexpr uint32_t kPages = 0x110000 / kPageSize;
// So many free cells are tried for a state's children before cells are added: bounds what an
// unlucky set of words takes of time, at the price of some cells.
constexpr int kTriesMax = 64;

std::vector<char32_t> changed_by_folding() {
  std::vector<char32_t> out;
  for (char32_t c = 0; c < kPages * kPageSize; ++c) {
    const char32_t folded = fold_simple(c);
    if (folded != c && folded != kNotSimple) out.push_back(c);
  }
  return out;
}

}  // namespace

// Without codes: what must be folded, and what stands for itself. Entries begin with the two pages
// that most share.
CharacterCodes::CharacterCodes() : pages_(kPages, 0), entries_(2 * size_t{kPageSize}, 0) {
  std::fill_n(entries_.begin(), kPageSize, kMustFold);
  for (uint32_t page = 0; page < kPages; ++page) {
    std::vector<uint32_t> entries(kPageSize);
    uint32_t simple = 0;
    for (uint32_t i = 0; i < kPageSize; ++i) {
      const bool is_simple = fold_simple(page * kPageSize + i) != kNotSimple;
      entries[i] = is_simple ? 0 : kMustFold;
      simple += is_simple ? 1 : 0;
    }
    if (simple == 0) continue;
    pages_[page] = simple == kPageSize ? kPageSize : static_cast<uint32_t>(entries_.size());
    if (simple < kPageSize) entries_.insert(entries_.end(), entries.begin(), entries.end());
  }
}

uint32_t& CharacterCodes::own_entry(char32_t c) {
  uint32_t& page = pages_[c / kPageSize];
  if (page <= kPageSize) {
    const auto copy = static_cast<uint32_t>(entries_.size());
    entries_.resize(copy + size_t{kPageSize}, entries_[page]);  // all entries of those are alike
    page = copy;
  }
  return entries_[page + c % kPageSize];
}

CharacterCodes::CharacterCodes(const std::vector<std::u32string>& words) {
  static const CharacterCodes plain;
  *this = plain;
  // Numbered as they come, then anew by how often they do: common ones lie close together.
  std::vector<uint32_t> uses(1, 0);
  std::vector<char32_t> characters(1, 0);
  for (const std::u32string& word : words) {
    for (const char32_t c : word) {
      uint32_t code = of(c) & ~kMustFold;
      if (code == 0) {
        code = static_cast<uint32_t>(uses.size());
        own_entry(c) |= code;
        uses.push_back(0);
        characters.push_back(c);
      }
      ++uses[code];
    }
  }
  size_ = static_cast<uint32_t>(uses.size());
  std::vector<uint32_t> by_use(size_ - 1);
  std::iota(by_use.begin(), by_use.end(), 1);
  std::stable_sort(by_use.begin(), by_use.end(),
                   [&](uint32_t a, uint32_t b) { return uses[a] > uses[b]; });
  for (uint32_t rank = 0; rank < by_use.size(); ++rank) {
    uint32_t& entry = own_entry(characters[by_use[rank]]);
    entry = (entry & kMustFold) | (rank + 1);
  }
  static const std::vector<char32_t> changed = changed_by_folding();
  for (const char32_t c : changed) {
    if (const uint32_t code = of(fold_simple(c)); code != 0) own_entry(c) = code;
  }
}

// From words to cells. States are numbered by their depth; children of one are neighbours, by code.
class KeywordAutomaton::Builder {
 public:
  Builder(KeywordAutomaton& automaton, const std::vector<std::u32string>& words,
          std::vector<uint32_t>& numbers)
      : out_(automaton) {
    make_states(words, numbers);
    number_by_depth();
    place();
    fail();
  }

 private:
  struct State {
    uint32_t parent = 0;
    uint32_t code = 0;
    uint32_t depth = 0;
    uint32_t word = kNone;
    uint32_t first_child = 0, children = 0;
  };

  // Sorted words are a depth-first walk: each adds what it doesn't share with the one before it.
  void make_states(const std::vector<std::u32string>& words, std::vector<uint32_t>& numbers) {
    struct Sorted {
      uint64_t start = 0;  // the first three codes
      uint32_t word = 0;
    };
    const auto code = [&](char32_t c) { return out_.codes_.of(c) & ~CharacterCodes::kMustFold; };
    std::vector<Sorted> sorted;
    sorted.reserve(words.size());
    for (uint32_t i = 0; i < words.size(); ++i) {
      uint64_t start = 0;
      for (size_t at = 0; at < 3; ++at) {
        start = start << 21 | (at < words[i].size() ? code(words[i][at]) : 0);
      }
      if (!words[i].empty()) sorted.push_back({start, i});
    }
    std::sort(sorted.begin(), sorted.end(), [&](const Sorted& a, const Sorted& b) {
      if (a.start != b.start) return a.start < b.start;
      const std::u32string_view x = words[a.word], y = words[b.word];
      return std::lexicographical_compare(
          x.begin(), x.end(), y.begin(), y.end(),
          [&](char32_t c, char32_t d) { return code(c) < code(d); });
    });
    numbers.assign(words.size(), kNone);
    states_.emplace_back();
    std::vector<uint32_t> path{kRoot};  // of the word before
    std::u32string_view before;
    for (const Sorted& one : sorted) {
      const std::u32string_view word = words[one.word];
      const auto shared = static_cast<size_t>(
          std::mismatch(before.begin(), before.end(), word.begin(), word.end()).first -
          before.begin());
      path.resize(shared + 1);
      for (size_t at = shared; at < word.size(); ++at) {
        states_.push_back(
            {path.back(), code(word[at]), static_cast<uint32_t>(at + 1), kNone, 0, 0});
        path.push_back(static_cast<uint32_t>(states_.size() - 1));
      }
      State& last = states_[path.back()];
      if (last.word == kNone) {
        last.word = out_.words();
        out_.sizes_.push_back(static_cast<uint32_t>(word.size()));
      }
      numbers[one.word] = last.word;
      before = word;
    }
  }

  void number_by_depth() {
    std::vector<uint32_t> starts;  // of each depth, in order
    for (const State& state : states_) {
      if (starts.size() <= state.depth + 1) starts.resize(state.depth + 2);
      ++starts[state.depth + 1];
    }
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    std::vector<uint32_t> order(states_.size());
    for (uint32_t i = 0; i < states_.size(); ++i) order[starts[states_[i].depth]++] = i;
    std::vector<uint32_t> number(states_.size());
    std::vector<State> numbered(states_.size());
    for (uint32_t i = 0; i < order.size(); ++i) {
      number[order[i]] = i;
      numbered[i] = states_[order[i]];
      if (i == 0) continue;
      numbered[i].parent = number[numbered[i].parent];
      State& parent = numbered[numbered[i].parent];
      if (parent.children++ == 0) parent.first_child = i;
    }
    states_ = std::move(numbered);
  }

  // The root's children first, then the states of several, those of most first, then those of one,
  // which fit anywhere.
  void place() {
    add_cells();
    cells_of_.assign(states_.size(), kRoot);
    out_.cells_[kRoot].from = kRoot;
    out_.from_root_.assign(out_.codes_.size(), kRoot);
    for (uint32_t i = 0; i < states_[kRoot].children; ++i) {
      const uint32_t child = states_[kRoot].first_child + i;
      cells_of_[child] = any_free();
      take(cells_of_[child]);
      out_.from_root_[states_[child].code] = cells_of_[child];
    }
    search_from_ = any_free();
    std::vector<uint32_t> parents;
    for (uint32_t i = 1; i < states_.size(); ++i) {
      if (states_[i].children > 0) parents.push_back(i);
    }
    std::stable_sort(parents.begin(), parents.end(), [&](uint32_t a, uint32_t b) {
      return states_[a].children > states_[b].children;
    });
    // A parent has its own cell only once its parent's children have been placed: bases first.
    bases_.assign(states_.size(), 0);
    for (const uint32_t parent : parents) place_children(parent);
    for (const uint32_t parent : parents) {
      out_.cells_[cells_of_[parent]].base = bases_[parent];
      for (uint32_t i = 0; i < states_[parent].children; ++i) {
        out_.cells_[cells_of_[states_[parent].first_child + i]].from = cells_of_[parent];
      }
    }
  }

  uint32_t any_free() {
    if (next_free_[kRoot] == kRoot) add_cells();
    return next_free_[kRoot];
  }

  void place_children(uint32_t parent) {
    const State& state = states_[parent];
    const std::span children(states_.data() + state.first_child, state.children);
    if (children.size() == 1) {
      return settle(parent, any_free() ^ children[0].code);
    }
    uint32_t cell = search_from_;
    for (int tries = 0; cell != kRoot && tries < kTriesMax; ++tries, cell = next_free_[cell]) {
      const uint32_t base = cell ^ children[0].code;
      const bool fits = std::all_of(children.begin(), children.end(), [&](const State& child) {
        return out_.cells_[base ^ child.code].from == kNone;
      });
      if (fits) return settle(parent, base);
    }
    // Those tried are left to the states of one child.
    search_from_ = cell;
    settle(parent, add_cells());
  }

  void settle(uint32_t parent, uint32_t base) {
    bases_[parent] = base;
    for (uint32_t i = 0; i < states_[parent].children; ++i) {
      const uint32_t child = states_[parent].first_child + i;
      cells_of_[child] = base ^ states_[child].code;
      take(cells_of_[child]);
    }
  }

  // So many that a code's bits lead from each to another one of them. The first one's number.
  uint32_t add_cells() {
    const auto start = static_cast<uint32_t>(out_.cells_.size());
    const uint32_t count = std::bit_ceil(out_.codes_.size());
    INVARIANT(start < kNone - count);
    out_.cells_.resize(start + size_t{count});
    next_free_.resize(out_.cells_.size());
    previous_free_.resize(out_.cells_.size());
    for (uint32_t cell = start; cell < start + count; ++cell) {
      if (cell == kRoot) continue;
      const uint32_t last = previous_free_[kRoot];
      next_free_[last] = cell;
      previous_free_[cell] = last;
      next_free_[cell] = kRoot;
      previous_free_[kRoot] = cell;
    }
    if (search_from_ == kRoot) search_from_ = start;
    return start;
  }

  void take(uint32_t cell) {
    out_.cells_[cell].from = kRoot;  // of no state yet
    if (search_from_ == cell) search_from_ = next_free_[cell];
    next_free_[previous_free_[cell]] = next_free_[cell];
    previous_free_[next_free_[cell]] = previous_free_[cell];
  }

  void fail() {
    for (uint32_t i = 1; i < states_.size(); ++i) {
      const State& state = states_[i];
      Cell& cell = out_.cells_[cells_of_[i]];
      if (state.depth > 1) {
        cell.failure = out_.step(out_.cells_[cells_of_[state.parent]].failure, state.code);
      }
      cell.ending = out_.cells_[cell.failure].ending;
      if (state.word == kNone) continue;
      out_.endings_.push_back({state.word, cell.ending});
      cell.ending = static_cast<uint32_t>(out_.endings_.size() - 1);
    }
  }

  KeywordAutomaton& out_;
  std::vector<State> states_;
  std::vector<uint32_t> cells_of_, bases_;  // by state
  // A ring of the free cells, the root's standing for none; and where states of several children
  // begin to look.
  std::vector<uint32_t> next_free_, previous_free_;
  uint32_t search_from_ = kRoot;
};

KeywordAutomaton::KeywordAutomaton(const std::vector<std::u32string>& words,
                                   std::vector<uint32_t>& numbers)
    : codes_(words) {
  Builder(*this, words, numbers);
  cells_.shrink_to_fit();
}

}  // namespace fengsui::cel
