// Named conditions (defs/*.yaml): each is put in, in brackets, where its name stands (rules.md, "A
// rule pack"). That is done to trees, so a rule that says a def's name and one that has its text
// are the same rule.
//
// A def hides a field of its name; a macro's variable and a `let` hide a def.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cel/syntax.h"
#include "rules/placed_expression.h"

namespace fengsui::rules {

// With all its defs put in, no expression has more nodes.
inline constexpr size_t kExpandedNodesMax = 64 * 1024;

class Definitions {
 public:
  // Takes a file's tree, which outlives this.
  void read(const YamlNode& document, Findings& findings);
  // Once all are read: what they are made of, in turn.
  void settle(Findings& findings);

  bool contains(std::string_view name) const { return defs_.contains(name); }
  std::vector<std::string> names() const;

  // With defs put in, but for names in `hiding`; nullopt with a finding: it has grown too large.
  // Marks the defs as used.
  std::optional<PlacedExpression> put_in(PlacedExpression expression,
                                         const std::set<std::string>& hiding, Findings& findings);
  // To be called once all rules are compiled.
  void warn_of_unused(Findings& findings) const;

 private:
  using NodePtr = std::shared_ptr<const cel::Node>;
  struct Def {
    const YamlNode* name = nullptr;
    const YamlNode* value = nullptr;
    NodePtr tree;                // as written; null: it cannot be used
    std::set<std::string> uses;  // defs whose names stand in it
    size_t nodes = 0;            // with all its defs put in
    int depth = 0;
  };
  struct Hidden;
  struct Grown;

  void add(const YamlNode& name, const YamlNode& value, Findings& findings);
  void collect_uses(const cel::Node& node, Hidden& hidden, std::set<std::string>& uses) const;
  void find_cycles(Findings& findings);
  void measure(Def& def, Findings& findings);
  // The def that a name stands for; usable: and that can be put in.
  const Def* named(const cel::Node& node, const Hidden& hidden) const;
  const Def* usable(const cel::Node& node, const Hidden& hidden) const;
  NodePtr expand(const NodePtr& node, Hidden& hidden, const cel::Node* place,
                 PlacedExpression& expression);
  Grown grown(const cel::Node& node, Hidden& hidden) const;

  std::map<std::string, Def, std::less<>> defs_;
  std::set<std::string> used_;  // by rules, under their own names
};

}  // namespace fengsui::rules
