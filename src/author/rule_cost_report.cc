// Costs of rules, for people and for programs.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "author/aligned_columns.h"
#include "author/rule_cost.h"

namespace fengsui::author {
namespace {

using nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

std::string number(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string milliseconds(std::chrono::nanoseconds time) {
  return number(static_cast<double>(time.count()) / 1e6, 1);
}

double each(double sum, uint64_t count) {
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

double nanoseconds_an_event(const RuleCost& cost, uint64_t events) {
  return each(static_cast<double>((cost.matching + cost.window).count()), events);
}

std::string dump(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string as_text(const std::vector<RuleCost>& costs, uint64_t events) {
  Rows rows{{"rule", "ns/event", "match ms", "window ms", "matches", "hits", "groups", "most",
             "state KiB"}};
  RuleCost sum;
  for (const RuleCost& cost : costs) {
    rows.push_back({cost.rule, number(nanoseconds_an_event(cost, events), 0),
                    milliseconds(cost.matching), milliseconds(cost.window),
                    std::to_string(cost.matches), std::to_string(cost.hits),
                    std::to_string(cost.groups), std::to_string(cost.groups_most),
                    number(static_cast<double>(cost.state_bytes) / 1024, 1)});
    sum.matching += cost.matching;
    sum.window += cost.window;
    sum.state_bytes += cost.state_bytes;
  }
  return as_table(rows, 1) + "\n" + std::to_string(events) + " events, " +
         number(nanoseconds_an_event(sum, events), 0) + " ns an event for " +
         std::to_string(costs.size()) + " rules, " +
         number(static_cast<double>(sum.state_bytes) / 1024, 1) + " KiB of state\n";
}

std::string as_text(const std::vector<RuleEstimate>& estimates) {
  Rows rows{{"rule", "keeps", "bytes/event", "bytes/group", "grows with"}};
  for (const RuleEstimate& rule : estimates) {
    std::string grows;
    for (const std::string& one : rule.grows_with) grows += (grows.empty() ? "" : "; ") + one;
    rows.push_back({rule.rule, rule.keeps,
                    rule.bytes_an_event == 0 ? "-" : std::to_string(rule.bytes_an_event),
                    rule.bytes_a_group == 0 ? "-" : std::to_string(rule.bytes_a_group), grows});
  }
  return as_table(rows) +
         "\nestimates for texts of 32 bytes; name a file of events to measure time and state\n";
}

std::string as_json(const std::vector<RuleCost>& costs, uint64_t events) {
  ordered_json rules = ordered_json::array();
  for (const RuleCost& cost : costs) {
    rules.push_back({{"rule", cost.rule},
                     {"ns_per_event", nanoseconds_an_event(cost, events)},
                     {"match_ns", cost.matching.count()},
                     {"window_ns", cost.window.count()},
                     {"asked", cost.asked},
                     {"matches", cost.matches},
                     {"evaluations", cost.evaluations},
                     {"hits", cost.hits},
                     {"records", cost.records},
                     {"groups", cost.groups},
                     {"groups_most", cost.groups_most},
                     {"state_bytes", cost.state_bytes}});
  }
  return dump({{"events", events}, {"rules", std::move(rules)}});
}

std::string as_json(const std::vector<RuleEstimate>& estimates) {
  ordered_json rules = ordered_json::array();
  for (const RuleEstimate& rule : estimates) {
    rules.push_back({{"rule", rule.rule},
                     {"keeps", rule.keeps},
                     {"span", format_duration(rule.span)},
                     {"bytes_per_event", rule.bytes_an_event},
                     {"bytes_per_group", rule.bytes_a_group},
                     {"grows_with", rule.grows_with}});
  }
  return dump({{"rules", std::move(rules)}});
}

}  // namespace fengsui::author
