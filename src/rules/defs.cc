#include "rules/defs.h"

#include <algorithm>
#include <utility>

#include "rules/codes.h"
#include "rules/rule_names.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

using cel::Node;

std::string place_of(const YamlNode& node) {
  const SourceFile::Place place = node.file->place(node.offset);
  return node.file->path() + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

// `list.exists(x, …)`: its second child names a variable, seen by those behind it.
bool is_macro(const Node& node) {
  static const std::set<std::string> kMacros = {"all", "exists", "exists_one", "filter", "map"};
  return node.kind == Node::Kind::MethodCall && kMacros.contains(node.text) &&
         node.children.size() >= 2 && node.child(1).kind == Node::Kind::Name &&
         !node.child(1).absolute;
}

}  // namespace

// Names that stand for something else than a def where a node is.
struct Definitions::Hidden {
  const std::set<std::string>* lets = nullptr;
  std::vector<std::string> variables;  // of the macros round it
};

struct Definitions::Grown {
  size_t nodes = 0;
  int depth = 0;
  void add(const Grown& child) {
    nodes = std::min(nodes + child.nodes, kExpandedNodesMax + 1);
    depth = std::max(depth, child.depth + 1);
  }
};

void Definitions::read(const YamlNode& document, Findings& findings) {
  if (!expect_map(document, "a file of defs", findings)) return;
  refuse_unknown_keys(document, "a file of defs", {"defs"}, code::kUnknownKey, findings);
  const YamlNode* defs = require_key(document, "defs", "a file of defs", findings);
  if (defs == nullptr || !expect_map(*defs, "`defs`", findings)) return;
  for (size_t i = 0; i < defs->keys.size(); ++i) {
    if (defs->keys[i].is_scalar()) add(defs->keys[i], defs->items[i], findings);
  }
}

void Definitions::add(const YamlNode& name, const YamlNode& value, Findings& findings) {
  if (!expect_text(value, "the def `" + name.text + "`", findings)) return;
  if (!expect_name(name, "a condition", code::kDefName, findings)) return;
  if (name.text == "math") {  // math.ceil(x)
    error_at(name, code::kDefName, "`math` cannot name a condition", "the word is taken", findings);
    return;
  }
  const auto [entry, is_new] = defs_.emplace(name.text, Def{});
  if (!is_new) {
    error_at(name, code::kDefName, "the def `" + name.text + "` stands twice",
             "the other is at " + place_of(*entry->second.name), findings);
    return;
  }
  Def& def = entry->second;
  def.name = &name;
  def.value = &value;
  const std::optional<PlacedExpression> parsed = parse_expression(value, findings);
  if (parsed) def.tree = std::shared_ptr<const Node>(parsed->syntax.shared_root());
}

void Definitions::settle(Findings& findings) {
  find_cycles(findings);
  for (auto& [name, def] : defs_) measure(def, findings);
}

std::vector<std::string> Definitions::names() const {
  std::vector<std::string> names;
  for (const auto& [name, def] : defs_) names.push_back(name);
  return names;
}

const Definitions::Def* Definitions::named(const Node& node, const Hidden& hidden) const {
  if (node.kind != Node::Kind::Name) return nullptr;
  const auto found = defs_.find(node.text);
  if (found == defs_.end()) return nullptr;
  if (hidden.lets != nullptr && hidden.lets->contains(node.text)) return nullptr;
  const auto& variables = hidden.variables;
  const bool is_variable =
      !node.absolute && std::find(variables.begin(), variables.end(), node.text) != variables.end();
  return is_variable ? nullptr : &found->second;
}

const Definitions::Def* Definitions::usable(const Node& node, const Hidden& hidden) const {
  const Def* def = named(node, hidden);
  return def != nullptr && def->tree != nullptr ? def : nullptr;
}

Definitions::Grown Definitions::grown(const Node& node, Hidden& hidden) const {
  Grown out{1, 1};
  if (const Def* def = usable(node, hidden)) return {def->nodes, def->depth};
  const bool macro = is_macro(node);
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (macro && i == 1) {
      hidden.variables.push_back(node.child(1).text);
      out.add({1, 1});
      continue;
    }
    out.add(grown(node.child(i), hidden));
  }
  if (macro) hidden.variables.pop_back();
  return out;
}

void Definitions::collect_uses(const Node& node, Hidden& hidden,
                               std::set<std::string>& uses) const {
  if (named(node, hidden) != nullptr) uses.insert(node.text);
  const bool macro = is_macro(node);
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (macro && i == 1) hidden.variables.push_back(node.child(1).text);
    collect_uses(node.child(i), hidden, uses);
  }
  if (macro) hidden.variables.pop_back();
}

