// JSON Schemas (2020-12) of a pack's files, for editors: rules/json-schema/*.schema.json, embedded.
#pragma once

#include <span>
#include <string_view>

namespace fengsui::rules {

struct JsonSchema {
  std::string_view name;  // "rules"
  std::string_view text;
};

// By name.
std::span<const JsonSchema> json_schemas();

}  // namespace fengsui::rules
