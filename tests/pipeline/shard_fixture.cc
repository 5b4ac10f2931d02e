#include "shard_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "alert/record.h"
#include "cel/expression.h"
#include "rules/alert_type.h"

namespace fengsui::pipeline {
namespace {

enum Slot { kValue, kArea, kCaptures };

// Over [v, area, (mean, stddev and samples of a baseline,) n, sum, kinds, mean]; of a sequence
// [v, area, first_area, own area].
cel::Program compile(const std::string& text, int first_let = kCaptures) {
  using Kind = cel::Type::Kind;
  cel::Environment environment;
  const auto declare = [&](const char* name, Kind kind, int slot) {
    cel::Variable variable;
    variable.type = cel::Type::of(kind);
    variable.slot = slot;
    environment.declare(name, variable);
  };
  declare("v", Kind::Int, kValue);
  declare("usual", Kind::Double, kCaptures);
  declare("spread", Kind::Double, kCaptures + 1);
  declare("samples", Kind::Int, kCaptures + 2);
  declare("first_area", Kind::String, kCaptures);
  declare("own_area", Kind::String, kCaptures + 1);
  declare("alert_rule", Kind::String, rules::kAlertRule);
  declare("alert_area", Kind::String, rules::kAlertArea);
  declare("n", Kind::Int, first_let);
  declare("sum", Kind::Int, first_let + 1);
  declare("kinds", Kind::Int, first_let + 2);
  const auto syntax = cel::parse(text);
  REQUIRE(syntax.has_value());
  const cel::Checked checked = cel::check(*syntax, environment);
  REQUIRE(checked.program.has_value());
  return *checked.program;
}

void make_sequence(const RuleSpec& spec, rules::Rule& rule) {
  rule.order = rules::Order::Time;
  rule.captures = kCaptures + 1;  // and first_area
  rules::Sequence& sequence = rule.sequence.emplace();
  sequence.within = Duration{spec.length};
  sequence.row_size = rule.captures + 1;
  for (const StepSpec& step : spec.steps) {
    rules::SequenceStep& made = sequence.steps.emplace_back();
    made.absent = step.absent;
    made.times = step.times;
    if (step.same_area) made.condition = compile("first_area == own_area");
    // v, area, area again: of the first step the row's first_area, of others their own.
    rules::RuleSource& source = rule.sources.emplace_back();
    source.capture_slots = {kValue, kArea, kCaptures + (rule.sources.size() == 1 ? 0 : 1)};
  }
  rule.lets = {{"twice", compile("v * 2")}};
  rule.grades.emplace_back(rules::Grade::Yellow, std::nullopt);
  rule.message = {{"", compile("v"), "{v}"}};
}

void make_grades(const RuleSpec& spec, rules::Rule& rule) {
  using Function = rules::Aggregate::Function;
  const int first_let = static_cast<int>(rule.first_let());
  rule.lets = {{"n", rules::Aggregate{.function = Function::Count}},
               {"sum", rules::Aggregate{.function = Function::Sum, .argument = kValue}},
               {"kinds", rules::Aggregate{.function = Function::Distinct, .argument = kValue}},
               {"mean", compile("sum / kinds", first_let)}};
  if (spec.baseline) {
    rule.lets.push_back({"usual", compile("usual + spread")});
    rule.grades.emplace_back(rules::Grade::Yellow,
                             compile("samples > 0 && double(n) > usual", first_let));
  } else {
    rule.grades.emplace_back(rules::Grade::Red, compile("n >= 6 || sum > 100", first_let));
    rule.grades.emplace_back(rules::Grade::Orange, compile("n >= 4", first_let));
    rule.grades.emplace_back(rules::Grade::Yellow,
                             compile("n >= " + std::to_string(spec.yellow_from), first_let));
  }
  rule.message = {{"", compile("n", first_let), "{n}"}, {": ", compile("v"), "{v}"}};
}

std::shared_ptr<const rules::Rule> make_rule(const RuleSpec& spec, size_t index,
                                             const rules::RuleSet& set) {
  auto rule = std::make_shared<rules::Rule>();
  rule->id = spec.id;
  rule->index = RuleIndex{static_cast<uint32_t>(index)};
  rule->state_key = uint64_t{7} << 56 | index;
  rule->mode = spec.mode;
  rule->has_by = spec.has_by;
  if (spec.has_by) rule->group_names = {"g"};
  rule->window = {spec.window, Duration{spec.length}, Duration{spec.every}, {}, spec.count};
  if (spec.most) rule->window.most = Duration{*spec.most};
  rule->emit = spec.emit;
  rule->order = spec.order;
  rule->captures = kCaptures;
  rule->area_capture = kArea;
  rule->quiet = Duration{spec.quiet};
  rule->labels = {{"department", "d"}};
  rule->baseline = spec.baseline;
  rule->has_message = true;
  if (spec.steps.empty()) {
    if (!spec.over_alerts) rule->sources.emplace_back();
    make_grades(spec, *rule);
  } else {
    make_sequence(spec, *rule);
  }
  if (spec.over_alerts) {
    rule->over_alerts = true;
    rule->capture_keys = {"v", "area"};
    rule->order = rules::Order::Time;
    rules::RuleSource& source = rule->sources.emplace_back();
    source.type = set.alert_type;
    source.by = {compile("alert_rule")};
    source.captures = {compile("1"), compile("alert_area")};
  }
  return rule;
}

std::vector<cel::Value> captures_of(const Arriving& event) {
  return {event.v ? cel::Value::integer(*event.v) : cel::Value::missing(),
          event.area ? cel::Value::string(*event.area) : cel::Value::missing()};
}

void set_bytes(match::Match& match, uint64_t arrival, const std::vector<cel::Value>& group,
               const std::vector<cel::Value>& captures) {
  match.bytes = match::MatchBytes::make(match::bytes_of(group), match::bytes_of(captures),
                                        {event_name(arrival)});
}

match::Match match_of(const Arriving& event, uint64_t arrival, const rules::Rule& rule) {
  match::Match match;
  match.rule = rule.index;
  match.partition = PartitionId{event.partition};
  match.time = at(event.time);
  match.arrival = Arrival{arrival};
  std::vector<cel::Value> group = {cel::Value::string(event.group)};
  if (!rule.has_by) {
    group = {cel::Value::string("s"), cel::Value::string(event_name(arrival).substr(2))};
  }
  set_bytes(match, arrival, group, captures_of(event));
  return match;
}

// What the matcher would give.
std::vector<match::Match> matches_of(const Arriving& event, uint64_t arrival,
                                     const std::vector<RuleSpec>& specs,
                                     const rules::RuleSet& rules) {
  std::vector<match::Match> matches;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].over_alerts) continue;
    const match::Match match = match_of(event, arrival, *rules.rules[i]);
    if (specs[i].steps.empty()) {
      matches.push_back(match);
      if (!specs[i].seen_beside) continue;
      matches.push_back(match);
      matches.back().only_seen = true;
      set_bytes(matches.back(), arrival, {cel::Value::string("~" + event.group)},
                captures_of(event));
    }
    for (size_t step = 0; step < specs[i].steps.size(); ++step) {
      if (!event.v || *event.v % 4 != specs[i].steps[step].v) continue;
      matches.push_back(match);
      matches.back().step = static_cast<uint8_t>(step);
      std::vector<cel::Value> captures = captures_of(event);
      captures.push_back(captures[kArea]);
      set_bytes(matches.back(), arrival, match::values_of(match.group()), captures);
    }
  }
  return matches;
}

