#include "rules/source_file.h"

#include <algorithm>
#include <utility>

#include "cel/expression.h"
#include "cel/utf8.h"

namespace fengsui::rules {

SourceFile::SourceFile(std::string path, std::string bytes)
    : path_(std::move(path)), bytes_(std::move(bytes)), text_(bytes_) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  lines_.push_back(0);
  for (size_t at = 0; at < text_.size(); ++at) {
    if (text_[at] == '\n') lines_.push_back(at + 1);
  }
}

SourceFile::Place SourceFile::place(size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  const size_t line = static_cast<size_t>(next - lines_.begin());
  const size_t start = lines_[line - 1];
  const int64_t before = cel::count_code_points(text_.substr(start, offset - start));
  return {static_cast<int>(line), static_cast<int>(before) + 1};
}

void Findings::add(Issue issue) {
  if (issue.severity == Severity::Error) ++errors_;
  issues_.push_back(std::move(issue));
}

void Findings::error(const SourceFile& file, size_t offset, std::string_view code,
                     std::string message, std::string hint) {
  const SourceFile::Place place = file.place(offset);
  add({file.path(), place.line, place.column, Severity::Error, std::string(code),
       std::move(message), std::move(hint)});
}

void Findings::warning(const SourceFile& file, size_t offset, std::string_view code,
                       std::string message, std::string hint) {
  const SourceFile::Place place = file.place(offset);
  add({file.path(), place.line, place.column, Severity::Warning, std::string(code),
       std::move(message), std::move(hint)});
}

void Findings::error(std::string path, std::string_view code, std::string message,
                     std::string hint) {
  add({std::move(path), 1, 1, Severity::Error, std::string(code), std::move(message),
       std::move(hint)});
}

void Findings::warning(std::string path, std::string_view code, std::string message,
                       std::string hint) {
  add({std::move(path), 1, 1, Severity::Warning, std::string(code), std::move(message),
       std::move(hint)});
}

std::string nearest_hint(std::string_view name, const std::vector<std::string>& known,
                         std::string otherwise) {
  const std::optional<std::string> nearest = cel::nearest_name(name, known);
  return nearest ? "did you mean `" + *nearest + "`?" : std::move(otherwise);
}

}  // namespace fengsui::rules
