#include "rules/yaml_shape.h"

#include <algorithm>
#include <utility>

#include "rules/codes.h"

namespace fengsui::rules {
namespace {

bool expect_kind(const YamlNode& node, YamlNode::Kind kind, const char* wanted,
                 const std::string& what, Findings& findings) {
  if (node.kind == kind) return true;
  std::string hint;
  if (kind == YamlNode::Kind::Scalar && !node.is_null()) {
    hint = "text with , [ ] { } or `: ` in it needs quotes";
  }
  error_at(node, code::kWrongKind, what + " is " + node.kind_name() + ", not " + wanted, hint,
           findings);
  return false;
}

}  // namespace

void error_at(const YamlNode& node, std::string_view code, std::string message, std::string hint,
              Findings& findings) {
  findings.error(*node.file, node.offset, code, std::move(message), std::move(hint));
}

bool expect_map(const YamlNode& node, const std::string& what, Findings& findings) {
  return expect_kind(node, YamlNode::Kind::Map, "a map", what, findings);
}

bool expect_list(const YamlNode& node, const std::string& what, Findings& findings) {
  return expect_kind(node, YamlNode::Kind::List, "a list", what, findings);
}

std::optional<std::string> expect_text(const YamlNode& node, const std::string& what,
                                       Findings& findings) {
  if (!expect_kind(node, YamlNode::Kind::Scalar, "text", what, findings)) return std::nullopt;
  if (node.text.empty()) {
    error_at(node, code::kWrongKind, what + " is empty text", {}, findings);
    return std::nullopt;
  }
  return node.text;
}

void refuse_unknown_keys(const YamlNode& map, const std::string& what,
                         const std::vector<std::string>& known, std::string_view code,
                         Findings& findings) {
  for (const YamlNode& key : map.keys) {
    if (!key.is_scalar()) continue;  // has a finding of its own
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    error_at(key, code, what + " has no `" + key.text + "`", nearest_hint(key.text, known),
             findings);
  }
}

const YamlNode* require_key(const YamlNode& map, const char* key, const std::string& what,
                            Findings& findings) {
  const YamlNode* value = map.find(key);
  if (value == nullptr) {
    error_at(map, code::kMissingKey, what + " needs `" + key + "`", {}, findings);
  }
  return value;
}

std::optional<YamlNode> read_single_document(const SourceFile& file, Findings& findings) {
  const size_t errors = findings.errors();
  std::vector<YamlNode> documents = read_yaml(file, findings);
  if (documents.empty() || (documents.size() == 1 && documents.front().is_null())) {
    if (findings.errors() == errors) {
      findings.error(file, 0, code::kEmptyFile, "nothing in this file");
    }
    return std::nullopt;
  }
  if (documents.size() > 1) {
    findings.error(file, documents[1].offset, code::kDocuments, "a second document in this file",
                   "only a schema file may hold several, one schema each");
  }
  return std::move(documents.front());
}

}  // namespace fengsui::rules
