#include "cli/rules_cost.h"

#include <cstdio>
#include <utility>

#include "author/playback.h"
#include "author/rule_cost.h"
#include "cli/exit_status.h"
#include "cli/load.h"
#include "cli/progress.h"
#include "cli/recorded_events.h"

namespace fengsui::cli {
namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int measure(const RulesCostOptions& options, std::shared_ptr<const rules::RuleSet> rules) {
  Expected<std::optional<event::KeyRing>> keys = load_keys(options.recorded.keys);
  if (!keys) return report(keys.error());
  Expected<RecordedEvents> events = RecordedEvents::open(options.recorded.file);
  if (!events) return report(events.error());
  const SystemClock clock;
  author::CostMeter meter(*rules, clock);
  pipeline::Replay engine(rules, *keys ? &**keys : nullptr, options.recorded.front());
  engine.observe(&meter, &meter);
  {
    Progress progress(clock, events->text().size(), /*wanted=*/true);
    author::play(engine, events->text(), options.recorded.flush, /*step_each=*/false,
                 {.record = nullptr, .alerts = nullptr, .progress = [&](size_t bytes) {
                    meter.look_at(engine.shards());
                    progress.update(engine.counters().read, bytes);
                  }});
  }
  const uint64_t processed = engine.counters().processed;
  const std::vector<author::RuleCost> costs = meter.result(engine.shards());
  print(options.recorded.format == ReportFormat::Json ? author::as_json(costs, processed)
                                                      : author::as_text(costs, processed));
  return kDone;
}

}  // namespace

int rules_cost(const RulesCostOptions& options) {
  Expected<std::shared_ptr<const rules::RuleSet>> rules = load_rules(options.pack);
  if (!rules) return report(rules.error());
  if (options.measured) return measure(options, std::move(*rules));
  const std::vector<author::RuleEstimate> estimates = author::estimate(**rules);
  print(options.recorded.format == ReportFormat::Json ? author::as_json(estimates)
                                                      : author::as_text(estimates));
  return kDone;
}

}  // namespace fengsui::cli
