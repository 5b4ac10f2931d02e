// Keyword sets: which of a pack's are mentioned in a text. Immutable once made; shared between
// threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fengsui::cel {

// Text as keywords see it: NFKC, then full case folding (ICU). `text` must be UTF-8.
std::string fold_text(std::string_view text);

// Where a keyword occurs in a text, in the text as it is written: all characters that what was
// found came from. (A match may begin or end inside "ﬁ"; it covers the whole of it.)
struct KeywordMatch {
  std::string word;        // as written in the set; of words that fold alike, the first
  size_t offset = 0;       // bytes
  size_t size = 0;         // bytes
  size_t first = 0;        // code points before it
  size_t code_points = 0;  // code points that it covers
  friend bool operator==(const KeywordMatch&, const KeywordMatch&) = default;
};
inline constexpr size_t kKeywordMatchesMax = 10'000;

// Of two words of a list, by their indexes: `word` folds like `other`, which stands before it, or
// holds it, so that no text mentions `word` and not `other`.
struct KeywordOverlap {
  size_t word = 0;
  size_t other = 0;
  bool alike = false;
};
// One for each word that has any, in the order of the words: the one that it folds like, else the
// first one in the list that it holds. In one pass over each word.
std::vector<KeywordOverlap> overlapping_keywords(const std::vector<std::string>& words);

class KeywordAutomaton;

// The sets that a text mentions. Reused from text to text.
class KeywordHits {
 public:
  struct Hit {
    uint32_t set = 0;
    uint32_t words = 0;  // distinct words of the set in the text: at least one
  };
  std::span<const Hit> all() const { return hits_; }  // ascending by set
  uint32_t words_of(size_t set) const;                // 0: not mentioned

 private:
  friend class KeywordSets;
  std::vector<Hit> hits_;
};

// All keyword sets of a pack, by index. Their words are found together, in one pass over a text.
class KeywordSets {
 public:
  KeywordSets();  // none
  // Of each set its words as written; ones that fold alike are one, empty ones none.
  explicit KeywordSets(const std::vector<std::vector<std::string>>& sets);
  ~KeywordSets();
  KeywordSets(const KeywordSets&) = delete;
  KeywordSets& operator=(const KeywordSets&) = delete;

  size_t size() const { return sizes_.size(); }
  size_t words_of(size_t set) const { return sizes_[set]; }  // distinct after folding

  void find(std::string_view text, KeywordHits& out) const;
  // The same, at once if the thread asked for one of its last few texts: for callers that ask set
  // by set. Until the thread's next call.
  const KeywordHits& find_again(std::string_view text) const;
  // Every place where a word of the set occurs, overlapping ones too, by offset, then the longest
  // first; at most kKeywordMatchesMax. For people: the others are for events.
  std::vector<KeywordMatch> find_all(size_t set, std::string_view text) const;

 private:
  // A set that a word of the automaton is in.
  struct Owner {
    uint32_t set = 0;
    uint32_t written = 0;  // how: in written_
  };
  std::span<const Owner> owners_of(uint32_t word) const;

  std::unique_ptr<const KeywordAutomaton> automaton_;  // null: no words
  std::vector<uint32_t> owners_from_;                  // by word: in owners_, ascending by set
  std::vector<Owner> owners_;
  std::vector<std::string> written_;
  std::vector<uint32_t> sizes_;  // by set
  uint64_t id_ = 0;              // of no other sets in the process
};

}  // namespace fengsui::cel
