#include "alert/evaluation.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace fengsui::alert {

Evaluation evaluate(const rules::Rule& rule, const cel::Tables& tables,
                    std::span<const cel::Value> captures, std::span<cel::Value> aggregates,
                    std::span<const cel::Value> baseline) {
  Evaluation evaluation;
  evaluate(rule, tables, captures, aggregates, baseline, evaluation);
  return evaluation;
}

void evaluate(const rules::Rule& rule, const cel::Tables& tables,
              std::span<const cel::Value> captures, std::span<cel::Value> aggregates,
              std::span<const cel::Value> baseline, Evaluation& evaluation) {
  INVARIANT(captures.size() == rule.captures || captures.empty());
  INVARIANT(aggregates.size() == rule.lets.size());
  INVARIANT(rule.captures + baseline.size() == rule.first_let());
  evaluation.grade = rules::Grade::None;
  evaluation.let_errors = 0;
  std::vector<cel::Value>& row = evaluation.row;
  row.resize(rule.row_size());
  std::copy(baseline.begin(), baseline.end(),
            std::copy(captures.begin(), captures.end(), row.begin()) +
                static_cast<ptrdiff_t>(rule.captures - captures.size()));
  for (size_t i = 0; i < rule.lets.size(); ++i) {
    cel::Value& value = row[rule.first_let() + i];
    if (const auto* program = std::get_if<cel::Program>(&rule.lets[i].value)) {
      value = program->evaluate(tables, row);
    } else {
      value = std::move(aggregates[i]);
    }
    if (value.is_error()) ++evaluation.let_errors;
  }
  for (const auto& [grade, condition] : rule.grades) {  // highest first
    if (condition && !condition->holds(tables, row)) continue;
    evaluation.grade = grade;
    break;
  }
}

bool reads_captures(const rules::Rule& rule) {
  const auto reads = [&rule](const cel::Program& program) {
    const std::vector<int>& slots = program.slots_read();
    return !slots.empty() && static_cast<size_t>(slots.front()) < rule.captures;  // ascending
  };
  for (const rules::Let& let : rule.lets) {
    const auto* program = std::get_if<cel::Program>(&let.value);
    if (program != nullptr && reads(*program)) return true;
  }
  return std::any_of(rule.grades.begin(), rule.grades.end(),
                     [&](const auto& grade) { return grade.second && reads(*grade.second); });
}

std::string render_message(const rules::Rule& rule, const cel::Tables& tables,
                           std::span<const cel::Value> row) {
  std::string message;
  for (const rules::MessagePart& part : rule.message) {
    message += part.text;
    if (!part.program) continue;
    const cel::Value value = part.program->evaluate(tables, row);
    const cel::Value text = value.is_error() ? value : cel::to_string(value);
    message += text.is_error() ? part.source : text.as_string();
  }
  return message;
}

}  // namespace fengsui::alert
