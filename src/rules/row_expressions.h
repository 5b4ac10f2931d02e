// The lets, grades and message of a rule as they are parsed, and checked against what they may
// read. What aggregates keep of events is another's business (row_compiler).
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rules/rule_expressions.h"
#include "rules/rule_spec.h"

namespace fengsui::rules {

class RowExpressions {
 public:
  struct ParsedLet {
    const LetSpec* spec = nullptr;
    std::optional<PlacedExpression> expression;
    bool is_aggregate = false;  // a call of one, standing alone
    std::optional<Aggregate> aggregate;
    std::string fingerprint;  // of an aggregate
    cel::Type type;
    std::optional<cel::Program> program;
  };

  // `names`: that hide a def beside those of lets.
  RowExpressions(const RuleSpec& spec, RuleExpressions& expressions, std::set<std::string> names);

  std::vector<ParsedLet>& lets() { return lets_; }
  const std::vector<ParsedLet>& lets() const { return lets_; }

  // Told of every expression that has a program.
  using Note = std::function<void(const PlacedExpression&, const cel::Program&)>;
  struct Place {
    cel::Environment of_lets, of_rest;  // without the lets
    int first_let = 0;                  // slot
    std::set<std::string> guaranteed;   // fields known to be there
  };
  void check(Place place, const Note& note);
  void warn_of_idle_grades();
  // Sets lets, grades and message. What has a finding is left out.
  void fill(Rule& rule) const;

 private:
  struct ParsedPart {
    std::string text;
    std::optional<PlacedExpression> expression;
    std::string source;
    std::optional<cel::Program> program;
  };

  void parse_lets();
  void parse_message();
  bool parse_part(size_t& at, ParsedPart& part);
  void check_part(ParsedPart& part, const Place& place, const Note& note);

  const RuleSpec& spec_;
  RuleExpressions& expressions_;
  std::set<std::string> hiding_;  // names that hide a def, of lets too once they are parsed
  std::vector<ParsedLet> lets_;
  std::vector<std::optional<PlacedExpression>> conditions_;  // one a grade
  std::vector<std::optional<cel::Program>> grades_;
  std::vector<ParsedPart> parts_;
};

}  // namespace fengsui::rules
