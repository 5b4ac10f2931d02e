// What a pack gives to expressions beside the event: value lists, keyword sets, the area table.
// Programs name them by index, so that lists and keywords can be replaced without compiling anew.
// All immutable once made; shared between threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fengsui::cel {

// Looks texts up without making a std::string of them.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <class T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// A CSV of the pack: key column, then attributes; all strings.
class ValueList {
 public:
  // Each row: the key, then its attributes; ones left out are empty. Of a key given twice the first
  // row counts (the loader refuses such a file).
  ValueList(std::vector<std::string> columns, std::vector<std::vector<std::string>> rows);
  // Attribute names, the key column left out.
  const std::vector<std::string>& columns() const { return columns_; }
  bool contains(std::string_view key) const { return rows_.contains(key); }
  // Attributes of a key in the order of columns(), or null.
  const std::vector<std::string>* row(std::string_view key) const;
  size_t size() const { return rows_.size(); }

 private:
  std::vector<std::string> columns_;
  ByText<std::vector<std::string>> rows_;
};

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

// A keyword set: all its words are found in one pass over a text's characters (Aho and Corasick,
// "Efficient string matching", 1975; goto transitions per character, not per byte).
class KeywordSet {
 public:
  // Words as written; ones that fold alike are one.
  explicit KeywordSet(const std::vector<std::string>& words);
  ~KeywordSet();
  KeywordSet(KeywordSet&&) noexcept;
  // Is any word in `text` (both folded)?
  bool mentioned_in(std::string_view text) const;
  // How many distinct words are.
  int64_t count_in(std::string_view text) const;
  size_t size() const;  // distinct words after folding
  // Every place where a word occurs, overlapping ones too, by offset, then the longest first; at
  // most kKeywordMatchesMax. For people: the other two are for events.
  std::vector<KeywordMatch> find_all(std::string_view text) const;

 private:
  friend std::vector<KeywordOverlap> overlapping_keywords(const std::vector<std::string>& words);
  struct Automaton;
  std::unique_ptr<const Automaton> automaton_;
};

// areas.csv: who is whose parent. Without a table, a code lies in another if that is its prefix.
class AreaTable {
 public:
  AreaTable() = default;
  // From code to its parent's; a code at the top may be left out, or have an empty one.
  explicit AreaTable(std::unordered_map<std::string, std::string> parents);
  // `code` is `ancestor` or below it.
  bool contains(std::string_view ancestor, std::string_view code) const;

 private:
  ByText<std::string> parents_;
  bool by_table_ = false;
};

struct Tables {
  std::vector<std::shared_ptr<const ValueList>> lists;
  std::vector<std::shared_ptr<const KeywordSet>> keyword_sets;
  std::shared_ptr<const AreaTable> areas = std::make_shared<AreaTable>();
};

}  // namespace fengsui::cel
