// schemas/*.yaml -> event types: JSON Schema's words as rules.md lists them, no others, and nothing
// that contradicts itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "event/schema.h"
#include "rules/yaml.h"

namespace fengsui::rules {

// An event type as declared. EventType is built from it twice: once to compile rules against, and
// again when they have said which purposes they use.
struct SchemaSpec {
  std::string name;
  std::string title;
  event::Field root;
  const SourceFile* file = nullptr;
  size_t offset = 0;  // of its name
};

// The schemas of one file, in order. A schema with an error is still given if it has a name, with
// what could be read of it, so that rules over it are checked as far as they can be.
std::vector<SchemaSpec> read_schemas(const SourceFile& file, Findings& findings);

// Words about a value: enum, minimum, maximum, maxLength, pattern, format. Requires: field.type is
// that of the schema.
void read_limits(const YamlNode& schema, event::Field& field, Findings& findings);

}  // namespace fengsui::rules
