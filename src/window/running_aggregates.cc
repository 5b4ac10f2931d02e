#include "window/running_aggregates.h"

#include <variant>

namespace fengsui::window {

void RunningAggregates::start(const rules::Rule& rule) {
  rule_ = &rule;
  running_.clear();
  for (const rules::Let& let : rule.lets) {
    if (const auto* aggregate = std::get_if<rules::Aggregate>(&let.value)) {
      running_.emplace_back(*aggregate);
    }
  }
}

void RunningAggregates::stop() {
  rule_ = nullptr;
  running_ = std::vector<RunningAggregate>();  // its room goes too
}

void RunningAggregates::add(const Entry& entry) {
  for (RunningAggregate& aggregate : running_) aggregate.add(entry);
}

void RunningAggregates::remove(const Entry& entry) {
  for (RunningAggregate& aggregate : running_) aggregate.remove(entry);
}

std::vector<cel::Value> RunningAggregates::values() const {
  std::vector<cel::Value> values(rule_->lets.size());
  size_t next = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::holds_alternative<rules::Aggregate>(rule_->lets[i].value)) {
      values[i] = running_[next++].value();
    }
  }
  return values;
}

std::vector<cel::Value> aggregates_over(const rules::Rule& rule, const EntrySpan& entries) {
  std::vector<cel::Value> values(rule.lets.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const auto* aggregate = std::get_if<rules::Aggregate>(&rule.lets[i].value);
    if (aggregate == nullptr) continue;
    if (aggregate->function == rules::Aggregate::Function::Count && aggregate->where < 0) {
      values[i] = cel::Value::integer(static_cast<int64_t>(entries.size()));
      continue;
    }
    RunningAggregate running(*aggregate);
    for (const Entry& entry : entries) running.add(entry);
    values[i] = running.value();
  }
  return values;
}

}  // namespace fengsui::window
