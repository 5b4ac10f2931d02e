#include "rules/pack_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/byte_codec.h"
#include "base/hash.h"
#include "cel/utf8.h"
#include "rules/codes.h"

namespace fengsui::rules {
namespace {

namespace fs = std::filesystem;

// What a path within the pack is.
enum class Part { Head, Areas, Policy, Schema, List, Keywords, Def, Test, Rule, Stray, Ignored };

struct Folder {
  const char* name;
  const char* extension;
  Part part;
};
constexpr Folder kFolders[] = {
    {"schemas", ".yaml", Part::Schema},   {"lists", ".csv", Part::List},
    {"keywords", ".txt", Part::Keywords}, {"defs", ".yaml", Part::Def},
    {"tests", ".yaml", Part::Test},
};

Part part_of(const std::string& path) {
  if (path == "pack.yaml") return Part::Head;
  if (path == "areas.csv") return Part::Areas;
  if (path == "policy.yaml") return Part::Policy;
  const std::string extension = fs::path(path).extension().string();
  const size_t slash = path.find('/');
  for (const Folder& folder : kFolders) {
    if (slash == std::string::npos || path.substr(0, slash) != folder.name) continue;
    const bool direct = path.find('/', slash + 1) == std::string::npos;
    if (direct && extension == folder.extension) return folder.part;
    return extension == ".md" ? Part::Ignored : Part::Stray;
  }
  if (extension == ".yaml") return Part::Rule;
  return extension == ".yml" ? Part::Stray : Part::Ignored;
}

// Paths of all regular files, sorted, '/' between; links are followed, each folder is seen once.
class Walk {
 public:
  Walk(fs::path root, Findings& findings) : root_(std::move(root)), findings_(findings) {}

  std::vector<std::string> paths() {
    visit(root_, "", 0);
    std::sort(paths_.begin(), paths_.end());
    return std::move(paths_);
  }

 private:
  void visit(const fs::path& folder, const std::string& prefix, int depth) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error) return unreadable(prefix, error);
    if (!seen_.insert(real.string()).second) return;
    if (depth > kPackDepthMax) {
      return findings_.error(prefix, code::kTooLarge,
                             "folders nested deeper than " + std::to_string(kPackDepthMax));
    }
    fs::directory_iterator entry(folder, error);
    if (error) return unreadable(prefix, error);
    for (; entry != fs::directory_iterator(); entry.increment(error)) {
      if (error) return unreadable(prefix, error);
      const std::string name = entry->path().filename().string();
      if (name.starts_with('.')) continue;
      visit_entry(entry->path(), prefix.empty() ? name : prefix + "/" + name, depth);
      if (paths_.size() > kPackFilesMax) return;
    }
  }

  void visit_entry(const fs::path& path, const std::string& relative, int depth) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::is_directory(status)) return visit(path, relative, depth + 1);
    const Part part = part_of(relative);
    if (part == Part::Ignored) return;
    if (!fs::is_regular_file(status)) {
      return findings_.error(relative, code::kUnreadable, "not a file that can be read",
                             "a link to nothing, a device or a pipe is no part of a pack");
    }
    if (part == Part::Stray) return stray(relative);
    paths_.push_back(relative);
    if (paths_.size() == kPackFilesMax + 1) {
      findings_.error(relative, code::kTooLarge,
                      "more than " + std::to_string(kPackFilesMax) + " files");
    }
  }

  void stray(const std::string& relative) {
    const bool yml = fs::path(relative).extension() == ".yml";
    findings_.warning(relative, code::kStrayFile, "this file is not read",
                      yml ? "files of a pack end in .yaml"
                          : "a pack reads schemas/*.yaml, lists/*.csv, keywords/*.txt, "
                            "defs/*.yaml and tests/*.yaml, without folders in them");
  }

  void unreadable(const std::string& relative, const std::error_code& error) {
    findings_.error(relative.empty() ? "." : relative,
                    relative.empty() ? code::kFolder : code::kUnreadable,
                    "this folder cannot be read: " + error.message());
  }

  fs::path root_;
  Findings& findings_;
  std::vector<std::string> paths_;
  std::set<std::string> seen_;
};

