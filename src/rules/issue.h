// A finding about a pack: where, what, and what to do. Codes are stable and each has a page
// (explanation), shown by `fengsui rules check --explain CODE`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fengsui::rules {

enum class Severity { Error, Warning };

struct Issue {
  std::string file;  // relative to the pack
  int line = 1;      // from 1
  int column = 1;    // from 1, in code points
  Severity severity = Severity::Error;
  std::string code;     // "FS101"
  std::string message;  // what is wrong
  std::string hint;     // what to do; may be empty
};

// By file, line, column; errors before warnings.
void sort_issues(std::vector<Issue>& issues);
bool has_errors(const std::vector<Issue>& issues);

// "file:line:col: error: what; hint" a line, and a last line that counts.
std::string as_text(const std::vector<Issue>& issues);
// A list of {file, line, col, severity, code, message, hint}.
std::string as_json(const std::vector<Issue>& issues);
// SARIF 2.1.0.
std::string as_sarif(const std::vector<Issue>& issues);

// The page of a code, or an empty view.
std::string_view explanation(std::string_view code);
std::vector<std::string_view> all_codes();

}  // namespace fengsui::rules
