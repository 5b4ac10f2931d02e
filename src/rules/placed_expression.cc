#include "rules/placed_expression.h"

#include <utility>

#include "base/byte_codec.h"
#include "cel/syntax.h"
#include "rules/codes.h"

namespace fengsui::rules {
namespace {

using Kind = cel::Node::Kind;

void write_node(ByteWriter& out, const cel::Node& node) {
  out.u8(static_cast<uint8_t>(node.kind));
  const bool has_operator = node.kind == Kind::Unary || node.kind == Kind::Binary;
  out.text(has_operator ? cel::operator_text(node.op) : "");
  out.u8(node.absolute ? 1 : 0);
  out.text(node.text);
  if (node.kind == Kind::Literal) cel::encode_value(out, node.value);
  out.varint(node.children.size());
  for (const auto& child : node.children) write_node(out, *child);
}

void add_guarantees(const cel::Node& node, std::set<std::string>& fields) {
  if (node.kind == Kind::And) {
    for (const auto& child : node.children) add_guarantees(*child, fields);
  }
  if (node.kind != Kind::Call || node.text != "has" || node.children.size() != 1) return;
  std::optional<std::string> path = field_path(node.child(0));
  while (path && !path->empty()) {
    fields.insert(*path);
    const size_t dot = path->rfind('.');
    path = dot == std::string::npos ? std::string() : path->substr(0, dot);
  }
}

}  // namespace

std::string_view code_of(cel::Finding::Code code) {
  switch (code) {
    case cel::Finding::Code::Syntax:
      return code::kSyntax;
    case cel::Finding::Code::UnknownName:
      return code::kUnknownName;
    case cel::Finding::Code::TypeMismatch:
      return code::kTypeMismatch;
    case cel::Finding::Code::UnknownFunction:
      return code::kUnknownFunction;
    case cel::Finding::Code::NotHere:
      return code::kNotHere;
    case cel::Finding::Code::ProtectedField:
      return code::kProtected;
    case cel::Finding::Code::OptionalField:
      return code::kOptionalField;
    case cel::Finding::Code::BadPattern:
      break;
  }
  return code::kBadConstant;
}

std::optional<PlacedExpression> parse_expression(const YamlNode& scalar, size_t start,
                                                 std::string_view text, Findings& findings) {
  Expected<cel::Syntax, cel::Finding> syntax = cel::parse(text);
  if (syntax) return PlacedExpression{&scalar, start, std::move(*syntax)};
  const cel::Finding& finding = syntax.error();
  findings.error(*scalar.file, offset_in_file(scalar, start + finding.offset),
                 code_of(finding.code), finding.message, finding.hint);
  return std::nullopt;
}

std::optional<PlacedExpression> parse_expression(const YamlNode& scalar, Findings& findings) {
  return parse_expression(scalar, 0, scalar.text, findings);
}

std::optional<std::string> field_path(const cel::Node& node) {
  std::string path;
  const cel::Node* at = &node;
  for (; at->kind == Kind::Select; at = &at->child(0)) path = "." + at->text + path;
  if (at->kind != Kind::Name) return std::nullopt;
  path = at->text + path;
  return path.starts_with("data.") ? path.substr(5) : path;
}

void visit_paths(const cel::Node& node,
                 const std::function<void(const std::string&, const cel::Node&)>& visit) {
  if (const std::optional<std::string> path = field_path(node)) return visit(*path, node);
  for (const auto& child : node.children) visit_paths(*child, visit);
}

size_t offset_of_path(const cel::Node& root, std::string_view path) {
  std::optional<size_t> offset;
  const std::string inside = std::string(path) + ".";
  visit_paths(root, [&](const std::string& read, const cel::Node& at) {
    if (!offset && (read == path || read.starts_with(inside))) offset = at.offset;
  });
  return offset.value_or(0);
}

std::string path_at(const cel::Node& root, size_t offset) {
  std::string found;
  visit_paths(root, [&](const std::string& read, const cel::Node& at) {
    if (at.offset <= offset && offset < at.end) found = read;
  });
  return found;
}

std::set<std::string> guaranteed_fields(const cel::Node& condition) {
  std::set<std::string> fields;
  add_guarantees(condition, fields);
  return fields;
}

std::string fingerprint(const cel::Node& node) {
  std::string bytes;
  ByteWriter writer(bytes);
  write_node(writer, node);
  return bytes;
}

}  // namespace fengsui::rules
