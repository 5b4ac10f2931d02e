#include "cli/rules_explain.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "author/explanation.h"
#include "author/playback.h"
#include "cli/exit_status.h"
#include "cli/load.h"
#include "cli/recorded_events.h"
#include "rules/source_file.h"

namespace fengsui::cli {
namespace {

Expected<const rules::Rule*> find_rule(const rules::RuleSet& rules, const std::string& id) {
  std::vector<std::string> known;
  for (const auto& rule : rules.rules) {
    if (rule->id == id) return rule.get();
    known.push_back(rule->id);
  }
  const std::string hint = rules::nearest_hint(id, known);
  return fail(Error::usage("no rule has the id '" + id + "'" + (hint.empty() ? "" : "; " + hint)));
}

Expected<author::ExplanationFilter> filter_of(const RulesExplainOptions& options,
                                              const rules::Rule& rule) {
  author::ExplanationFilter filter;
  if (!options.event.empty()) filter.event = options.event;
  for (const std::string& pair : options.group) {
    const size_t equals = pair.find('=');
    const std::string name = pair.substr(0, equals);
    const auto& names = rule.group_names;
    if (equals == std::string::npos || std::find(names.begin(), names.end(), name) == names.end()) {
      std::string all;
      for (const std::string& one : names) all += (all.empty() ? "" : ", ") + one + "=…";
      return fail(Error::usage("--group " + pair + ": the rule's groups are " +
                               (all.empty() ? "single events" : all)));
    }
    filter.group[name] = pair.substr(equals + 1);
  }
  if (options.at.empty()) return filter;
  const std::optional<Instant> at = parse_rfc3339(options.at);
  if (!at) {
    return fail(Error::usage("--at " + options.at + ": not a time such as 2026-03-01T08:00:00Z"));
  }
  filter.at = to_event_time(*at);
  return filter;
}

}  // namespace

int rules_explain(const RulesExplainOptions& options) {
  Expected<std::shared_ptr<const rules::RuleSet>> rules = load_rules(options.pack);
  if (!rules) return report(rules.error());
  const Expected<const rules::Rule*> rule = find_rule(**rules, options.rule);
  if (!rule) return report(rule.error());
  Expected<author::ExplanationFilter> filter = filter_of(options, **rule);
  if (!filter) return report(filter.error());
  Expected<std::optional<event::KeyRing>> keys = load_keys(options.recorded.keys);
  if (!keys) return report(keys.error());
  Expected<RecordedEvents> events = RecordedEvents::open(options.recorded.file);
  if (!events) return report(events.error());

  const bool as_json = options.recorded.format == ReportFormat::Json;
  author::Explainer explainer(
      **rules, **rule, std::move(*filter), [&](const author::Explainer::Fact& fact) {
        const std::string text = as_json ? fact.dump() + "\n" : author::as_text(fact);
        std::fwrite(text.data(), 1, text.size(), stdout);
      });
  pipeline::Replay engine(*rules, *keys ? &**keys : nullptr, options.recorded.front());
  engine.observe(&explainer, &explainer);
  uint64_t late = 0;
  author::play(engine, events->text(), options.recorded.flush, /*step_each=*/true,
               {.record =
                    [&](std::string_view bytes, size_t line, const source::RecordResult& result) {
                      const bool is_late = engine.counters().late_admitted > late;
                      late = engine.counters().late_admitted;
                      explainer.record(bytes, line, result, is_late);
                    },
                .alerts = nullptr,
                .progress = nullptr});
  explainer.finish();
  return kDone;
}

}  // namespace fengsui::cli
