#include "rules/lint_use.h"

#include <algorithm>
#include <optional>

#include "rules/codes.h"
#include "rules/csv.h"
#include "rules/placed_expression.h"

namespace fengsui::rules {
namespace {

using cel::Node;
using NodeKind = cel::Node::Kind;

// So many keys of a list are told one by one.
constexpr size_t kKeysToldMax = 5;

// "hazmat" of `lists.hazmat` or `lists.hazmat…`, if `folder` is "lists".
std::optional<std::string> name_in(const std::string& folder, const std::string& path) {
  if (!path.starts_with(folder + ".")) return std::nullopt;
  const std::string rest = path.substr(folder.size() + 1);
  return rest.substr(0, rest.find('.'));
}

std::optional<std::string> list_named(const Node& node) {
  const std::optional<std::string> path = field_path(node);
  return path ? name_in("lists", *path) : std::nullopt;
}

bool is_macro(const Node& node) {
  return node.kind == NodeKind::MethodCall &&
         (node.text == "all" || node.text == "exists" || node.text == "exists_one" ||
          node.text == "map" || node.text == "filter");
}

class UseCollector {
 public:
  UseCollector(const LintScope& scope, PackUse& use) : scope_(scope), use_(use) {}

  void visit(const Node& node, bool in_macro) {
    if (const std::optional<std::string> path = field_path(node)) return visit_path(*path);
    const bool looks_up = (node.kind == NodeKind::Binary && node.op == cel::Operator::In) ||
                          node.kind == NodeKind::Index;
    if (looks_up) {
      const bool is_in = node.kind == NodeKind::Binary;
      const std::optional<std::string> list = list_named(node.child(is_in ? 1 : 0));
      if (list) note_lookup(*list, node.child(is_in ? 0 : 1), in_macro);
    }
    if (node.kind == NodeKind::MethodCall && node.text == "mentionCount") {
      for (const auto& argument : node.children) {
        const std::optional<std::string> path = field_path(*argument);
        const auto name = path ? name_in("keywords", *path) : std::nullopt;
        if (name) use_.counted_keyword_sets.insert(*name);
      }
    }
    for (const auto& child : node.children) visit(*child, in_macro || is_macro(node));
  }

 private:
  void visit_path(const std::string& path) {
    if (const auto list = name_in("lists", path)) use_.lists[*list];
    if (const auto set = name_in("keywords", path)) use_.keyword_sets.insert(*set);
    const std::string first = path.substr(0, path.find('.'));
    if (scope_.is_def(first)) use_.defs.insert(first);
  }

  void note_lookup(const std::string& list, const Node& key, bool in_macro) {
    PackUse::ListUse& use = use_.lists[list];
    const std::vector<const event::Field*> fields =
        in_macro ? std::vector<const event::Field*>{} : scope_.fields_of(key);
    if (fields.empty()) {
      use.by_any_value = true;
    } else {
      use.by_fields.push_back(fields);
    }
  }

  const LintScope& scope_;
  PackUse& use_;
};

template <class Names>
bool is_read(const Names& names, const SourceFile& file) {
  return names.contains(stem(file));
}

}  // namespace

void note_use(const Node& root, const LintScope& scope, PackUse& use) {
  UseCollector(scope, use).visit(root, false);
}

void lint_unused(const LintInput& input, const std::map<std::string, const YamlNode*>& defs,
                 const PackUse& use, Findings& findings) {
  for (const auto& file : input.files->lists) {
    if (is_read(use.lists, *file)) continue;
    findings.warning(*file, 0, code::kUnusedList, "no rule reads `lists." + stem(*file) + "`",
                     "remove the file, or see which rule was to ask it");
  }
  for (const auto& file : input.files->keywords) {
    if (is_read(use.keyword_sets, *file)) continue;
    findings.warning(*file, 0, code::kUnusedKeywords,
                     "no rule reads `keywords." + stem(*file) + "`",
                     "remove the file, or see which rule was to look for its words");
  }
  for (const auto& [name, node] : defs) {
    if (use.defs.contains(name)) continue;
    findings.warning(*node->file, node->offset, code::kUnusedDef, "no rule uses `" + name + "`",
                     "remove it, or see which rule was to use it");
  }
  for (const SchemaSpec& schema : *input.schemas) {
    if (use.types.contains(schema.name)) continue;
    findings.warning(*schema.file, schema.offset, code::kUnreadSchema,
                     "no rule reads events of `" + schema.name + "`",
                     "its events are checked, counted and of no use to anyone");
  }
}

void lint_list_keys(const LintInput& input, const PackUse& use, Findings& findings) {
  for (const auto& file : input.files->lists) {
    const auto entry = use.lists.find(stem(*file));
    if (entry == use.lists.end() || entry->second.by_any_value || entry->second.by_fields.empty()) {
      continue;
    }
    Findings aside;  // told when the list was read
    size_t told = 0;
    for (const std::vector<CsvField>& row : read_csv(*file, aside).rows) {
      const CsvField& key = row.front();
      std::string why;
      const bool asked = std::any_of(
          entry->second.by_fields.begin(), entry->second.by_fields.end(),
          [&](const auto& fields) { return may_be(fields, cel::Value::string(key.text), why); });
      if (asked || ++told > kKeysToldMax) continue;
      findings.warning(*file, key.offset, code::kListKeyNever,
                       "no event can have the key `" + key.text + "`",
                       "the `" + why + "` of the field that rules look up here refuses it");
    }
    if (told > kKeysToldMax) {
      findings.warning(*file, 0, code::kListKeyNever,
                       "so are " + std::to_string(told - kKeysToldMax) + " more keys of this list");
    }
  }
}

}  // namespace fengsui::rules
