#include "author/pack_diff.h"

#include <thread>
#include <utility>

#include "author/playback.h"

namespace fengsui::author {
namespace {

void play_one(const std::shared_ptr<const rules::RuleSet>& rules, std::string_view events,
              const DiffOptions& options, const std::function<void(size_t)>& progress,
              AlertHistory& alerts, pipeline::RecordCounters& records) {
  pipeline::Replay engine(rules, options.keys, options.front);
  play(engine, events, options.flush, /*step_each=*/false,
       {.record = nullptr,
        .alerts = [&](std::vector<alert::Record>& made) { alerts.add(made); },
        .progress = progress});
  records = engine.counters();
}

bool is_table(const std::string& path) {
  return path.starts_with("lists/") || path.starts_with("keywords/") || path == "areas.csv";
}

}  // namespace

PackDiff::PackDiff(std::shared_ptr<const rules::RuleSet> the_before,
                   std::shared_ptr<const rules::RuleSet> the_after)
    : before(std::move(the_before)),
      after(std::move(the_after)),
      alerts_before(*before),
      alerts_after(*after) {}

std::unique_ptr<PackDiff> diff_packs(std::shared_ptr<const rules::RuleSet> before,
                                     std::shared_ptr<const rules::RuleSet> after,
                                     std::string_view events, const DiffOptions& options) {
  auto diff = std::make_unique<PackDiff>(std::move(before), std::move(after));
  std::thread other([&] {
    play_one(diff->after, events, options, nullptr, diff->alerts_after, diff->records_after);
  });
  play_one(diff->before, events, options, options.progress, diff->alerts_before,
           diff->records_before);
  other.join();
  diff->rules = rule_changes(*diff->before, *diff->after);
  diff->alerts = pair_alerts(diff->alerts_before, diff->alerts_after);
  return diff;
}

std::vector<std::string> changed_tables(const rules::PackBytes& before,
                                        const rules::PackBytes& after) {
  std::vector<std::string> changed;
  for (const auto& [path, bytes] : before) {
    const auto found = after.find(path);
    if (is_table(path) && (found == after.end() || found->second != bytes)) changed.push_back(path);
  }
  for (const auto& [path, bytes] : after) {
    if (is_table(path) && !before.contains(path)) changed.push_back(path);
  }
  return changed;
}

}  // namespace fengsui::author
