// A PackDiff for a reader, and for a program.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "author/aligned_columns.h"
#include "author/pack_diff.h"

namespace fengsui::author {
namespace {

using nlohmann::ordered_json;

constexpr size_t kFates = std::size(kAlertFateNames);
// Alerts of a fate, and areas, that are named; the counts are of all.
constexpr size_t kSamplesMax = 10;
constexpr size_t kAreasMax = 20;
constexpr const char* kNoArea = "(none)";

using Counts = std::array<size_t, kFates>;

const PastAlert& newest(const AlertPair& pair) {
  return pair.after != nullptr ? *pair.after : *pair.before;
}

const rules::Rule& rule_of(const AlertPair& pair, const PackDiff& diff) {
  return pair.after != nullptr ? diff.after->rule(pair.after->rule)
                               : diff.before->rule(pair.before->rule);
}

size_t changes(const Counts& counts) {
  size_t sum = 0;
  for (size_t i = 1; i < kFates; ++i) sum += counts[i];
  return sum;
}

const char* grade_name(rules::Grade grade) {
  return rules::kGradeNames[static_cast<size_t>(grade)];
}

const char* grade_name(const PastAlert* alert) {
  return alert == nullptr ? "-" : grade_name(alert->grade);
}

struct Tally {
  Counts all{};
  std::map<std::string, Counts> by_rule, by_area;
  std::array<std::array<size_t, 2>, std::size(rules::kGradeNames)> grades{};  // old, new

