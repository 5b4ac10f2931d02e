// Findings about a pack that is no error and yet not what its author meant: dead conditions, grades
// that are never given, lists that nobody reads. All are warnings. Runs once a load, after the
// rules are compiled; reads them as written, so that what is said has a place.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "rules/pack_files.h"
#include "rules/rule_set.h"
#include "rules/schema_reader.h"
#include "rules/scope.h"

namespace fengsui::rules {

struct LintInput {
  std::vector<const YamlNode*> rules;  // maps, as written
  const World* world = nullptr;
  const PackFiles* files = nullptr;
  const std::vector<SchemaSpec>* schemas = nullptr;
  std::map<std::string, const Rule*> compiled;  // by id; those with an error are not among them
  // Compared with `until`; absent: no exception is said to be over.
  std::optional<EventTime> now;
};

void lint_pack(const LintInput& input, Findings& findings);

}  // namespace fengsui::rules
