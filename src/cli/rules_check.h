// `fengsui rules check`: every finding of every file of a pack, on standard output.
#pragma once

#include <string>

namespace fengsui::cli {

enum class IssueFormat { Text, Json, Sarif };

struct RulesCheckOptions {
  std::string pack;
  IssueFormat format = IssueFormat::Text;
  // Behind the findings, if there is no error: what each rule keeps. Text alone.
  bool estimate = false;
};
int rules_check(const RulesCheckOptions& options);
// The page of a finding's code.
int rules_explain_code(const std::string& code);
// The JSON Schema of a kind of pack file; of an empty name, all names.
int rules_schema(const std::string& name);

}  // namespace fengsui::cli
