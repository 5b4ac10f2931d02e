#include "author/test_junit.h"

#include <cstdio>
#include <map>

#include "author/test_report.h"
#include "cel/utf8.h"

namespace fengsui::author {
namespace {

// XML 1.0 has no way to say most control characters, not even by number.
bool is_xml(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = cel::next_code_point(text, at);
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':  // in an attribute a bare one would be read as a space
        out += "&#10;";
        break;
      default:
        cel::append_code_point(out, is_xml(c) ? c : U'\uFFFD');
    }
  }
  return out;
}

std::string attribute(const char* name, std::string_view value) {
  return std::string(" ") + name + "=\"" + escaped(value) + "\"";
}

std::string seconds(std::chrono::nanoseconds took) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", static_cast<double>(took.count()) / 1e9);
  return text;
}

struct Suite {
  std::vector<size_t> results;
  size_t failed = 0;
  std::chrono::nanoseconds took{0};
};

std::string counts(const Suite& suite) {
  return attribute("tests", std::to_string(suite.results.size())) +
         attribute("failures", std::to_string(suite.failed)) + attribute("errors", "0") +
         attribute("time", seconds(suite.took));
}

std::string first_difference(const TestResult& result) {
  for (const TestOutcome& outcome : result.outcomes) {
    if (outcome.wrong) return "event " + std::to_string(outcome.event + 1) + ": " + outcome.reason;
  }
  for (const TestPair& pair : result.pairs) {
    if (!pair.expected) return "a record that was not expected";
    if (!pair.got) return "a record of " + pair.expected->rule + " is missing";
    if (!pair.wrong.empty()) return pair.wrong.front() + " of " + pair.expected->rule + " differs";
  }
  return {};
}

}  // namespace

std::string as_junit(const std::vector<TestResult>& results, const rules::RuleSet& rules,
                     const std::vector<std::chrono::nanoseconds>& took,
                     const std::vector<std::pair<std::string, std::string>>& properties) {
  std::map<std::string, Suite> suites;
  Suite all;
  for (size_t i = 0; i < results.size(); ++i) {
    for (Suite* suite : {&suites[results[i].test->place.file], &all}) {
      suite->results.push_back(i);
      suite->failed += results[i].passed ? 0 : 1;
      suite->took += took[i];
    }
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
                    attribute("name", "fengsui rules test") + counts(all) + ">\n";
  // Properties of the whole run stand in a suite of their own: JUnit knows no others.
  if (!properties.empty()) {
    out += "  <testsuite" + attribute("name", "coverage") + counts({}) + ">\n    <properties>\n";
    for (const auto& [name, value] : properties) {
      out += "      <property" + attribute("name", name) + attribute("value", value) + "/>\n";
    }
    out += "    </properties>\n  </testsuite>\n";
  }
  for (const auto& [file, suite] : suites) {
    out += "  <testsuite" + attribute("name", file) + counts(suite) + ">\n";
    for (const size_t i : suite.results) {
      const TestResult& result = results[i];
      out += "    <testcase" + attribute("classname", file) + attribute("name", result.test->name) +
             attribute("file", file) + attribute("line", std::to_string(result.test->place.line)) +
             attribute("time", seconds(took[i]));
      if (result.passed) {
        out += "/>\n";
        continue;
      }
      out += ">\n      <failure" + attribute("message", first_difference(result)) + ">" +
             escaped(failure_text(result, rules)) + "</failure>\n    </testcase>\n";
    }
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace fengsui::author
