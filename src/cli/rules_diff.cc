#include "cli/rules_diff.h"

#include <cstdio>
#include <utility>

#include "author/pack_diff.h"
#include "base/clock.h"
#include "cli/exit_status.h"
#include "cli/load.h"
#include "cli/progress.h"
#include "cli/recorded_events.h"

namespace fengsui::cli {

int rules_diff(const RulesDiffOptions& options) {
  Expected<std::shared_ptr<const rules::RuleSet>> before = load_rules(options.before);
  if (!before) return report(before.error());
  Expected<std::shared_ptr<const rules::RuleSet>> after = load_rules(options.after);
  if (!after) return report(after.error());
  Expected<std::optional<event::KeyRing>> keys = load_keys(options.recorded.keys);
  if (!keys) return report(keys.error());
  Expected<RecordedEvents> events = RecordedEvents::open(options.recorded.file);
  if (!events) return report(events.error());
  const std::string_view text = events->text();
  std::unique_ptr<author::PackDiff> diff;
  const SystemClock clock;
  {
    Progress progress(clock, text.size(), /*wanted=*/true);
    diff = author::diff_packs(
        std::move(*before), std::move(*after), text,
        {.front = options.recorded.front(),
         .keys = *keys ? &**keys : nullptr,
         .flush = options.recorded.flush,
         .progress = [&](size_t bytes) { progress.update(/*records=*/0, bytes); }});
  }
  rules::Findings findings;  // those of the packs have been printed
  const std::vector<std::string> tables =
      author::changed_tables(rules::read_pack_bytes(options.before, findings),
                             rules::read_pack_bytes(options.after, findings));
  const std::string out = options.recorded.format == ReportFormat::Json
                              ? author::as_json(*diff, tables)
                              : author::as_text(*diff, tables);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return kDone;
}

}  // namespace fengsui::cli
