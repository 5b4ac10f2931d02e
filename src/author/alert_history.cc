#include "author/alert_history.h"

#include <algorithm>
#include <map>
#include <utility>

#include "window/timers.h"

namespace fengsui::author {
namespace {

// Rule id and group: what a moved alert keeps.
std::string key_of(const PastAlert& alert, const rules::RuleSet& rules) {
  return rules.rule(alert.rule).id + '\0' + window::group_order(alert.group);
}

EventTime opening(const AlertPair& pair) {
  return pair.before != nullptr ? pair.before->opened : pair.after->opened;
}

bool overlap(const PastAlert& a, const PastAlert& b) {
  return a.opened <= b.last && b.opened <= a.last;
}

AlertPair paired(const PastAlert& before, const PastAlert& after, AlertFate same_grade) {
  return {before.grade == after.grade ? same_grade : AlertFate::Regraded, &before, &after};
}

}  // namespace

void AlertHistory::add(std::vector<alert::Record>& records) {
  for (alert::Record& record : records) {
    const auto found = by_id_.find(record.alert);
    if (record.kind == alert::RecordKind::Open) {
      // Without `quiet` an episode is its one hit, and no `clear` is sent.
      const bool is_moment = rules_->rule(record.rule).quiet == Duration{0};
      if (!is_moment) by_id_[record.alert] = alerts_.size();
      alerts_.push_back({.alert = std::move(record.alert),
                         .rule = record.rule,
                         .grade = record.grade,
                         .opened = record.time,
                         .last = is_moment ? record.time : kAfterAllTime,
                         .group = std::move(record.group),
                         .area = std::move(record.area),
                         .message = std::move(record.message)});
    } else if (found != by_id_.end()) {
      PastAlert& alert = alerts_[found->second];
      alert.grade = std::max(alert.grade, record.grade);
      if (record.kind != alert::RecordKind::Clear) continue;
      alert.last = record.last;
      by_id_.erase(found);
    }
  }
}

size_t AlertHistory::open_of(RuleIndex rule) const {
  return static_cast<size_t>(std::count_if(by_id_.begin(), by_id_.end(), [&](const auto& entry) {
    return alerts_[entry.second].rule == rule;
  }));
}

std::vector<AlertPair> pair_alerts(const AlertHistory& before, const AlertHistory& after) {
  std::vector<AlertPair> pairs;
  std::unordered_map<std::string_view, const PastAlert*> by_id;
  for (const PastAlert& alert : before.alerts()) by_id.emplace(alert.alert, &alert);
  std::vector<const PastAlert*> rest;
  for (const PastAlert& alert : after.alerts()) {
    const auto found = by_id.find(alert.alert);
    if (found == by_id.end()) {
      rest.push_back(&alert);
      continue;
    }
    pairs.push_back(paired(*found->second, alert, AlertFate::Same));
    by_id.erase(found);
  }
  std::map<std::string, std::vector<const PastAlert*>> lost;  // by rule and group, by opening
  for (const PastAlert& alert : before.alerts()) {
    const auto found = by_id.find(alert.alert);
    if (found == by_id.end() || found->second != &alert) continue;
    lost[key_of(alert, before.rules())].push_back(&alert);
  }
  for (const PastAlert* alert : rest) {
    const auto same_group = lost.find(key_of(*alert, after.rules()));
    if (same_group != lost.end()) {
      std::vector<const PastAlert*>& earlier = same_group->second;
      const auto found = std::find_if(earlier.begin(), earlier.end(),
                                      [&](const PastAlert* one) { return overlap(*one, *alert); });
      if (found != earlier.end()) {
        pairs.push_back(paired(**found, *alert, AlertFate::Moved));
        earlier.erase(found);
        continue;
      }
    }
    pairs.push_back({AlertFate::Added, nullptr, alert});
  }
  for (const auto& [key, alerts] : lost) {
    for (const PastAlert* alert : alerts) pairs.push_back({AlertFate::Lost, alert, nullptr});
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const AlertPair& a, const AlertPair& b) { return opening(a) < opening(b); });
  return pairs;
}

}  // namespace fengsui::author
