// Results of unit tests for a reader: each failure with expected and got side by side.
#pragma once

#include <string>
#include <vector>

#include "author/test_run.h"

namespace fengsui::author {

// Of one test that failed; several lines, the first "FAIL file:line:col name".
std::string failure_text(const TestResult& result, const rules::RuleSet& rules);

// "12 tests, 11 passed, 1 failed"
std::string tests_summary(const std::vector<TestResult>& results);

}  // namespace fengsui::author
