#include "rules/csv.h"

#include <optional>
#include <set>
#include <utility>

#include "rules/codes.h"

namespace fengsui::rules {
namespace {

// RFC 4180's grammar, with LF as a line break, too.
class CsvParser {
 public:
  CsvParser(const SourceFile& file, Findings& findings)
      : file_(file), text_(file.text()), findings_(findings) {}

  // The next line that is not blank; nullopt at the end, or where the form breaks.
  std::optional<std::vector<CsvField>> row() {
    while (skip_blank_line()) {
    }
    if (at_ >= text_.size() || broken_) return std::nullopt;
    std::vector<CsvField> fields;
    do {
      fields.push_back(field());
    } while (!broken_ && take(','));
    if (!broken_ && at_ < text_.size() && !take_line_break()) {
      fail(at_, text_[at_] == '"' ? "a quote inside a field that is not quoted"
                                  : "text behind a field's closing quote");
    }
    if (broken_) return std::nullopt;
    return fields;
  }

 private:
  bool skip_blank_line() {
    size_t end = at_;
    while (end < text_.size() && (text_[end] == ' ' || text_[end] == '\t')) ++end;
    const size_t start = std::exchange(at_, end);
    if (end < text_.size() && take_line_break()) return true;
    if (end < text_.size()) at_ = start;  // spaces alone before the end are a blank line, too
    return false;
  }

  CsvField field() { return at_ < text_.size() && text_[at_] == '"' ? quoted() : bare(); }

  CsvField bare() {
    const size_t start = at_;
    const size_t end = text_.find_first_of(",\"\n", at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
    if (at_ < text_.size() && text_[at_] == '\n' && at_ > start && text_[at_ - 1] == '\r') --at_;
    if (at_ == text_.size() && at_ > start && text_[at_ - 1] == '\r') --at_;
    return {std::string(text_.substr(start, at_ - start)), start};
  }

  CsvField quoted() {
    CsvField made{"", at_};
    ++at_;
    while (true) {
      const size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) {
        fail(made.offset, "a quoted field that does not end");
        return made;
      }
      made.text += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (!take('"')) return made;
      made.text += '"';
    }
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool take_line_break() {
    const std::string_view rest = text_.substr(at_);
    if (rest == "\r") return take('\r');
    if (rest.starts_with("\r\n")) ++at_;
    return take('\n');
  }

  void fail(size_t at, const char* what) {
    broken_ = true;
    findings_.error(file_, at, code::kCsvSyntax, std::string("not CSV: ") + what,
                    "put the field in double quotes, with \"\" for a quote in it");
  }

  const SourceFile& file_;
  std::string_view text_;
  Findings& findings_;
  size_t at_ = 0;
  bool broken_ = false;
};

void check_header(const SourceFile& file, const std::vector<CsvField>& header, Findings& findings) {
  std::set<std::string_view> seen;
  for (const CsvField& column : header) {
    if (column.text.empty()) {
      findings.error(file, column.offset, code::kCsvHeader, "a column without a name");
    } else if (!seen.insert(column.text).second) {
      findings.error(file, column.offset, code::kCsvHeader,
                     "the column `" + column.text + "` stands twice");
    }
  }
}

}  // namespace

CsvTable read_csv(const SourceFile& file, Findings& findings) {
  CsvParser parser(file, findings);
  CsvTable table;
  std::optional<std::vector<CsvField>> row = parser.row();
  if (!row) {
    if (file.text().find_first_not_of(" \t\r\n") == std::string_view::npos) {
      findings.error(file, 0, code::kEmptyFile, "a CSV file without a header row",
                     "begin with a row of column names, the key column first");
    }
    return table;
  }
  table.header = std::move(*row);
  check_header(file, table.header, findings);
  std::unordered_map<std::string, size_t> keys;  // key -> offset
  while ((row = parser.row())) {
    if (row->size() != table.header.size()) {
      findings.error(file, row->front().offset, code::kCsvRagged,
                     "a row of " + std::to_string(row->size()) + " fields under a header of " +
                         std::to_string(table.header.size()));
      continue;
    }
    const auto [first, is_new] = keys.emplace(row->front().text, row->front().offset);
    if (!is_new) {
      findings.error(file, row->front().offset, code::kCsvKeyTwice,
                     "the key `" + row->front().text + "` is given twice",
                     "first in line " + std::to_string(file.place(first->second).line));
      continue;
    }
    table.rows.push_back(std::move(*row));
  }
  return table;
}

std::shared_ptr<const cel::ValueList> read_list(const SourceFile& file, Findings& findings) {
  const size_t errors = findings.errors();
  CsvTable table = read_csv(file, findings);
  if (findings.errors() != errors) return nullptr;
  std::vector<std::string> columns;
  for (size_t i = 1; i < table.header.size(); ++i) columns.push_back(table.header[i].text);
  std::vector<std::vector<std::string>> rows;
  rows.reserve(table.rows.size());
  for (std::vector<CsvField>& row : table.rows) {
    std::vector<std::string>& fields = rows.emplace_back();
    for (CsvField& field : row) fields.push_back(std::move(field.text));
  }
  return std::make_shared<const cel::ValueList>(std::move(columns), std::move(rows));
}

}  // namespace fengsui::rules
