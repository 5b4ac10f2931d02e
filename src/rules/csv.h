// The pack's plain files: value lists and areas (RFC 4180, with or without a byte-order mark) and
// keyword sets. Blank lines do not count.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cel/tables.h"
#include "rules/source_file.h"

namespace fengsui::rules {

struct CsvField {
  std::string text;
  size_t offset = 0;  // of its first byte in the file
};

struct CsvTable {
  std::vector<CsvField> header;
  std::vector<std::vector<CsvField>> rows;  // each as long as the header
};

// Form, header and row lengths are checked; what is wrong is left out and a finding.
CsvTable read_csv(const SourceFile& file, Findings& findings);

// lists/NAME.csv: key column first. Null if there is an error in it.
std::shared_ptr<const cel::ValueList> read_list(const SourceFile& file, Findings& findings);

// areas.csv: code, name, parent, kind, lat, lon. Null if there is an error in it.
std::shared_ptr<const cel::AreaTable> read_areas(const SourceFile& file, Findings& findings);

// A line of keywords/NAME.txt that counts, without the spaces round it; `text` is the file's.
struct Keyword {
  std::string_view text;
  size_t offset = 0;
};
std::vector<Keyword> keywords_of(const SourceFile& file);

// keywords/NAME.txt.
std::vector<std::string> read_keywords(const SourceFile& file, Findings& findings);

}  // namespace fengsui::rules
