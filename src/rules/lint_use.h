// What the rules of a pack read of it: collected rule by rule, asked at the end.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/lint.h"
#include "rules/lint_scope.h"

namespace fengsui::rules {

struct PackUse {
  // The fields that a list is asked for, one entry a place.
  struct ListUse {
    bool by_any_value = false;  // by something that no schema limits, too
    std::vector<std::vector<const event::Field*>> by_fields;
  };
  std::map<std::string, ListUse> lists;
  std::set<std::string> keyword_sets;
  std::set<std::string> counted_keyword_sets;  // by mentionCount()
  std::set<std::string> defs;
  std::set<std::string> types;
};

// Adds what an expression reads.
void note_use(const cel::Node& root, const LintScope& scope, PackUse& use);

// Lists, keyword sets, defs and schemas that no rule reads. Requires: `use` is of all rules.
void lint_unused(const LintInput& input, const std::map<std::string, const YamlNode*>& defs,
                 const PackUse& use, Findings& findings);
// Keys of lists that can never be asked for.
void lint_list_keys(const LintInput& input, const PackUse& use, Findings& findings);
// Words that fold alike or hold another one of their set.
void lint_keywords(const SourceFile& file, bool counted, Findings& findings);

}  // namespace fengsui::rules
