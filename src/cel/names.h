// What an Environment knows. Not for callers of the folder.
#pragma once

#include <map>
#include <string>

#include "cel/expression.h"

namespace fengsui::cel {

struct Environment::Names {
  struct List {
    int index = -1;
    std::shared_ptr<const ValueList> rows;  // may be null: its columns are not checked
  };
  // Sorted, so that hints and findings come out alike each time.
  std::map<std::string, Variable, std::less<>> variables;
  std::map<std::string, List, std::less<>> lists;
  std::map<std::string, int, std::less<>> keyword_sets;
  std::map<std::string, std::string, std::less<>> refused_functions;
  std::map<std::string, std::string, std::less<>> explained;

  const Variable* variable(std::string_view name) const {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : &found->second;
  }
  // Is a name below this one declared: "outlet.code" below "outlet"?
  bool has_parts(const std::string& name) const {
    const auto next = variables.lower_bound(name + ".");
    return next != variables.end() && next->first.starts_with(name + ".");
  }
};

}  // namespace fengsui::cel
