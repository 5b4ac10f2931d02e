// A file of the pack, read: its bytes, and where in it an offset stands. And the list that findings
// are added to. One load, one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/issue.h"

namespace fengsui::rules {

class SourceFile {
 public:
  // `path` is relative to the pack, with '/'. A byte-order mark is left out of text().
  SourceFile(std::string path, std::string bytes);

  const std::string& path() const { return path_; }
  const std::string& bytes() const { return bytes_; }  // as on disk
  std::string_view text() const { return text_; }      // without a byte-order mark

  struct Place {
    int line = 1;    // from 1
    int column = 1;  // from 1, in code points
  };
  // Of a byte of text(); beyond its end: its end.
  Place place(size_t offset) const;

 private:
  std::string path_;
  std::string bytes_;
  std::string_view text_;
  std::vector<size_t> lines_;  // offset of each line's first byte
};

class Findings {
 public:
  void error(const SourceFile& file, size_t offset, std::string_view code, std::string message,
             std::string hint = {});
  void warning(const SourceFile& file, size_t offset, std::string_view code, std::string message,
               std::string hint = {});
  // Of a file or folder that is not read.
  void error(std::string path, std::string_view code, std::string message, std::string hint = {});
  void warning(std::string path, std::string_view code, std::string message, std::string hint = {});

  size_t errors() const { return errors_; }
  const std::vector<Issue>& all() const { return issues_; }
  std::vector<Issue> take() { return std::move(issues_); }

 private:
  void add(Issue issue);
  std::vector<Issue> issues_;
  size_t errors_ = 0;
};

// "; did you mean 'sum'?"-style hint of the nearest of `known`, or `otherwise`.
std::string nearest_hint(std::string_view name, const std::vector<std::string>& known,
                         std::string otherwise = {});

}  // namespace fengsui::rules