// What the front keeps of a source partition.
struct Seen {
  int64_t highest = INT64_MIN;
  bool active = true;
};

}  // namespace

std::string event_name(uint64_t arrival) { return "s#" + std::to_string(arrival); }

std::shared_ptr<const rules::RuleSet> make_rules(const std::vector<RuleSpec>& specs,
                                                 int64_t origin) {
  auto rules = std::make_shared<rules::RuleSet>();
  rules->window_origin = at(origin);
  for (const RuleSpec& spec : specs) {
    if (spec.over_alerts && !rules->alert_type) rules->alert_type = rules::make_alert_type();
    rules->rules.push_back(make_rule(spec, rules->rules.size(), *rules));
  }
  return rules;
}

std::vector<state::Frame> frames_of(const std::vector<Arriving>& events, const Feed& feed,
                                    const std::vector<RuleSpec>& specs, bool flush) {
  const std::shared_ptr<const rules::RuleSet> rules = make_rules(specs);
  std::vector<state::Frame> frames;
  std::map<uint32_t, Seen> partitions;
  EventTime engine = kBeforeAllTime;
  const auto mark_of = [&](const Seen& seen) {
    return seen.highest == INT64_MIN ? kBeforeAllTime : at(seen.highest - feed.out_of_orderness);
  };
  const auto end_frame = [&](uint32_t partition, state::Frame frame) {
    const Seen& seen = partitions[partition];
    frame.marks.push_back({PartitionId{partition}, mark_of(seen), seen.active});
    frame.position = LogPosition{frames.size() + 1};
    frames.push_back(std::move(frame));
    std::optional<EventTime> lowest;
    for (const auto& [id, known] : partitions) {
      if (known.active) lowest = std::min(lowest.value_or(kAfterAllTime), mark_of(known));
    }
    if (lowest) engine = std::max(engine, *lowest);
  };
  // All partitions are heard of before the first event.
  for (const Arriving& event : events) {
    if (!partitions.contains(event.partition)) end_frame(event.partition, {});
  }
  uint64_t arrival = 0;
  for (const Arriving& event : events) {
    Seen& seen = partitions[event.partition];
    if (event.idle) {
      if (std::exchange(seen.active, false)) end_frame(event.partition, {});
      continue;
    }
    const EventTime own = mark_of(seen), bound = std::max(own, engine);
    if (at(event.time) < bound - Duration{feed.allowed_lateness}) continue;
    state::Frame frame;
    ++arrival;
    frame.matches = matches_of(event, arrival, specs, *rules);
    for (match::Match& match : frame.matches) {
      match.late = at(event.time) < bound;
      if (match.late) match.watermark = own;
    }
    seen.highest = std::max(seen.highest, event.time);
    seen.active = true;
    end_frame(event.partition, std::move(frame));
  }
  state::Frame last;
  last.position = LogPosition{frames.size() + 1};
  for (const auto& [id, seen] : partitions) {
    const EventTime end = seen.highest == INT64_MIN ? kBeforeAllTime : at(seen.highest);
    last.marks.push_back({PartitionId{id}, flush ? kAfterAllTime : end, flush || seen.active});
  }
  frames.push_back(std::move(last));
  return frames;
}

