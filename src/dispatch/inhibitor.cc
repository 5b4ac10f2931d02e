#include "dispatch/inhibitor.h"

#include <algorithm>

namespace fengsui::dispatch {
namespace {

// The values, each with its length, so that no two sets of values read the same.
std::string values_of(const InhibitRule& rule, const Labels& labels) {
  std::string key;
  for (const std::string& name : rule.equal) {
    const auto at = labels.find(name);
    const std::string_view value = at == labels.end() ? std::string_view() : at->second;
    key += std::to_string(value.size()) + ":";
    key += value;
  }
  return key;
}

}  // namespace

Inhibitor::Inhibitor(const std::vector<InhibitRule>& rules)
    : rules_(&rules), sources_(rules.size()) {}

bool Inhibitor::is_source(const Labels& labels) const {
  return std::any_of(rules_->begin(), rules_->end(),
                     [&](const InhibitRule& rule) { return all_match(rule.source, labels); });
}

void Inhibitor::put(const std::string& alert, const Labels& labels) {
  remove(alert);
  for (size_t i = 0; i < rules_->size(); ++i) {
    const InhibitRule& rule = (*rules_)[i];
    if (!all_match(rule.source, labels)) continue;
    sources_[i][values_of(rule, labels)].insert(alert);
    alerts_[alert] = labels;
  }
}

bool Inhibitor::remove(const std::string& alert) {
  const auto known = alerts_.find(alert);
  if (known == alerts_.end()) return false;
  for (size_t i = 0; i < rules_->size(); ++i) {
    const auto at = sources_[i].find(values_of((*rules_)[i], known->second));
    if (at == sources_[i].end()) continue;
    at->second.erase(alert);
    if (at->second.empty()) sources_[i].erase(at);
  }
  alerts_.erase(known);
  return true;
}

Inhibitor::By Inhibitor::inhibits(const Labels& labels) const {
  for (size_t i = 0; i < rules_->size(); ++i) {
    const InhibitRule& rule = (*rules_)[i];
    if (sources_[i].empty() || !all_match(rule.target, labels)) continue;
    const auto at = sources_[i].find(values_of(rule, labels));
    if (at == sources_[i].end()) continue;
    const bool is_both = all_match(rule.source, labels);
    for (const std::string& alert : at->second) {
      if (!is_both || !all_match(rule.target, alerts_.at(alert))) return {&rule, alert};
    }
  }
  return {};
}

}  // namespace fengsui::dispatch
