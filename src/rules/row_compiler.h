// Behind the log, of a rule over events or a window: lets, grades and message, and the captures
// that they and the aggregates' arguments need (rule_set.h says what a row is).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rules/aggregates.h"
#include "rules/row_expressions.h"
#include "rules/scope.h"

namespace fengsui::rules {

// What is kept of each event: the same index means the same in every type.
class Captures {
 public:
  // The index of what has this key; `programs`: one a type, kept if the key is new.
  int add(const std::string& key, std::vector<cel::Program> programs);
  std::optional<int> find(const std::string& key) const;
  size_t size() const { return programs_.size(); }
  std::vector<cel::Program> of_type(size_t i) const;
  const std::vector<std::string>& keys() const { return keys_; }

 private:
  std::map<std::string, int> by_key_;
  std::vector<std::string> keys_;
  std::vector<std::vector<cel::Program>> programs_;
};

// The text of a capture's key that is stored: short, and of the purpose whose tokens it may hold.
std::string stored_key(const std::string& key, const std::string& purpose);

class RowCompiler {
 public:
  // `guaranteed`: by type, the optional fields known to be there in each event that counts.
  RowCompiler(const RuleSpec& spec, const Scope& scope, RuleExpressions& expressions,
              std::vector<std::set<std::string>> guaranteed)
      : spec_(spec),
        scope_(scope),
        expressions_(expressions),
        guaranteed_(std::move(guaranteed)),
        row_(spec, expressions, {}) {}

  // Sets captures, lets, grades, message, baseline and area_capture of the rule; of the sources
  // their captures. What has a finding is left out.
  void compile(Rule& rule);

  // For the rule's version: name, function, argument and condition of each aggregate, by name.
  std::map<std::string, std::string> aggregate_fingerprints() const;
  // An aggregate reads a field that names a person.
  bool aggregates_read_person() const { return aggregates_read_person_; }

 private:
  using ParsedLet = RowExpressions::ParsedLet;

  void compile_aggregate(ParsedLet& let);
  bool set_values(ParsedLet& let, const AggregateWord& word,
                  const std::vector<cel::Syntax>& arguments, const std::set<std::string>& guarded);
  std::optional<int> capture_argument(const PlacedExpression& argument, const cel::Type& wanted,
                                      const std::set<std::string>& also, cel::Type* type);
  void compile_baseline(Rule& rule);
  // Checks all that reads the row; `slots`: of paths, null: as in Scope::whole_row;
  // `first_let`: of the lets.
  void check_row(const std::map<std::string, int>* slots, size_t captures);
  void note_reads(const PlacedExpression& expression, const cel::Program& program);
  void capture_path(const std::string& path);
  int capture_area();
  void fill(Rule& rule) const;

  const RuleSpec& spec_;
  const Scope& scope_;
  RuleExpressions& expressions_;
  std::vector<std::set<std::string>> guaranteed_;
  RowExpressions row_;

  Captures captures_;
  bool aggregates_read_person_ = false;
  std::vector<std::string> paths_;  // of the scope: slot i of the first check is paths_[i]
  std::set<std::string> paths_read_;
  std::set<std::string> person_keys_;  // of captures that hold tokens of the rule's purpose
};

}  // namespace fengsui::rules
