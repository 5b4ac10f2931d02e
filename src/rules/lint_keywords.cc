#include <algorithm>
#include <unordered_map>
#include <utility>

#include "rules/codes.h"
#include "rules/csv.h"
#include "rules/lint_use.h"

namespace fengsui::rules {
namespace {

// So many words of a set are told one by one.
constexpr size_t kWordsToldMax = 20;

// Finds the words that hold another: one pass over each by the set's own automaton says whether
// there is one, and only what is told is searched for which.
class ContainedWords {
 public:
  ContainedWords(const SourceFile& file, Findings& findings) : file_(file), findings_(findings) {}

  void run(bool counted) {
    for (const Keyword& keyword : keywords_of(file_)) add(keyword);
    tell_rest(code::kKeywordTwice, "are there twice");
    if (counted) return;  // each counts by itself
    told_ = 0;
    std::vector<std::string> words;
    for (const auto& [word, keyword] : distinct_) words.push_back(word);
    const cel::KeywordSets sets({words});
    cel::KeywordHits hits;
    for (const auto& [word, keyword] : distinct_) {
      sets.find(word, hits);
      if (hits.words_of(0) > 1 && ++told_ <= kWordsToldMax) tell_contained(word, keyword);
    }
    tell_rest(code::kKeywordContained, "hold another word of the set");
  }

 private:
  void add(const Keyword& keyword) {
    std::string folded = cel::fold_text(keyword.text);
    const auto [entry, is_new] = first_.emplace(folded, distinct_.size());
    if (is_new) {
      distinct_.emplace_back(std::move(folded), keyword);
      return;
    }
    if (++told_ > kWordsToldMax) return;
    const Keyword& other = distinct_[entry->second].second;
    findings_.warning(file_, keyword.offset, code::kKeywordTwice,
                      "`" + std::string(keyword.text) + "` is the same keyword as `" +
                          std::string(other.text) + "` in line " +
                          std::to_string(file_.place(other.offset).line),
                      "keywords are compared after NFKC and case folding: remove one");
  }

  void tell_contained(const std::string& word, const Keyword& keyword) {
    const auto inner = std::find_if(distinct_.begin(), distinct_.end(), [&](const auto& other) {
      return other.first.size() < word.size() && word.find(other.first) != std::string::npos;
    });
    if (inner == distinct_.end()) return;
    findings_.warning(file_, keyword.offset, code::kKeywordContained,
                      "`" + std::string(keyword.text) + "` holds the keyword `" +
                          std::string(inner->second.text) + "`",
                      "mentions() is true of any text with the shorter one: the longer adds "
                      "nothing");
  }

  void tell_rest(std::string_view code, const std::string& what) {
    if (told_ <= kWordsToldMax) return;
    findings_.warning(file_, 0, code,
                      std::to_string(told_ - kWordsToldMax) + " more keywords " + what);
  }

  const SourceFile& file_;
  Findings& findings_;
  std::unordered_map<std::string, size_t> first_;  // folded -> in distinct_
  std::vector<std::pair<std::string, Keyword>> distinct_;
  size_t told_ = 0;
};

}  // namespace

void lint_keywords(const SourceFile& file, bool counted, Findings& findings) {
  ContainedWords(file, findings).run(counted);
}

}  // namespace fengsui::rules
