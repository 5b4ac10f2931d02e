#include "rules/rule_names.h"

#include <algorithm>
#include <set>

namespace fengsui::rules {
namespace {

bool is_identifier(const std::string& name) {
  const auto is_letter = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool is_reserved(const std::string& name) {
  static const std::set<std::string> kReserved = {
      // cel-spec, "Syntax"
      "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in",
      "let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while",
      // rules.md, "Expressions"
      "baseline", "data", "event", "keywords", "lists"};
  return kReserved.contains(name);
}

}  // namespace

bool expect_name(const YamlNode& name, const std::string& what, std::string_view code,
                 Findings& findings) {
  const bool taken = is_reserved(name.text);
  if (is_identifier(name.text) && !taken) return true;
  findings.error(*name.file, name.offset, code, "`" + name.text + "` cannot name " + what,
                 taken ? "the word is taken" : "letters, digits and _");
  return false;
}

}  // namespace fengsui::rules
