#include <unicode/uchar.h>

#include <algorithm>

#include "cel/utf8.h"
#include "rules/codes.h"
#include "rules/csv.h"

namespace fengsui::rules {
namespace {

// Without white space (Unicode's property: a full-width space, too) at both ends.
std::string_view trimmed(std::string_view line) {
  size_t start = line.size(), end = 0;
  for (size_t at = 0; at < line.size();) {
    const size_t before = at;
    if (u_isUWhiteSpace(static_cast<UChar32>(cel::next_code_point(line, at)))) continue;
    start = std::min(start, before);
    end = at;
  }
  return start < end ? line.substr(start, end - start) : std::string_view{};
}

}  // namespace

std::vector<Keyword> keywords_of(const SourceFile& file) {
  std::vector<Keyword> words;
  const std::string_view text = file.text();
  for (size_t start = 0; start < text.size();) {
    const size_t line_end = std::min(text.find('\n', start), text.size());
    const std::string_view word = trimmed(text.substr(start, line_end - start));
    start = line_end + 1;
    if (word.empty() || word.front() == '#') continue;
    words.push_back({word, static_cast<size_t>(word.data() - text.data())});
  }
  return words;
}

std::vector<std::string> read_keywords(const SourceFile& file, Findings& findings) {
  std::vector<std::string> words;
  for (const Keyword& keyword : keywords_of(file)) words.emplace_back(keyword.text);
  if (words.empty()) {
    findings.warning(file, 0, code::kNoKeywords, "no keyword in this file",
                     "a set without keywords is never mentioned");
  }
  return words;
}

}  // namespace fengsui::rules
