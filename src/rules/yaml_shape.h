// What readers of a pack's files ask of a tree: is it the kind that stands there, are its keys
// known, is what must be there there. Each `no` is a finding.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/yaml.h"

namespace fengsui::rules {

// `what`: the place in words ("`by`", "a rule").
bool expect_map(const YamlNode& node, const std::string& what, Findings& findings);
bool expect_list(const YamlNode& node, const std::string& what, Findings& findings);
// Not empty. Numbers and `true` count as the text that they are written as.
std::optional<std::string> expect_text(const YamlNode& node, const std::string& what,
                                       Findings& findings);

void refuse_unknown_keys(const YamlNode& map, const std::string& what,
                         const std::vector<std::string>& known, std::string_view code,
                         Findings& findings);

// The value of a key that must be there, or null with a finding at the map's start.
const YamlNode* require_key(const YamlNode& map, const char* key, const std::string& what,
                            Findings& findings);

// The only document of a file; null with a finding (or without, where YAML itself has one).
std::optional<YamlNode> read_single_document(const SourceFile& file, Findings& findings);

void error_at(const YamlNode& node, std::string_view code, std::string message, std::string hint,
              Findings& findings);

}  // namespace fengsui::rules
