// `fengsui rules check`: every finding of every file of a pack, on standard output.
#pragma once

#include <string>

namespace fengsui::cli {

enum class IssueFormat { Text, Json, Sarif };

int rules_check(const std::string& pack, IssueFormat format);
// The page of a finding's code.
int rules_explain_code(const std::string& code);
// The JSON Schema of a kind of pack file; of an empty name, all names.
int rules_schema(const std::string& name);

}  // namespace fengsui::cli