  explicit Tally(const PackDiff& diff) {
    for (const AlertPair& pair : diff.alerts) {
      const size_t fate = static_cast<size_t>(pair.fate);
      ++all[fate];
      ++by_rule[rule_of(pair, diff).id][fate];
      ++by_area[newest(pair).area.value_or(kNoArea)][fate];
      if (pair.before != nullptr) ++grades[static_cast<size_t>(pair.before->grade)][0];
      if (pair.after != nullptr) ++grades[static_cast<size_t>(pair.after->grade)][1];
    }
  }
};

ordered_json group_json(const PastAlert& alert, const rules::Rule& rule) {
  ordered_json group = ordered_json::object();
  if (!rule.has_by) return group;
  for (size_t i = 0; i < rule.group_names.size() && i < alert.group.size(); ++i) {
    std::string text;
    cel::append_json(text, alert.group[i]);
    group[rule.group_names[i]] = ordered_json::parse(text);
  }
  return group;
}

std::vector<const AlertPair*> samples(const PackDiff& diff, AlertFate fate) {
  std::vector<const AlertPair*> found;
  for (const AlertPair& pair : diff.alerts) {
    if (pair.fate == fate && found.size() < kSamplesMax) found.push_back(&pair);
  }
  return found;
}

using Rows = std::vector<std::vector<std::string>>;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

size_t open_before(const PackDiff& diff, const std::string& id) {
  for (const auto& rule : diff.before->rules) {
    if (rule->id == id) return diff.alerts_before.open_of(rule->index);
  }
  return 0;
}

std::string rules_text(const PackDiff& diff, const std::vector<std::string>& tables) {
  std::array<size_t, std::size(kRuleFateNames)> counts{};
  Rows rows;
  for (const RuleChange& change : diff.rules) {
    const size_t fate = static_cast<size_t>(change.fate);
    ++counts[fate];
    if (change.fate == RuleFate::Kept && change.changed.empty()) continue;
    std::string what = joined(change.changed);
    if (change.fate == RuleFate::Kept) what = "changed without touching state: " + what;
    if (change.fate == RuleFate::Fresh) what = "starts afresh: " + what;
    const bool ends = change.fate == RuleFate::Fresh || change.fate == RuleFate::Removed;
    if (const size_t open = ends ? open_before(diff, change.rule) : 0; open > 0) {
      what += (what.empty() ? "" : "; ") + std::to_string(open) + " open at the end would clear";
    }
    rows.push_back({"  " + std::string(kRuleFateNames[fate]), change.rule, what});
  }
  std::string out = "rules:";
  for (size_t i = 0; i < counts.size(); ++i) {
    out += (i > 0 ? ", " : " ") + std::to_string(counts[i]) + " " + kRuleFateNames[i];
  }
  out += "\n" + as_table(rows);
  if (!tables.empty()) out += "tables that change without touching rules: " + joined(tables) + "\n";
  return out;
}

std::string counts_text(const char* title, const std::map<std::string, Counts>& by, size_t most) {
  std::vector<std::pair<std::string, Counts>> changed;
  for (const auto& [name, counts] : by) {
    if (changes(counts) > 0) changed.emplace_back(name, counts);
  }
  if (changed.empty()) return {};
  std::stable_sort(changed.begin(), changed.end(), [](const auto& a, const auto& b) {
    return changes(a.second) > changes(b.second);
  });
  Rows rows{{title}};
  for (const char* fate : kAlertFateNames) rows[0].emplace_back(fate);
  for (size_t i = 0; i < std::min(changed.size(), most); ++i) {
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back("  " + changed[i].first);
    for (const size_t count : changed[i].second) row.push_back(std::to_string(count));
  }
  std::string out = "\n" + as_table(rows, 1);
  if (changed.size() > most) out += "  … and " + std::to_string(changed.size() - most) + " more\n";
  return out;
}

std::string grades_text(const Tally& tally) {
  Rows rows{{"grade", "old", "new"}};
  for (size_t grade = std::size(rules::kGradeNames) - 1; grade > 0; --grade) {
    rows.push_back({std::string("  ") + rules::kGradeNames[grade],
                    std::to_string(tally.grades[grade][0]),
                    std::to_string(tally.grades[grade][1])});
  }
  return "\n" + as_table(rows, 1);
}

std::string samples_text(const PackDiff& diff, AlertFate fate, size_t all) {
  if (all == 0 || fate == AlertFate::Same) return {};
  Rows rows;
  for (const AlertPair* pair : samples(diff, fate)) {
    const PastAlert& alert = newest(*pair);
    const rules::Rule& rule = rule_of(*pair, diff);
    std::string grades = grade_name(&alert);
    if (fate == AlertFate::Regraded) {
      grades = std::string(grade_name(pair->before)) + " -> " + grade_name(pair->after);
    }
    std::string when = format_event_time(alert.opened);
    if (pair->before != nullptr && pair->after != nullptr &&
        pair->before->opened != pair->after->opened) {
      when = format_event_time(pair->before->opened) + " -> " + when;
    }
    rows.push_back({"  " + when, rule.id, grades, group_json(alert, rule).dump(), alert.alert});
  }
  std::string out = std::string("\n") + kAlertFateNames[static_cast<size_t>(fate)] + ":\n";
  out += as_table(rows);
  if (all > rows.size()) out += "  … and " + std::to_string(all - rows.size()) + " more\n";
  return out;
}

ordered_json records_json(const pipeline::RecordCounters& records) {
  return {{"read", records.read},
          {"processed", records.processed},
          {"duplicate", records.duplicate},
          {"late", records.late},
          {"dead_letter", records.dead_letter}};
}

ordered_json counts_json(const Counts& counts) {
  ordered_json out;
  for (size_t i = 0; i < kFates; ++i) out[kAlertFateNames[i]] = counts[i];
  return out;
}

ordered_json alert_json(const PastAlert& alert, const rules::Rule& rule) {
  ordered_json out{{"alert", alert.alert},
                   {"grade", grade_name(alert.grade)},
                   {"opened", format_event_time(alert.opened)},
                   {"group", group_json(alert, rule)},
                   {"area", alert.area ? ordered_json(*alert.area) : ordered_json()}};
  if (alert.message) out["message"] = *alert.message;
  return out;
}

ordered_json rules_json(const PackDiff& diff) {
  ordered_json rules = ordered_json::array();
  for (const RuleChange& change : diff.rules) {
    rules.push_back({{"rule", change.rule},
                     {"state", kRuleFateNames[static_cast<size_t>(change.fate)]},
                     {"changed", change.changed},
                     {"open", open_before(diff, change.rule)}});
  }
  return rules;
}

}  // namespace

std::string as_text(const PackDiff& diff, const std::vector<std::string>& tables) {
  const Tally tally(diff);
  std::string out = rules_text(diff, tables);
  const pipeline::RecordCounters& records = diff.records_after;
  out += "\nalerts over " + std::to_string(records.read) + " records: ";
  for (size_t i = 0; i < kFates; ++i) {
    out += (i > 0 ? ", " : "") + std::to_string(tally.all[i]) + " " + kAlertFateNames[i];
  }
  out += "\n";
  if (diff.records_before.processed != records.processed) {
    out += "the old pack processes " + std::to_string(diff.records_before.processed) +
           " of them, the new one " + std::to_string(records.processed) + "\n";
  }
  out += grades_text(tally);
  out += counts_text("by rule", tally.by_rule, SIZE_MAX);
  out += counts_text("by area", tally.by_area, kAreasMax);
  for (size_t i = 0; i < kFates; ++i) {
    out += samples_text(diff, static_cast<AlertFate>(i), tally.all[i]);
  }
  return out;
}

std::string as_json(const PackDiff& diff, const std::vector<std::string>& tables) {
  const Tally tally(diff);
  ordered_json out{
      {"old", {{"hash", diff.before->hash}, {"records", records_json(diff.records_before)}}},
      {"new", {{"hash", diff.after->hash}, {"records", records_json(diff.records_after)}}},
      {"rules", rules_json(diff)},
      {"tables", tables},
      {"alerts", counts_json(tally.all)}};
  ordered_json& grades = out["grades"] = ordered_json::object();
  for (size_t grade = std::size(rules::kGradeNames) - 1; grade > 0; --grade) {
    grades[rules::kGradeNames[grade]] = {{"old", tally.grades[grade][0]},
                                         {"new", tally.grades[grade][1]}};
  }
  ordered_json& by_rule = out["by_rule"] = ordered_json::object();
  for (const auto& [rule, counts] : tally.by_rule) by_rule[rule] = counts_json(counts);
  ordered_json& by_area = out["by_area"] = ordered_json::object();
  for (const auto& [area, counts] : tally.by_area) {
    if (changes(counts) > 0) by_area[area == kNoArea ? "" : area] = counts_json(counts);
  }
  ordered_json& named = out["samples"] = ordered_json::object();
  for (size_t i = 1; i < kFates; ++i) {
    ordered_json& list = named[kAlertFateNames[i]] = ordered_json::array();
    for (const AlertPair* pair : samples(diff, static_cast<AlertFate>(i))) {
      const rules::Rule& rule = rule_of(*pair, diff);
      ordered_json sample{{"rule", rule.id}};
      if (pair->before != nullptr) sample["old"] = alert_json(*pair->before, rule);
      if (pair->after != nullptr) sample["new"] = alert_json(*pair->after, rule);
      list.push_back(std::move(sample));
    }
  }
  return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace fengsui::author
