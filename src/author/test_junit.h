// Results of unit tests as JUnit XML, a suite a file: what CI systems read.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "author/test_run.h"

namespace fengsui::author {

// `seconds`: by result. `properties`: name and value, of the whole run (coverage).
std::string as_junit(const std::vector<TestResult>& results, const rules::RuleSet& rules,
                     const std::vector<std::chrono::nanoseconds>& took,
                     const std::vector<std::pair<std::string, std::string>>& properties);

}  // namespace fengsui::author
