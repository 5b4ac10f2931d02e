// Aho and Corasick's automaton over characters. A state is a prefix of some word; its failure state
// is its longest proper suffix that is a prefix too. Of all edges one hash table is made, as states
// have few and the root has many.
#include <algorithm>
#include <bit>
#include <tuple>

#include "cel/tables.h"
#include "cel/text_fold.h"
#include "cel/utf8.h"

namespace fengsui::cel {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr uint32_t kRoot = 0;

// From (state, character) to state. Open addressing, at most half full.
class Edges {
 public:
  uint32_t find(uint32_t state, char32_t c) const {
    if (slots_.empty()) return kNone;
    const uint64_t key = key_of(state, c);
    for (size_t i = place(key);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i].target == kNone) return kNone;
      if (slots_[i].key == key) return slots_[i].target;
    }
  }

  // Requires: find(state, c) is kNone.
  void add(uint32_t state, char32_t c, uint32_t target) {
    if (slots_.size() < 2 * (used_ + 1)) grow();
    put({key_of(state, c), target});
    ++used_;
  }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t target = kNone;
  };

  static uint64_t key_of(uint32_t state, char32_t c) { return uint64_t{state} << 21 | c; }
  size_t place(uint64_t key) const {
    return static_cast<size_t>((key * 0x9e3779b97f4a7c15) >> 32) & (slots_.size() - 1);
  }
  void put(Slot slot) {
    size_t i = place(slot.key);
    while (slots_[i].target != kNone) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = slot;
  }
  void grow() {
    std::vector<Slot> old(std::max<size_t>(16, slots_.size() * 2));
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.target != kNone) put(slot);
    }
  }

  std::vector<Slot> slots_;
  size_t used_ = 0;
};

}  // namespace

struct KeywordSet::Automaton {
  struct State {
    uint32_t failure = kRoot;
    uint32_t word = kNone;       // the word that ends here
    uint32_t next_word = kNone;  // the nearest state along failures where a word ends
  };

  std::vector<State> states{State{}};
  Edges edges;
  uint32_t words = 0;
  // By word: how many characters it has, and how it is written.
  std::vector<uint32_t> sizes;
  std::vector<std::string> written;

  // The word's number; that of the one before it that folds alike; kNone: it is empty.
  uint32_t add(const std::u32string& word, const std::string& as_written) {
    if (word.empty()) return kNone;
    uint32_t state = kRoot;
    for (const char32_t c : word) {
      uint32_t next = edges.find(state, c);
      if (next == kNone) {
        next = static_cast<uint32_t>(states.size());
        states.emplace_back();
        edges.add(state, c, next);
        order.push_back({state, c, next});
      }
      state = next;
    }
    if (states[state].word == kNone) {
      states[state].word = words++;
      sizes.push_back(static_cast<uint32_t>(word.size()));
      written.push_back(as_written);
    }
    return states[state].word;
  }

  uint32_t step(uint32_t state, char32_t c) const {
    for (;; state = states[state].failure) {
      const uint32_t next = edges.find(state, c);
      if (next != kNone) return next;
      if (state == kRoot) return kRoot;
    }
  }

  // Failures, the shorter prefixes' first: an edge's state is shallower than its target.
  void finish() {
    std::vector<uint32_t> depth(states.size(), 0);
    uint32_t deepest = 0;
    for (const Edge& edge : order) {  // a parent's edge was added before its children's
      depth[edge.to] = depth[edge.from] + 1;
      deepest = std::max(deepest, depth[edge.to]);
    }
    std::vector<std::vector<const Edge*>> by_depth(deepest + 1);
    for (const Edge& edge : order) by_depth[depth[edge.to]].push_back(&edge);
    for (const auto& level : by_depth) {
      for (const Edge* edge : level) {
        State& state = states[edge->to];
        if (edge->from != kRoot) state.failure = step(states[edge->from].failure, edge->c);
        const State& failure = states[state.failure];
        state.next_word = failure.word != kNone ? state.failure : failure.next_word;
      }
    }
    order = {};
  }

  // Calls found(state, at) where at least one word ends with the character at `at`, until it says
  // true.
  template <class Found>
  void scan(std::u32string_view text, Found found) const {
    uint32_t state = kRoot;
    for (size_t i = 0; i < text.size(); ++i) {
      state = step(state, text[i]);
      const State& at = states[state];
      if ((at.word != kNone || at.next_word != kNone) && found(state, i)) return;
    }
  }

