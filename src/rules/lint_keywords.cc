#include "cel/keywords.h"
#include "rules/codes.h"
#include "rules/csv.h"
#include "rules/lint_use.h"

namespace fengsui::rules {
namespace {

// So many words of a set are told one by one.
constexpr size_t kWordsToldMax = 20;

// Tells of keywords that overlap, one by one or, from there on, in one sum.
class Telling {
 public:
  Telling(const SourceFile& file, std::string_view code, Findings& findings)
      : file_(file), code_(code), findings_(findings) {}

  void tell(const Keyword& keyword, const std::string& message, const std::string& hint) {
    if (++told_ > kWordsToldMax) return;
    findings_.warning(file_, keyword.offset, code_,
                      "`" + std::string(keyword.text) + "` " + message, hint);
  }
  void tell_rest(const std::string& what) {
    if (told_ <= kWordsToldMax) return;
    findings_.warning(file_, 0, code_,
                      std::to_string(told_ - kWordsToldMax) + " more keywords " + what);
  }

 private:
  const SourceFile& file_;
  const std::string_view code_;
  Findings& findings_;
  size_t told_ = 0;
};

std::string quoted(const Keyword& keyword) { return "`" + std::string(keyword.text) + "`"; }

}  // namespace

void lint_keywords(const SourceFile& file, bool counted, Findings& findings) {
  const std::vector<Keyword> keywords = keywords_of(file);
  std::vector<std::string> words;
  for (const Keyword& keyword : keywords) words.emplace_back(keyword.text);
  const std::vector<cel::KeywordOverlap> overlaps = cel::overlapping_keywords(words);
  Telling twice(file, code::kKeywordTwice, findings);
  for (const cel::KeywordOverlap& at : overlaps) {
    if (!at.alike) continue;
    const Keyword& other = keywords[at.other];
    twice.tell(keywords[at.word],
               "is the same keyword as " + quoted(other) + " in line " +
                   std::to_string(file.place(other.offset).line),
               "keywords are compared after NFKC and case folding: remove one");
  }
  twice.tell_rest("are there twice");
  if (counted) return;  // each counts by itself
  Telling contained(file, code::kKeywordContained, findings);
  for (const cel::KeywordOverlap& at : overlaps) {
    if (at.alike) continue;
    contained.tell(keywords[at.word], "holds the keyword " + quoted(keywords[at.other]),
                   "mentions() is true of any text with the shorter one: the longer adds nothing");
  }
  contained.tell_rest("hold another word of the set");
}

}  // namespace fengsui::rules
