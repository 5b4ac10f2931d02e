#include "rules/issue.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

namespace fengsui::rules {
namespace {

using nlohmann::ordered_json;

const char* severity_text(Severity severity) {
  return severity == Severity::Error ? "error" : "warning";
}

// Names of files may be anything; what is not UTF-8 is printed as U+FFFD.
std::string dump(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string counted(size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// RFC 3986: a path as a relative reference.
std::string as_uri(const std::string& path) {
  constexpr char kHex[] = "0123456789ABCDEF";
  constexpr std::string_view kKept =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string uri;
  for (const char c : path) {
    if (kKept.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return uri;
}

std::string with_hint(const Issue& issue) {
  return issue.hint.empty() ? issue.message : issue.message + "; " + issue.hint;
}

ordered_json sarif_result(const Issue& issue) {
  return {{"ruleId", issue.code},
          {"level", severity_text(issue.severity)},
          {"message", {{"text", with_hint(issue)}}},
          {"locations",
           {{{"physicalLocation",
              {{"artifactLocation", {{"uri", as_uri(issue.file)}}},
               {"region", {{"startLine", issue.line}, {"startColumn", issue.column}}}}}}}}};
}

}  // namespace

void sort_issues(std::vector<Issue>& issues) {
  std::stable_sort(issues.begin(), issues.end(), [](const Issue& a, const Issue& b) {
    return std::tie(a.file, a.line, a.column, a.severity) <
           std::tie(b.file, b.line, b.column, b.severity);
  });
}

bool has_errors(const std::vector<Issue>& issues) {
  return std::any_of(issues.begin(), issues.end(),
                     [](const Issue& issue) { return issue.severity == Severity::Error; });
}

std::string as_text(const std::vector<Issue>& issues) {
  std::string text;
  size_t errors = 0;
  for (const Issue& issue : issues) {
    if (issue.severity == Severity::Error) ++errors;
    text += issue.file + ":" + std::to_string(issue.line) + ":" + std::to_string(issue.column) +
            ": " + severity_text(issue.severity) + ": " + with_hint(issue) + " [" + issue.code +
            "]\n";
  }
  return text + counted(errors, "error") + ", " + counted(issues.size() - errors, "warning") + "\n";
}

std::string as_json(const std::vector<Issue>& issues) {
  ordered_json list = ordered_json::array();
  for (const Issue& issue : issues) {
    list.push_back({{"file", issue.file},
                    {"line", issue.line},
                    {"col", issue.column},
                    {"severity", severity_text(issue.severity)},
                    {"code", issue.code},
                    {"message", issue.message},
                    {"hint", issue.hint}});
  }
  return dump(list);
}

std::string as_sarif(const std::vector<Issue>& issues) {
  std::set<std::string> codes;
  ordered_json results = ordered_json::array();
  for (const Issue& issue : issues) {
    codes.insert(issue.code);
    results.push_back(sarif_result(issue));
  }
  ordered_json rules = ordered_json::array();
  for (const std::string& code : codes) {
    rules.push_back({{"id", code}, {"fullDescription", {{"text", explanation(code)}}}});
  }
  return dump({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
               {"version", "2.1.0"},
               {"runs",
                {{{"tool", {{"driver", {{"name", "fengsui"}, {"rules", rules}}}}},
                  {"columnKind", "unicodeCodePoints"},
                  {"results", results}}}}});
}

}  // namespace fengsui::rules