  // Calls take(word) for each word that ends in the state, the longest first, while it says true.
  template <class Take>
  void each_word(uint32_t state, Take take) const {
    for (; state != kNone; state = states[state].next_word) {
      if (states[state].word != kNone && !take(states[state].word)) return;
    }
  }

 private:
  struct Edge {
    uint32_t from;
    char32_t c;
    uint32_t to;
  };
  std::vector<Edge> order;  // as added
};

KeywordSet::KeywordSet(const std::vector<std::string>& words) {
  auto automaton = std::make_unique<Automaton>();
  std::u32string folded;
  for (const std::string& word : words) {
    fold_characters(word, folded);
    automaton->add(folded, word);
  }
  automaton->finish();
  automaton_ = std::move(automaton);
}

KeywordSet::~KeywordSet() = default;
KeywordSet::KeywordSet(KeywordSet&&) noexcept = default;

size_t KeywordSet::size() const { return automaton_->words; }

bool KeywordSet::mentioned_in(std::string_view text) const {
  // Kept between calls for its memory alone.
  thread_local std::u32string folded;
  fold_characters(text, folded);
  bool any = false;
  automaton_->scan(folded, [&](uint32_t, size_t) { return any = true; });
  return any;
}

int64_t KeywordSet::count_in(std::string_view text) const {
  thread_local std::u32string folded;
  thread_local std::vector<bool> seen;
  fold_characters(text, folded);
  seen.assign(automaton_->words, false);
  int64_t count = 0;
  automaton_->scan(folded, [&](uint32_t state, size_t) {
    automaton_->each_word(state, [&](uint32_t word) {
      if (seen[word]) return false;  // and so are those that end with it
      seen[word] = true;
      ++count;
      return true;
    });
    return count == static_cast<int64_t>(automaton_->words);
  });
  return count;
}

std::vector<KeywordMatch> KeywordSet::find_all(std::string_view text) const {
  std::u32string characters;
  std::vector<size_t> offsets;  // of each code point, and behind the last
  for (size_t at = 0; at < text.size();) {
    offsets.push_back(at);
    characters.push_back(next_code_point(text, at));
  }
  offsets.push_back(text.size());
  const std::vector<FoldedCharacter> origins = fold_with_origins(characters);
  std::u32string folded;
  for (const FoldedCharacter& at : origins) folded.push_back(at.c);

  std::vector<KeywordMatch> out;
  automaton_->scan(folded, [&](uint32_t state, size_t end) {
    automaton_->each_word(state, [&](uint32_t word) {
      size_t first = characters.size();
      size_t last = 0;
      for (size_t i = end + 1 - automaton_->sizes[word]; i <= end; ++i) {
        first = std::min<size_t>(first, origins[i].first);
        last = std::max<size_t>(last, origins[i].last);
      }
      out.push_back({automaton_->written[word], offsets[first], offsets[last + 1] - offsets[first],
                     first, last + 1 - first});
      return out.size() < kKeywordMatchesMax;
    });
    return out.size() >= kKeywordMatchesMax;
  });
  const auto order = [](const KeywordMatch& at) {
    return std::tuple(at.offset, ~at.size, std::string_view(at.word));
  };
  std::sort(out.begin(), out.end(),
            [&](const KeywordMatch& a, const KeywordMatch& b) { return order(a) < order(b); });
  // "f" is twice in "ﬀ", at one place.
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<KeywordOverlap> overlapping_keywords(const std::vector<std::string>& words) {
  KeywordSet::Automaton automaton;
  std::vector<size_t> index_of;  // by word of the automaton
  std::vector<KeywordOverlap> out;
  std::vector<std::u32string> folded(words.size());
  std::vector<uint32_t> number(words.size());
  for (size_t i = 0; i < words.size(); ++i) {
    fold_characters(words[i], folded[i]);
    number[i] = automaton.add(folded[i], words[i]);
    if (number[i] == index_of.size()) index_of.push_back(i);
  }
  automaton.finish();
  for (size_t i = 0; i < words.size(); ++i) {
    if (number[i] == kNone) continue;
    const size_t alike = index_of[number[i]];
    size_t held = words.size();
    automaton.scan(folded[i], [&](uint32_t state, size_t) {
      automaton.each_word(state, [&](uint32_t word) {
        if (word != number[i]) held = std::min(held, index_of[word]);
        return true;
      });
      return false;
    });
    if (alike != i) out.push_back({i, alike, true});
    if (alike == i && held < words.size()) out.push_back({i, held, false});
  }
  return out;
}

}  // namespace fengsui::cel
