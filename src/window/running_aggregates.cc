#include "window/running_aggregates.h"

#include <variant>

namespace fengsui::window {
namespace {

// `value`: of the rule's aggregates, in order of the lets.
template <class ValueOf>
AggregateValues values_of(const rules::Rule& rule, Room& room, const ValueOf& value) {
  std::vector<cel::Value>& values = room.aggregates;
  values.resize(rule.lets.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const auto* aggregate = std::get_if<rules::Aggregate>(&rule.lets[i].value);
    values[i] = aggregate == nullptr ? cel::Value() : value(*aggregate);
  }
  return values;
}

}  // namespace

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

AggregateValues RunningAggregates::values(const EntrySpan& over) {
  auto running = running_.begin();
  return values_of(*rule_, over.room(),
                   [&](const rules::Aggregate&) { return (running++)->value(over); });
}

AggregateValues RunningAggregates::values_seen(const rules::Rule& rule, const EntrySpan& all,
                                               size_t running_from, size_t from, size_t to) {
  const EntrySpan seen = all.subspan(from, to - from);
  const bool overlap = started() && from <= running_from && running_from < to;
  // Whatever is not in both is gone over twice.
  if (!overlap || 2 * (running_from - from + all.size() - to) >= seen.size()) {
    return aggregates_over(rule, seen);
  }
  const LookBack back{.older = all.subspan(from, running_from - from),
                      .both = all.subspan(running_from, to - running_from),
                      .newer = all.subspan(to),
                      .seen = seen};
  auto running = running_.begin();
  return values_of(rule, all.room(),
                   [&](const rules::Aggregate&) { return (running++)->value_seen(back); });
}

AggregateValues aggregates_over(const rules::Rule& rule, const EntrySpan& entries) {
  return values_of(rule, entries.room(), [&](const rules::Aggregate& aggregate) {
    return value_over(aggregate, entries);
  });
}

}  // namespace fengsui::window
