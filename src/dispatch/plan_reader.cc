#include "dispatch/plan_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cel/time_zone.h"
#include "dispatch/route_reader.h"

namespace fengsui::dispatch {
namespace {

using rules::error_at;
using rules::Findings;
using rules::YamlNode;

// The texts of a list under `key`; none where it is not there.
std::vector<std::pair<const YamlNode*, std::string>> texts_of(const YamlNode& map, const char* key,
                                                              const std::string& what,
                                                              Findings& findings) {
  std::vector<std::pair<const YamlNode*, std::string>> out;
  const YamlNode* list = map.find(key);
  if (list == nullptr || !expect_list(*list, std::string("`") + key + "`", findings)) return out;
  for (const YamlNode& item : list->items) {
    std::optional<std::string> text = expect_text(item, what, findings);
    if (text) out.emplace_back(&item, std::move(*text));
  }
  return out;
}

InhibitRule read_inhibit_rule(const YamlNode& node, Findings& findings) {
  InhibitRule rule;
  if (!expect_map(node, "an inhibition rule", findings)) return rule;
  check_keys(node, "an inhibition rule", {"name", "source_matchers", "target_matchers", "equal"},
             findings);
  if (const YamlNode* name = node.find("name")) {
    rule.name = expect_text(*name, "`name`", findings).value_or("");
  }
  for (const char* key : {"source_matchers", "target_matchers"}) {
    const YamlNode* list = require_key(node, key, "an inhibition rule", findings);
    if (list == nullptr) continue;
    Matchers& matchers = std::string_view(key) == "source_matchers" ? rule.source : rule.target;
    read_matchers(*list, key, matchers, findings);
    if (list->is_list() && list->items.empty()) {
      error_at(*list, kBadInhibition, std::string("`") + key + "` is empty: it matches every alert",
               "say which alerts", findings);
    }
  }
  for (const auto& [item, name] : texts_of(node, "equal", "a label's name", findings)) {
    if (std::find(rule.equal.begin(), rule.equal.end(), name) != rule.equal.end()) {
      error_at(*item, kBadInhibition, "`" + name + "` stands in `equal` a second time", {},
               findings);
    }
    rule.equal.push_back(name);
  }
  return rule;
}

struct RangeKey {
  const char* key;
  std::vector<Range> TimeInterval::*into;
  std::optional<Range> (*parse)(std::string_view);
  const char* hint;
};
constexpr RangeKey kRangeKeys[] = {
    {"weekdays", &TimeInterval::weekdays, parse_weekdays, "`monday:friday`, `sunday`"},
    {"days_of_month", &TimeInterval::days_of_month, parse_days_of_month, "`1:5`, `-3:-1`"},
    {"months", &TimeInterval::months, parse_months, "`january:march`, `12`"},
    {"years", &TimeInterval::years, parse_years, "`2026:2028`"}};

void read_times(const YamlNode& list, TimeInterval& interval, Findings& findings) {
  if (!expect_list(list, "`times`", findings)) return;
  for (const YamlNode& node : list.items) {
    if (!expect_map(node, "a time range", findings)) continue;
    check_keys(node, "a time range", {"start_time", "end_time"}, findings);
    const YamlNode* starts = require_key(node, "start_time", "a time range", findings);
    const YamlNode* ends = require_key(node, "end_time", "a time range", findings);
    if (starts == nullptr || ends == nullptr) continue;
    const std::optional<int> begin = read_minute(*starts, "start_time", kBadInterval, findings);
    const std::optional<int> end = read_minute(*ends, "end_time", kBadInterval, findings);
    if (!begin || !end) continue;
    if (*begin >= *end) {
      error_at(node, kBadInterval, "the time range does not end after its begin",
               "over midnight it is two: one to 24:00, one from 00:00", findings);
    }
    interval.minutes.push_back({*begin, *end});
  }
}

TimeInterval read_interval(const YamlNode& node, Findings& findings) {
  TimeInterval interval;
  if (!expect_map(node, "a time interval", findings)) return interval;
  check_keys(node, "a time interval",
             {"times", "weekdays", "days_of_month", "months", "years", "location"}, findings);
  if (const YamlNode* times = node.find("times")) read_times(*times, interval, findings);
  for (const RangeKey& one : kRangeKeys) {
    for (const auto& [item, text] : texts_of(node, one.key, "a range", findings)) {
      const std::optional<Range> range = one.parse(text);
      if (!range) {
        error_at(*item, kBadInterval,
                 "`" + text + "` is no range of `" + one.key + "` that ends after its begin",
                 one.hint, findings);
      } else {
        (interval.*one.into).push_back(*range);
      }
    }
  }
  if (const YamlNode* location = node.find("location")) {
    read_time_zone(*location, kBadInterval, interval.location, findings);
  }
  return interval;
}

}  // namespace

std::optional<int> read_minute(const YamlNode& node, const char* key, const char* code,
                               Findings& findings) {
  const std::optional<std::string> text = expect_text(node, std::string("`") + key + "`", findings);
  if (!text) return std::nullopt;
  const std::optional<int> minute = parse_minute_of_day(*text);
  if (!minute) {
    error_at(node, code, "`" + *text + "` is no time of the day", "`08:30`, up to `24:00`",
             findings);
  }
  return minute;
}

void read_time_zone(const YamlNode& node, const char* code, std::string& zone, Findings& findings) {
  const std::optional<std::string> text = expect_text(node, "`location`", findings);
  if (!text) return;
  zone = *text;
  if (cel::utc_offset_seconds(zone, {})) return;
  error_at(node, code, "there is no time zone `" + zone + "`", "`Asia/Shanghai`", findings);
}

std::vector<InhibitRule> read_inhibit_rules(const YamlNode& node, Findings& findings) {
  std::vector<InhibitRule> rules;
  if (!expect_list(node, "`inhibit_rules`", findings)) return rules;
  for (const YamlNode& one : node.items) rules.push_back(read_inhibit_rule(one, findings));
  return rules;
}

TimeIntervals read_time_intervals(const YamlNode& node, Findings& findings) {
  TimeIntervals intervals;
  if (!expect_list(node, "`time_intervals`", findings)) return intervals;
  for (const YamlNode& one : node.items) {
    if (!expect_map(one, "a named time interval", findings)) continue;
    check_keys(one, "a named time interval", {"name", "time_intervals"}, findings);
    const YamlNode* named = require_key(one, "name", "a named time interval", findings);
    const YamlNode* list = require_key(one, "time_intervals", "a named time interval", findings);
    if (named == nullptr || list == nullptr) continue;
    const std::optional<std::string> name = expect_text(*named, "`name`", findings);
    if (!name || !expect_list(*list, "`time_intervals`", findings)) continue;
    if (intervals.contains(*name)) {
      error_at(*named, kBadInterval, "`" + *name + "` stands here a second time", {}, findings);
    }
    std::vector<TimeInterval>& into = intervals[*name];
    for (const YamlNode& item : list->items) into.push_back(read_interval(item, findings));
  }
  return intervals;
}

}  // namespace fengsui::dispatch
