// Where a byte of a scalar's text stands in the file.
//
// yaml-cpp gives a scalar's text and where the scalar begins, not where each byte came from;
// findings inside CEL need that. So text and source are walked side by side: where both have the
// same byte, they go on together; where they differ, one of YAML's few rewritings must explain it:
//   a line break in the source may be a space, or nothing, in the text (folding), and the indent
//   after it is nothing; '' in single quotes is one quote; an escape in double quotes is one code
//   point. Where none does, the answer is the scalar's start: a place is never wrong by much.
#include <optional>

#include "rules/yaml.h"

namespace fengsui::rules {
namespace {

// Source bytes of an escape in double quotes, from the backslash.
size_t escape_length(std::string_view source, size_t at) {
  if (at + 1 >= source.size()) return 1;
  switch (source[at + 1]) {
    case 'x':
      return 4;
    case 'u':
      return 6;
    case 'U':
      return 10;
    default:
      return 2;
  }
}

size_t code_point_length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_blank(char c) { return is_space(c) || c == '\n' || c == '\r'; }

size_t skip(std::string_view source, size_t at, bool (*belongs)(char)) {
  while (at < source.size() && belongs(source[at])) ++at;
  return at;
}

// Plain and quoted scalars. `at` is the first byte of content.
std::optional<size_t> walk_flow(std::string_view text, size_t offset, std::string_view source,
                                size_t at, char quote) {
  size_t i = 0;
  while (i < offset) {
    if (at >= source.size()) return std::nullopt;
    if (quote == '"' && source[at] == '\\') {
      if (at + 1 < source.size() && (source[at + 1] == '\n' || source[at + 1] == '\r')) {
        at = skip(source, at + 1, is_blank);  // an escaped line break is nothing
        continue;
      }
      at += escape_length(source, at);
      i += code_point_length(text[i]);
    } else if (quote == '\'' && source[at] == '\'') {
      at += 2;
      ++i;
    } else if (is_blank(source[at])) {
      const size_t end = skip(source, at, is_blank);
      if (source.substr(at, end - at).find('\n') == std::string_view::npos) {
        ++at, ++i;
        continue;
      }
      at = end;  // a folded break: spaces or line feeds in the text, or nothing
      i = skip(text, i, is_blank);
    } else {
      if (source[at] != text[i]) return std::nullopt;
      ++at, ++i;
    }
  }
  return at;
}

// The next line's content: behind the indent, which takes `indent` columns at most.
size_t skip_indent(std::string_view source, size_t at, size_t indent) {
  size_t taken = 0;
  while (taken < indent && at < source.size() && source[at] == ' ') ++at, ++taken;
  return at;
}

// The indent of a block scalar's first line that is not blank; `at` is the first line's start.
size_t block_indent(std::string_view source, size_t at) {
  while (at < source.size()) {
    const size_t content = skip(source, at, [](char c) { return c == ' '; });
    if (content < source.size() && source[content] != '\n' && source[content] != '\r') {
      return content - at;
    }
    const size_t line_end = source.find('\n', content);
    if (line_end == std::string_view::npos) break;
    at = line_end + 1;
  }
  return 0;
}

// Block scalars; `at` is the `|` or `>`.
std::optional<size_t> walk_block(std::string_view text, size_t offset, std::string_view source,
                                 size_t at) {
  at = source.find('\n', at);
  if (at == std::string_view::npos) return std::nullopt;
  const size_t indent = block_indent(source, at + 1);
  at = skip_indent(source, at + 1, indent);
  size_t i = 0;
  while (i < offset) {
    if (at >= source.size()) return std::nullopt;
    if (source[at] == '\r') {
      ++at;
    } else if (source[at] == '\n') {
      at = skip_indent(source, at + 1, indent);
      if (is_blank(text[i])) ++i;  // else a further break of a fold
    } else if (source[at] == text[i]) {
      ++at, ++i;
    } else {
      return std::nullopt;
    }
  }
  // What stands next may be behind breaks that folded away.
  while (at < source.size() && i < text.size() && source[at] == '\n' && text[i] != '\n' &&
         text[i] != ' ') {
    at = skip_indent(source, at + 1, indent);
  }
  return at;
}

}  // namespace

size_t offset_in_file(const YamlNode& scalar, size_t offset) {
  const std::string_view source = scalar.file->text();
  if (!scalar.is_scalar() || scalar.offset >= source.size()) return scalar.offset;
  offset = std::min(offset, scalar.text.size());
  std::optional<size_t> found;
  const char first = source[scalar.offset];
  if (scalar.plain) {
    found = walk_flow(scalar.text, offset, source, scalar.offset, 0);
  } else if (first == '|' || first == '>') {
    found = walk_block(scalar.text, offset, source, scalar.offset);
  } else {
    found = walk_flow(scalar.text, offset, source, scalar.offset + 1, first);
  }
  return found.value_or(scalar.offset);
}

}  // namespace fengsui::rules
