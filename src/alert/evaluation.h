// One evaluation of a rule: its lets in order, then the highest grade that holds.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cel/tables.h"
#include "cel/value.h"
#include "rules/rule_set.h"

namespace fengsui::alert {

struct Evaluation {
  // [captures of the newest event…, baseline…, lets…]: what grades and message parts read. A let
  // that errs is an error in its slot.
  std::vector<cel::Value> row;
  rules::Grade grade = rules::Grade::None;  // None: no hit
  size_t let_errors = 0;
};

// `captures`: of the newest event of the window; of a sequence, the match's row. `aggregates`: by
// let, null for programs. `baseline`: mean, stddev and samples, of a rule that has one.
Evaluation evaluate(const rules::Rule& rule, const cel::Tables& tables,
                    std::span<const cel::Value> captures, std::span<cel::Value> aggregates,
                    std::span<const cel::Value> baseline = {});

// The same into an evaluation whose memory is used again.
void evaluate(const rules::Rule& rule, const cel::Tables& tables,
              std::span<const cel::Value> captures, std::span<cel::Value> aggregates,
              std::span<const cel::Value> baseline, Evaluation& evaluation);

// Whether lets or grades read captures: else evaluate() may be given none, and what it leaves in
// their places in the row is nobody's.
bool reads_captures(const rules::Rule& rule);

// The rule's message for this evaluation. A part that errs, or has no string(), is printed as it
// stands. Requires: rule.has_message.
std::string render_message(const rules::Rule& rule, const cel::Tables& tables,
                           std::span<const cel::Value> row);

}  // namespace fengsui::alert
