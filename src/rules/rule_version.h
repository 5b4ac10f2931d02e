// A rule's version: a hash over what decides its state (rules.md, "Changing a running pack"), and
// nothing else. A stored state belongs to one.
#pragma once

#include <map>
#include <string>

#include "rules/rule_spec.h"
#include "rules/source_compiler.h"

namespace fengsui::rules {

class RuleVersion {
 public:
  // Window, baseline, order, and of a sequence what is not in its steps' sources.
  explicit RuleVersion(const RuleSpec& spec);

  // In order of the sources. Defs are in the fingerprints: they are part of the trees.
  void add(const std::string& type, const CompiledSource& source);
  void add_aggregates(const std::map<std::string, std::string>& by_name, bool read_person);
  // A step's `when`, as far as it reads earlier steps.
  void add_condition(const std::string& fingerprint, bool reads_person);

  // Tokens are those of the purpose: it counts where a person's name decides the state.
  std::string text(const std::string& purpose) const;

 private:
  std::string bytes_;
  bool reads_person_ = false;
};

}  // namespace fengsui::rules
