// A rule with `sequence`: its steps before the log, and behind it the row of a match (window_spec.h
// says what that is).
//
// A step's `when` is cut at its outermost `&&`: what reads the event alone decides before the log
// whether it is a match; what reads earlier steps is decided behind it, over the row.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/row_expressions.h"
#include "rules/rule_compiler.h"
#include "rules/rule_version.h"
#include "rules/source_compiler.h"

namespace fengsui::rules {

class SequenceCompiler {
 public:
  // `types`: of the steps, in order.
  SequenceCompiler(const RuleSpec& spec, const std::vector<const event::EventType*>& types,
                   const CompileContext& context, RuleExpressions& expressions);

  // Sets sequence, captures, lets, grades, message and area_capture; of `sources`, one a step,
  // all. What has a finding is left out.
  void compile(Rule& rule, std::vector<CompiledSource>& sources, RuleVersion& version);

 private:
  using Slots = std::map<std::string, int>;
  struct Step {
    const StepSpec* spec = nullptr;
    const Scope* scope = nullptr;  // of its type alone
    std::string name;              // of `as`; empty: none that can be read
    std::vector<std::string> paths;
    int first_slot = 0;  // of its paths, in the first check
    std::set<std::string> guaranteed;
    std::optional<PlacedExpression> alone, across;  // the two parts of `when`
    std::optional<cel::Program> condition;          // of `across`
    std::set<std::string> own_reads;                // of the event, by `across`
  };

  void check_names();
  void check_name(size_t i);
  void cut(Step& step, const PlacedExpression& when, const std::set<std::string>& earlier);
  void compile_step(size_t i, const Scope& all, CompiledSource& source);
  // Checks all that reads a match's row; `slots`: of each step's paths, `own`: of each step's event
  // that is tried alone, both null in the first check.
  void check(const std::vector<Slots>* slots, const std::vector<Slots>* own, int first_let);
  Slots first_slots(const Step& step) const;
  void declare_names(cel::Environment& environment, size_t before,
                     const std::vector<Slots>& slots) const;
  std::set<std::string> guaranteed_before(size_t step) const;
  void note_reads(const PlacedExpression& expression, const cel::Program& program, size_t own);
  void fill(Rule& rule, std::vector<CompiledSource>& sources);
  void capture(CompiledSource& source, const Step& step, const std::string& path, int slot) const;

  const RuleSpec& spec_;
  const CompileContext& context_;
  RuleExpressions& expressions_;
  std::vector<Step> steps_;
  std::vector<const event::EventType*> types_;
  size_t last_ = 0;                                     // the last present step
  std::set<std::pair<size_t, std::string>> row_reads_;  // (step, path)
  std::optional<RowExpressions> row_;
};

}  // namespace fengsui::rules
