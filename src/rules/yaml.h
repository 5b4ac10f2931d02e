// YAML 1.2 as rules.md allows it in a pack, as a tree with places: no anchors, aliases, tags or
// duplicate keys. A scalar keeps its text and whether it was plain; what type a plain one has is
// for the reader of the place to ask (YAML 1.2's core schema: `yes` is a string).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/source_file.h"

namespace fengsui::rules {

// Lists and maps nest at most so deep.
inline constexpr int kYamlDepthMax = 64;

struct YamlNode {
  enum class Kind : uint8_t { Null, Scalar, List, Map };

  Kind kind = Kind::Null;
  bool plain = false;  // of a scalar: neither quoted nor a block
  const SourceFile* file = nullptr;
  size_t offset = 0;            // of its first byte in file->text()
  std::string text;             // of a scalar
  std::vector<YamlNode> keys;   // of a map: scalars, one an item
  std::vector<YamlNode> items;  // of a list or map

  bool is_null() const { return kind == Kind::Null; }
  bool is_scalar() const { return kind == Kind::Scalar; }
  bool is_list() const { return kind == Kind::List; }
  bool is_map() const { return kind == Kind::Map; }
  const YamlNode* find(std::string_view key) const;      // of a map; null if it is not there
  const YamlNode* find_key(std::string_view key) const;  // the key's own node
  const char* kind_name() const;                         // "a list"

  // A scalar by the core schema; nullopt: of another type. A quoted one is a string.
  std::optional<bool> as_bool() const;
  std::optional<int64_t> as_int() const;    // `1.0` is no int here
  std::optional<double> as_number() const;  // ints too; finite
  bool is_string() const;                   // none of null, bool, int, float
};

// Every document of the file; what breaks the subset is a finding, and the tree lacks it. A file
// with a syntax error gives the documents before it.
std::vector<YamlNode> read_yaml(const SourceFile& file, Findings& findings);

// Where the byte `offset` of a scalar's text stands in its file. Exact for plain, quoted and block
// scalars, folded ones too; where the two cannot be brought together, the scalar's start.
size_t offset_in_file(const YamlNode& scalar, size_t offset);

}  // namespace fengsui::rules
