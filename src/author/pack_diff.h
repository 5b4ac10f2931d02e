// Old pack against new over recorded events: which alerts a change would add, lose, regrade or
// move, and what a swap would keep.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "author/alert_history.h"
#include "author/rule_changes.h"
#include "pipeline/front.h"
#include "rules/pack_files.h"

namespace fengsui::author {

struct DiffOptions {
  pipeline::FrontOptions front;
  const event::KeyRing* keys = nullptr;  // may be null
  bool flush = false;
  // Now and then, from the thread of the old pack: bytes read.
  std::function<void(size_t bytes)> progress;
};

struct PackDiff {
  std::shared_ptr<const rules::RuleSet> before, after;
  AlertHistory alerts_before, alerts_after;
  pipeline::RecordCounters records_before, records_after;
  std::vector<RuleChange> rules;
  std::vector<AlertPair> alerts;  // point into the histories

  PackDiff(std::shared_ptr<const rules::RuleSet> before,
           std::shared_ptr<const rules::RuleSet> after);
  PackDiff(const PackDiff&) = delete;
};

// Plays the events through both, each on a thread of its own.
std::unique_ptr<PackDiff> diff_packs(std::shared_ptr<const rules::RuleSet> before,
                                     std::shared_ptr<const rules::RuleSet> after,
                                     std::string_view events, const DiffOptions& options);

// Lists, keyword sets and areas whose bytes are others: they change without touching rules.
std::vector<std::string> changed_tables(const rules::PackBytes& before,
                                        const rules::PackBytes& after);

std::string as_text(const PackDiff& diff, const std::vector<std::string>& tables);
// One JSON object.
std::string as_json(const PackDiff& diff, const std::vector<std::string>& tables);

}  // namespace fengsui::author
