#include "author/rule_cost.h"

#include <algorithm>
#include <map>

#include "pipeline/shard_groups.h"
#include "window/aggregate.h"

namespace fengsui::author {
namespace {

using rules::Aggregate;

// What a text that an event holds is taken to need beyond its place in the value: more than fits
// into a std::string itself, less than most sources send.
constexpr size_t kTextBytes = 32;
// Time, arrival and name of an event as a window keeps it.
constexpr size_t kEntryBytes = 48;

const char* window_name(rules::WindowSpec::Kind kind) {
  using Kind = rules::WindowSpec::Kind;
  switch (kind) {
    case Kind::None:
      return "";
    case Kind::Sliding:
      return "sliding ";
    case Kind::Tumbling:
      return "tumbling ";
    case Kind::Hopping:
      return "hopping ";
    case Kind::Session:
      return "session ";
    case Kind::Count:
      return "count ";
  }
  return "";
}

// Of aggregates whose state grows with the window's events, what it grows with.
const char* growth(Aggregate::Function function) {
  using Function = Aggregate::Function;
  switch (function) {
    case Function::Distinct:
    case Function::ApproxDistinct:
    case Function::Min:
    case Function::Max:
    case Function::Percentile:
    case Function::Top:
      return "its distinct values";
    case Function::First:
    case Function::Last:
    case Function::Speed:
      return "its events";
    default:
      return nullptr;
  }
}

size_t entry_bytes(const rules::Rule& rule) {
  return kEntryBytes + rule.captures * kTextBytes;
}

RuleEstimate estimate_of(const rules::Rule& rule) {
  RuleEstimate estimate;
  estimate.rule = rule.id;
  if (rule.sequence) {
    const size_t steps = rule.sequence->steps.size();
    estimate.keeps = "sequence of " + std::to_string(steps) + " steps within " +
                     format_duration(rule.sequence->within);
    estimate.span = rule.sequence->within;
    estimate.bytes_an_event = entry_bytes(rule);
  } else if (rule.has_window()) {
    const rules::WindowSpec& window = rule.window;
    estimate.keeps = window_name(window.kind);
    if (window.kind == rules::WindowSpec::Kind::Count) {
      estimate.keeps += std::to_string(window.count) + " within ";
    }
    estimate.keeps += format_duration(window.length);
    estimate.span = window.most ? *window.most : window.length;
    if (rule.baseline) {
      estimate.keeps += ", baseline over " + std::to_string(rule.baseline->keep) + " x " +
                        format_duration(rule.baseline->every);
    }
    estimate.bytes_an_event = entry_bytes(rule);
  } else {
    estimate.keeps = rule.quiet > Duration{0} ? "its open alert" : "nothing";
    estimate.span = rule.quiet;
  }
  for (const rules::Let& let : rule.lets) {
    const auto* aggregate = std::get_if<Aggregate>(&let.value);
    if (aggregate == nullptr) continue;
    estimate.bytes_a_group += sizeof(window::RunningAggregate);
    if (const char* with = growth(aggregate->function)) {
      estimate.grows_with.push_back("let " + let.name + ": " + with);
    }
  }
  const bool has_group = estimate.bytes_an_event > 0 || rule.quiet > Duration{0};
  if (!has_group) return estimate;
  estimate.bytes_a_group +=
      sizeof(pipeline::ShardGroup) + 2 * kTextBytes * std::max<size_t>(rule.group_names.size(), 1);
  return estimate;
}

}  // namespace

CostMeter::CostMeter(const rules::RuleSet& rules, const Clock& clock)
    : rules_(rules), clock_(clock), costs_(rules.rules.size()) {
  for (size_t i = 0; i < costs_.size(); ++i) costs_[i].rule = rules.rules[i]->id;
}

void CostMeter::asking(const rules::Rule&) { asking_since_ = clock_.monotonic(); }

void CostMeter::asked(const Asked& asked) {
  RuleCost& cost = costs_[value_of(asked.rule.index)];
  cost.matching += clock_.monotonic() - asking_since_;
  ++cost.asked;
  if (asked.answer == Answer::Matched) ++cost.matches;
}

void CostMeter::begins(const rules::Rule&) { working_since_ = clock_.monotonic(); }

void CostMeter::ends(const rules::Rule& rule) {
  costs_[value_of(rule.index)].window += clock_.monotonic() - working_since_;
}

void CostMeter::evaluated(const Evaluated& evaluated) {
  RuleCost& cost = costs_[value_of(evaluated.rule.index)];
  ++cost.evaluations;
  if (evaluated.evaluation.grade != rules::Grade::None) ++cost.hits;
}

void CostMeter::recorded(const rules::Rule& rule, const alert::Record&) {
  ++costs_[value_of(rule.index)].records;
}

void CostMeter::look_at(const pipeline::Shard& shard) {
  for (size_t i = 0; i < costs_.size(); ++i) {
    costs_[i].groups = shard.groups_of(rules_.rules[i]->index);
    costs_[i].groups_most = std::max(costs_[i].groups_most, costs_[i].groups);
  }
}

std::vector<RuleCost> CostMeter::result(pipeline::Shard& shard) {
  look_at(shard);
  std::map<uint64_t, size_t> by_key;
  for (size_t i = 0; i < costs_.size(); ++i) by_key[rules_.rules[i]->state_key] = i;
  // Nothing has been written yet, so that all groups have something to write.
  shard.dirty(
      [&](const pipeline::Shard::DirtyGroup& group) {
        uint64_t state_key = 0;
        std::string_view values;
        if (!pipeline::parse_group_key(group.key, state_key, values)) return;
        const auto rule = by_key.find(state_key);
        if (rule == by_key.end()) return;
        costs_[rule->second].state_bytes += group.key.size() + group.value.size();
      },
      /*clear=*/false);
  std::vector<RuleCost> sorted;
  for (size_t i = 0; i < costs_.size(); ++i) {
    if (rules_.rules[i]->mode != rules::Mode::Disabled) sorted.push_back(costs_[i]);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const RuleCost& a, const RuleCost& b) {
    return a.matching + a.window > b.matching + b.window;
  });
  return sorted;
}

std::vector<RuleEstimate> estimate(const rules::RuleSet& rules) {
  std::vector<RuleEstimate> estimates;
  for (const auto& rule : rules.rules) {
    if (rule->mode != rules::Mode::Disabled) estimates.push_back(estimate_of(*rule));
  }
  return estimates;
}

}  // namespace fengsui::author
