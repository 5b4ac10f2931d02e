// CEL where it stands in a pack: parsed, with the way back from a byte of it to line and column;
// and what the loader reads off a tree (names, guards, a fingerprint).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "cel/expression.h"
#include "rules/yaml.h"

namespace fengsui::rules {

struct PlacedExpression {
  const YamlNode* scalar = nullptr;
  size_t start = 0;  // of the expression in the scalar's text
  cel::Syntax syntax;
  // What stands in the tree in place of a def's name has that name's place; by it, what to say of
  // where the def is.
  std::map<size_t, std::string> defs = {};

  // In the file, of a byte of the expression.
  size_t offset(size_t at) const { return offset_in_file(*scalar, start + at); }
};

// The code of a kind of finding about an expression.
std::string_view code_of(cel::Finding::Code code);

// nullopt: a finding.
std::optional<PlacedExpression> parse_expression(const YamlNode& scalar, size_t start,
                                                 std::string_view text, Findings& findings);
std::optional<PlacedExpression> parse_expression(const YamlNode& scalar, Findings& findings);

// "outlet.code" of a name or a chain of selections, without `data.` before it; else nullopt.
std::optional<std::string> field_path(const cel::Node& node);
// Each longest chain in the tree.
void visit_paths(const cel::Node& node,
                 const std::function<void(const std::string& path, const cel::Node& at)>& visit);
// The byte where the field `path` (or something in it) is first read; 0 if it is not.
size_t offset_of_path(const cel::Node& root, std::string_view path);
// The longest chain that stands at a byte; empty: none does.
std::string path_at(const cel::Node& root, size_t offset);

// Fields that are there wherever the condition holds: `has(f)` among what `&&` joins, and the
// objects round them.
std::set<std::string> guaranteed_fields(const cel::Node& condition);

// The same for two expressions of the same tree, however they are spaced or bracketed; different
// for any others. Stored in rule versions: it must not change.
std::string fingerprint(const cel::Node& node);

}  // namespace fengsui::rules
