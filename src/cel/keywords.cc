#include "cel/keywords.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <tuple>
#include <utility>

#include "cel/keyword_automaton.h"
#include "cel/text_fold.h"
#include "cel/utf8.h"

namespace fengsui::cel {
namespace {

constexpr uint32_t kNone = KeywordAutomaton::kNone;
// Texts of one event that are asked about in turn.
constexpr size_t kTextsKept = 4;

// The distinct words of one text after the other. One thread's; its size is that of the largest
// pack that the thread has matched.
class SeenWords {
 public:
  void begin(size_t words) {
    if (seen_.size() < words) seen_.resize(words, 0);
    if (++text_ == 0) {
      seen_.assign(seen_.size(), 0);
      text_ = 1;
    }
  }
  // Is it the first time?
  bool add(uint32_t word) { return std::exchange(seen_[word], text_) != text_; }

 private:
  std::vector<uint32_t> seen_;  // by word: the last text with it
  uint32_t text_ = 0;
};

// A text as it is written, and its folded characters, each with its origins.
struct Origins {
  explicit Origins(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
      offsets.push_back(at);
      characters.push_back(next_code_point(text, at));
    }
    offsets.push_back(text.size());
    origins = fold_with_origins(characters);
    for (const FoldedCharacter& at : origins) folded.push_back(at.c);
  }

  // The shortest stretch that the folded characters [from, to) came from.
  KeywordMatch match(const std::string& word, size_t from, size_t to) const {
    size_t first = characters.size();
    size_t last = 0;
    for (size_t i = from; i < to; ++i) {
      first = std::min<size_t>(first, origins[i].first);
      last = std::max<size_t>(last, origins[i].last);
    }
    return {word, offsets[first], offsets[last + 1] - offsets[first], first, last + 1 - first};
  }

  std::u32string characters;
  std::vector<size_t> offsets;  // of each code point, and behind the last
  std::vector<FoldedCharacter> origins;
  std::u32string folded;
};

uint64_t next_id() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

uint32_t KeywordHits::words_of(size_t set) const {
  const auto at = std::lower_bound(hits_.begin(), hits_.end(), set,
                                   [](const Hit& hit, size_t wanted) { return hit.set < wanted; });
  return at != hits_.end() && at->set == set ? at->words : 0;
}

KeywordSets::KeywordSets(const std::vector<std::vector<std::string>>& sets)
    : sizes_(sets.size(), 0), id_(next_id()) {
  std::vector<std::u32string> folded;
  std::vector<std::pair<uint32_t, const std::string*>> from;  // set, as written
  for (uint32_t set = 0; set < sets.size(); ++set) {
    for (const std::string& word : sets[set]) {
      fold_characters(word, folded.emplace_back());
      from.emplace_back(set, &word);
    }
  }
  if (folded.empty()) return;
  std::vector<uint32_t> numbers;
  automaton_ = std::make_unique<const KeywordAutomaton>(folded, numbers);
  // By word, then as given: of those that fold alike, a set's first.
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != kNone) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return numbers[a] < numbers[b]; });
  for (const uint32_t i : order) {
    const auto& [set, word] = from[i];
    const bool is_new = numbers[i] == owners_from_.size();
    if (is_new) owners_from_.push_back(static_cast<uint32_t>(owners_.size()));
    if (!is_new && owners_.back().set == set) continue;
    owners_.push_back({set, static_cast<uint32_t>(written_.size())});
    written_.push_back(*word);
    ++sizes_[set];
  }
  owners_from_.push_back(static_cast<uint32_t>(owners_.size()));
}

KeywordSets::KeywordSets() = default;
KeywordSets::~KeywordSets() = default;

std::span<const KeywordSets::Owner> KeywordSets::owners_of(uint32_t word) const {
  return {owners_.data() + owners_from_[word], owners_from_[word + 1] - owners_from_[word]};
}

void KeywordSets::find(std::string_view text, KeywordHits& out) const {
  using Hit = KeywordHits::Hit;
  std::vector<Hit>& hits = out.hits_;
  hits.clear();
  if (!automaton_) return;
  thread_local SeenWords seen;
  seen.begin(automaton_->words());
  const auto take = [&](uint32_t word) {
    if (!seen.add(word)) return false;  // and so are those that end with it
    for (const Owner& owner : owners_of(word)) hits.push_back({owner.set, 1});
    return true;
  };
  const auto found = [&](uint32_t ending) {
    automaton_->each_word(ending, take);
    return true;
  };
  if (!automaton_->scan_written(text, found)) {
    thread_local std::u32string folded;  // kept for its memory alone
    fold_characters(text, folded);
    hits.clear();
    seen.begin(automaton_->words());
    automaton_->scan(folded, [&](uint32_t ending, size_t) { return found(ending); });
  }
  if (hits.size() < 2) return;
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.set < b.set; });
  auto last = hits.begin();
  for (auto at = hits.begin() + 1; at != hits.end(); ++at) {
    if (at->set == last->set) {
      ++last->words;
    } else {
      *++last = *at;
    }
  }
  hits.erase(last + 1, hits.end());
}

const KeywordHits& KeywordSets::find_again(std::string_view text) const {
  struct Kept {
    uint64_t sets = 0;  // none
    std::string text;
    KeywordHits hits;
  };
  thread_local std::array<Kept, kTextsKept> kept;
  thread_local size_t oldest = 0;
  for (const Kept& one : kept) {
    if (one.sets == id_ && one.text == text) return one.hits;
  }
  Kept& one = kept[oldest];
  oldest = (oldest + 1) % kTextsKept;
  one.sets = id_;
  one.text = text;
  find(text, one.hits);
  return one.hits;
}

std::vector<KeywordMatch> KeywordSets::find_all(size_t set, std::string_view text) const {
  std::vector<KeywordMatch> out;
  if (!automaton_) return out;
  const Origins origins(text);
  automaton_->scan(origins.folded, [&](uint32_t ending, size_t end) {
    automaton_->each_word(ending, [&](uint32_t word) {
      const std::span<const Owner> owners = owners_of(word);
      const auto owner =
          std::lower_bound(owners.begin(), owners.end(), set,
                           [](const Owner& one, size_t wanted) { return one.set < wanted; });
      if (owner != owners.end() && owner->set == set) {
        out.push_back(
            origins.match(written_[owner->written], end + 1 - automaton_->size_of(word), end + 1));
      }
      return out.size() < kKeywordMatchesMax;
    });
    return out.size() < kKeywordMatchesMax;
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
  std::vector<std::u32string> folded(words.size());
  for (size_t i = 0; i < words.size(); ++i) fold_characters(words[i], folded[i]);
  std::vector<uint32_t> numbers;
  const KeywordAutomaton automaton(folded, numbers);
  std::vector<size_t> first_of(automaton.words(), words.size());
  for (size_t i = 0; i < words.size(); ++i) {
    if (numbers[i] != kNone) first_of[numbers[i]] = std::min(first_of[numbers[i]], i);
  }
  std::vector<KeywordOverlap> out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (numbers[i] == kNone) continue;
    if (first_of[numbers[i]] != i) {
      out.push_back({i, first_of[numbers[i]], true});
      continue;
    }
    size_t held = words.size();
    automaton.scan(folded[i], [&](uint32_t ending, size_t) {
      automaton.each_word(ending, [&](uint32_t word) {
        if (word != numbers[i]) held = std::min(held, first_of[word]);
        return true;
      });
      return true;
    });
    if (held < words.size()) out.push_back({i, held, false});
  }
  return out;
}

}  // namespace fengsui::cel
