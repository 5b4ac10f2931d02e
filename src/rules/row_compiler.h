// Behind the log: lets, grades and message of a rule, and the captures that they and the
// aggregates' arguments need (rule_set.h says what a row is).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rules/aggregates.h"
#include "rules/rule_expressions.h"
#include "rules/rule_spec.h"
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

 private:
  std::map<std::string, int> by_key_;
  std::vector<std::vector<cel::Program>> programs_;
};

class RowCompiler {
 public:
  // `guaranteed`: by type, the optional fields known to be there in each event that counts.
  RowCompiler(const RuleSpec& spec, const Scope& scope, RuleExpressions& expressions,
              std::vector<std::set<std::string>> guaranteed, Findings& findings)
      : spec_(spec),
        scope_(scope),
        expressions_(expressions),
        guaranteed_(std::move(guaranteed)),
        findings_(findings) {}

  // Sets captures, lets, grades, message and area_capture of the rule; of the sources their
  // captures. What has a finding is left out.
  void compile(Rule& rule);

  // For the rule's version: name, function, argument and condition of each aggregate, by name.
  std::map<std::string, std::string> aggregate_fingerprints() const;

 private:
  struct ParsedLet {
    const LetSpec* spec = nullptr;
    std::optional<PlacedExpression> expression;
    std::optional<Aggregate> aggregate;
    std::string fingerprint;  // of an aggregate
    cel::Type type;
    std::optional<cel::Program> program;
  };
  struct ParsedPart {
    std::string text;
    std::optional<PlacedExpression> expression;
    std::string source;
    std::optional<cel::Program> program;
  };

  void parse_lets();
  void parse_message();
  bool parse_part(size_t& at, ParsedPart& part);
  void check_name(const YamlNode& name);
  void compile_aggregate(ParsedLet& let, const AggregateWord& word);
  std::optional<int> capture_argument(const PlacedExpression& argument, const cel::Type& wanted,
                                      const std::set<std::string>& also, cel::Type* type);
  // Checks all that reads the row; `slots`: of paths, `first_let`: of the lets.
  void check_row(const std::map<std::string, int>& slots, int first_let, bool note_reads);
  void note_reads(const PlacedExpression& expression, const std::optional<cel::Program>& program);
  void capture_path(const std::string& path);
  int capture_area();
  void warn_of_idle_grades();
  void fill(Rule& rule) const;

  const RuleSpec& spec_;
  const Scope& scope_;
  RuleExpressions& expressions_;
  std::vector<std::set<std::string>> guaranteed_;
  Findings& findings_;

  Captures captures_;
  std::vector<ParsedLet> lets_;
  std::vector<std::optional<PlacedExpression>> conditions_;  // one a grade
  std::vector<std::optional<cel::Program>> grades_;
  std::vector<ParsedPart> parts_;
  std::vector<std::string> paths_;  // of the scope: slot i of the first check is paths_[i]
  std::set<std::string> paths_read_;
};

}  // namespace fengsui::rules