std::vector<state::Frame> join_frames(const std::vector<state::Frame>& frames, size_t most,
                                      std::mt19937& random) {
  std::vector<state::Frame> joined;
  for (size_t i = 0; i < frames.size();) {
    state::Frame frame;
    frame.position = LogPosition{joined.size() + 1};
    std::map<PartitionId, state::PartitionMark> marks;
    for (size_t left = 1 + random() % most; left > 0 && i < frames.size(); --left, ++i) {
      frame.matches.insert(frame.matches.end(), frames[i].matches.begin(), frames[i].matches.end());
      for (const state::PartitionMark& mark : frames[i].marks) marks[mark.partition] = mark;
    }
    for (const auto& [id, mark] : marks) frame.marks.push_back(mark);
    joined.push_back(std::move(frame));
  }
  return joined;
}

std::vector<std::string> lines_of(const std::vector<alert::Record>& records,
                                  const rules::RuleSet& rules) {
  std::vector<std::string> lines;
  for (const alert::Record& record : records) {
    lines.push_back(std::to_string(record.number) + " " +
                    alert::replay_line(record, rules.rule(record.rule)));
  }
  return lines;
}

std::vector<std::string> said(const std::vector<alert::Record>& records,
                              const rules::RuleSet& rules) {
  std::vector<std::string> lines;
  for (const alert::Record& record : records) {
    std::string line = rules.rule(record.rule).id + "/" + record.group.back().as_string() + " " +
                       alert::kRecordKindNames[static_cast<size_t>(record.kind)] + " " +
                       rules::kGradeNames[static_cast<size_t>(record.grade)] + " @" +
                       std::to_string(record.time.time_since_epoch().count());
    for (const auto& [name, value] : record.values) {
      if (name == "n") line += " n=" + std::to_string(value.as_int());
    }
    if (record.kind == alert::RecordKind::Clear) line += " hits=" + std::to_string(record.hits);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace fengsui::pipeline
