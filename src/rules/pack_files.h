// The files of a pack, found, read and sorted by what they are (rules.md, "A rule pack"). Files
// that are no part of one (README.md, .git) are passed over.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/source_file.h"

namespace fengsui::rules {

inline constexpr size_t kPackFilesMax = 10'000;
inline constexpr size_t kPackFileBytesMax = 64 << 20;
inline constexpr size_t kPackBytesMax = 512 << 20;
// Folders within folders; a loop of links ends here at the latest.
inline constexpr int kPackDepthMax = 16;

// A pack in memory: the paths of its files, relative to it and with '/', and their bytes.
using PackBytes = std::map<std::string, std::string>;

using SourceFiles = std::vector<std::unique_ptr<SourceFile>>;

struct PackFiles {
  std::unique_ptr<SourceFile> head;                          // pack.yaml
  std::unique_ptr<SourceFile> areas;                         // areas.csv
  std::unique_ptr<SourceFile> policy;                        // policy.yaml
  SourceFiles schemas, lists, keywords, defs, tests, rules;  // each by path

  // All files above as one text of bytes, by path: what a state keeps of a pack.
  std::string framed() const;
};

// A pack's hash: hex SHA-256 of its files framed.
std::string pack_hash(std::string_view framed);
// The files again; nullopt: framed() did not make these bytes.
std::optional<PackBytes> unframe_pack(std::string_view framed);

// The bytes of a folder's files. What cannot be read or is too large is a finding, and left out.
PackBytes read_pack_bytes(const std::string& directory, Findings& findings);
// Sorted by what they are. What is not UTF-8 text is a finding, and left out.
PackFiles sort_pack_files(PackBytes bytes, Findings& findings);

// The file's name without folder and extension: what lists.NAME and keywords.NAME say.
std::string stem(const SourceFile& file);

}  // namespace fengsui::rules