void Definitions::find_cycles(Findings& findings) {
  for (auto& [name, def] : defs_) {
    Hidden hidden;
    if (def.tree != nullptr) collect_uses(*def.tree, hidden, def.uses);
  }
  std::vector<const Def*> in_cycle;
  for (const auto& [name, def] : defs_) {
    // All that it is made of, in turn: is it itself among them?
    std::vector<std::string> next(def.uses.begin(), def.uses.end());
    std::set<std::string> seen(def.uses.begin(), def.uses.end());
    while (!next.empty()) {
      const Def& used = defs_.find(next.back())->second;
      next.pop_back();
      for (const std::string& use : used.uses) {
        if (seen.insert(use).second) next.push_back(use);
      }
    }
    if (seen.contains(name)) in_cycle.push_back(&def);
  }
  for (const Def* def : in_cycle) {
    error_at(*def->name, code::kDefCycle, "the def `" + def->name->text + "` is made of itself",
             "write it out where it stands", findings);
    defs_.find(def->name->text)->second.tree = nullptr;
  }
}

void Definitions::measure(Def& def, Findings& findings) {
  if (def.tree == nullptr || def.nodes > 0) return;
  for (const std::string& use : def.uses) measure(defs_.find(use)->second, findings);
  Hidden hidden;
  const Grown size = grown(*def.tree, hidden);
  def.nodes = size.nodes;
  def.depth = size.depth;
  if (size.nodes <= kExpandedNodesMax && size.depth <= cel::kExpressionDepthMax) return;
  error_at(*def.name, code::kDefTooLarge,
           "the def `" + def.name->text + "` is too large with all that it is made of", {},
           findings);
  def.tree = nullptr;
}

Definitions::NodePtr Definitions::expand(const NodePtr& node, Hidden& hidden, const Node* place,
                                         PlacedExpression& expression) {
  if (const Def* def = usable(*node, hidden)) {
    const Node& at = place != nullptr ? *place : *node;
    expression.defs[at.offset] =
        "it stands in the def `" + node->text + "` at " + place_of(*def->name);
    return expand(def->tree, hidden, &at, expression);
  }
  const bool macro = is_macro(*node);
  std::vector<NodePtr> children;
  bool same = place == nullptr;
  for (size_t i = 0; i < node->children.size(); ++i) {
    if (macro && i == 1) hidden.variables.push_back(node->child(1).text);
    children.push_back(expand(node->children[i], hidden, place, expression));
    same = same && children.back() == node->children[i];
  }
  if (macro) hidden.variables.pop_back();
  if (same) return node;
  auto out = std::make_shared<Node>(*node);
  if (place != nullptr) {
    out->offset = place->offset;
    out->end = place->end;
    out->place = place->place;
  }
  out->depth = 1;
  for (const NodePtr& child : children) out->depth = std::max(out->depth, child->depth + 1);
  out->children = std::move(children);
  return out;
}

std::optional<PlacedExpression> Definitions::put_in(PlacedExpression expression,
                                                    const std::set<std::string>& hiding,
                                                    Findings& findings) {
  if (defs_.empty()) return expression;
  Hidden hidden{&hiding, {}};
  collect_uses(expression.syntax.root(), hidden, used_);
  const Grown size = grown(expression.syntax.root(), hidden);
  if (size.nodes > kExpandedNodesMax || size.depth > cel::kExpressionDepthMax) {
    findings.error(*expression.scalar->file, expression.offset(expression.syntax.root().offset),
                   code::kDefTooLarge, "the expression is too large with all its defs put in");
    return std::nullopt;
  }
  const NodePtr root = expand(expression.syntax.shared_root(), hidden, nullptr, expression);
  expression.syntax = expression.syntax.with_root(root);
  return expression;
}

void Definitions::warn_of_unused(Findings& findings) const {
  std::set<std::string> used = used_;
  std::vector<std::string> next(used.begin(), used.end());
  while (!next.empty()) {
    const Def& def = defs_.find(next.back())->second;
    next.pop_back();
    for (const std::string& use : def.uses) {
      if (used.insert(use).second) next.push_back(use);
    }
  }
  for (const auto& [name, def] : defs_) {
    if (used.contains(name) || def.tree == nullptr) continue;
    findings.warning(*def.name->file, def.name->offset, code::kDefUnused,
                     "no rule uses the def `" + name + "`");
  }
}

}  // namespace fengsui::rules