// Of the whole file; nullopt with a finding.
std::optional<std::string> read_bytes(const fs::path& path, const std::string& relative,
                                      Findings& findings) {
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (!error && size > kPackFileBytesMax) {
    findings.error(relative, code::kTooLarge,
                   "larger than " + std::to_string(kPackFileBytesMax >> 20) + " MiB");
    return std::nullopt;
  }
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(error ? 0 : size, '\0');
  if (stream) stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (error || !stream) {
    findings.error(relative, code::kUnreadable, "this file cannot be read");
    return std::nullopt;
  }
  return bytes;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

// The first byte at which `text` is not UTF-8: read as U+FFFD, but one byte long.
size_t first_bad_byte(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    if (cel::next_code_point(text, at) == 0xFFFD && at == start + 1) return start;
  }
  return text.size();
}

bool is_text(const SourceFile& file, Findings& findings) {
  if (!cel::is_utf8(file.text())) {
    findings.error(file, first_bad_byte(file.text()), code::kEncoding, "bytes that are not UTF-8",
                   "save the file as UTF-8");
    return false;
  }
  const auto control = std::find_if(file.text().begin(), file.text().end(), is_control);
  if (control == file.text().end()) return true;
  findings.error(
      file, static_cast<size_t>(control - file.text().begin()), code::kControlCharacter,
      "a control character (byte " + std::to_string(static_cast<unsigned char>(*control)) + ")");
  return false;
}

void put(PackFiles& files, Part part, std::unique_ptr<SourceFile> file) {
  switch (part) {
    case Part::Head:
      files.head = std::move(file);
      break;
    case Part::Areas:
      files.areas = std::move(file);
      break;
    case Part::Policy:
      files.policy = std::move(file);
      break;
    case Part::Schema:
      files.schemas.push_back(std::move(file));
      break;
    case Part::List:
      files.lists.push_back(std::move(file));
      break;
    case Part::Keywords:
      files.keywords.push_back(std::move(file));
      break;
    case Part::Def:
      files.defs.push_back(std::move(file));
      break;
    case Part::Test:
      files.tests.push_back(std::move(file));
      break;
    case Part::Rule:
      files.rules.push_back(std::move(file));
      break;
    case Part::Stray:
    case Part::Ignored:
      break;
  }
}

}  // namespace

PackBytes read_pack_bytes(const std::string& directory, Findings& findings) {
  PackBytes files;
  size_t bytes_left = kPackBytesMax;
  for (const std::string& path : Walk(directory, findings).paths()) {
    std::optional<std::string> bytes = read_bytes(fs::path(directory) / path, path, findings);
    if (!bytes) continue;
    if (bytes->size() > bytes_left) {
      findings.error(path, code::kTooLarge,
                     "the pack is larger than " + std::to_string(kPackBytesMax >> 20) + " MiB");
      break;
    }
    bytes_left -= bytes->size();
    files.emplace(path, std::move(*bytes));
  }
  return files;
}

PackFiles sort_pack_files(PackBytes bytes, Findings& findings) {
  PackFiles files;
  for (auto& [path, of_file] : bytes) {
    auto file = std::make_unique<SourceFile>(path, std::move(of_file));
    if (is_text(*file, findings)) put(files, part_of(path), std::move(file));
  }
  if (findings.errors() == 0 && files.schemas.empty() && files.rules.empty()) {
    findings.error(".", code::kFolder, "no schema and no rule file in this folder",
                   "a pack has schemas/*.yaml and rule files (*.yaml)");
  }
  return files;
}

std::string PackFiles::framed() const {
  std::vector<const SourceFile*> all;
  for (const SourceFile* file : {head.get(), areas.get(), policy.get()}) {
    if (file != nullptr) all.push_back(file);
  }
  for (const SourceFiles* group : {&schemas, &lists, &keywords, &defs, &tests, &rules}) {
    for (const std::unique_ptr<SourceFile>& file : *group) all.push_back(file.get());
  }
  std::sort(all.begin(), all.end(),
            [](const SourceFile* a, const SourceFile* b) { return a->path() < b->path(); });
  std::string framed;
  ByteWriter writer(framed);
  for (const SourceFile* file : all) {
    writer.text(file->path());
    writer.text(file->bytes());
  }
  return framed;
}

std::string pack_hash(std::string_view framed) { return sha256_hex(framed); }

std::optional<PackBytes> unframe_pack(std::string_view framed) {
  ByteReader in(framed);
  PackBytes files;
  while (in.ok() && !in.at_end()) {
    std::string path(in.text());
    files.insert_or_assign(std::move(path), std::string(in.text()));
  }
  if (!in.ok()) return std::nullopt;
  return files;
}

std::string stem(const SourceFile& file) { return fs::path(file.path()).stem().string(); }

}  // namespace fengsui::rules
