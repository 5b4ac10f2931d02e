#include "shard_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "alert/record.h"
#include "cel/expression.h"

namespace fengsui::pipeline {
namespace {

enum Slot { kValue, kArea, kCaptures, kN = kCaptures, kSum, kKinds, kMean };

cel::Program compile(const std::string& text) {
  using Kind = cel::Type::Kind;
  cel::Environment environment;
  const auto declare = [&](const char* name, Kind kind, int slot) {
    cel::Variable variable;
    variable.type = cel::Type::of(kind);
    variable.slot = slot;
    environment.declare(name, variable);
  };
  declare("v", Kind::Int, kValue);
  declare("n", Kind::Int, kN);
  declare("sum", Kind::Int, kSum);
  declare("kinds", Kind::Int, kKinds);
  const auto syntax = cel::parse(text);
  REQUIRE(syntax.has_value());
  const cel::Checked checked = cel::check(*syntax, environment);
  REQUIRE(checked.program.has_value());
  return *checked.program;
}

std::shared_ptr<const rules::Rule> make_rule(const RuleSpec& spec, size_t index) {
  using Function = rules::Aggregate::Function;
  auto rule = std::make_shared<rules::Rule>();
  rule->id = spec.id;
  rule->index = RuleIndex{static_cast<uint32_t>(index)};
  rule->state_key = uint64_t{7} << 56 | index;
  rule->mode = spec.mode;
  rule->has_by = spec.has_by;
  if (spec.has_by) rule->group_names = {"g"};
  rule->window = {spec.window, Duration{spec.length}};
  rule->captures = kCaptures;
  rule->area_capture = kArea;
  rule->quiet = Duration{spec.quiet};
  rule->labels = {{"department", "d"}};
  rule->lets = {{"n", rules::Aggregate{.function = Function::Count}},
                {"sum", rules::Aggregate{.function = Function::Sum, .argument = kValue}},
                {"kinds", rules::Aggregate{.function = Function::Distinct, .argument = kValue}},
                {"mean", compile("sum / kinds")}};
  rule->grades.emplace_back(rules::Grade::Red, compile("n >= 6 || sum > 100"));
  rule->grades.emplace_back(rules::Grade::Orange, compile("n >= 4"));
  rule->grades.emplace_back(rules::Grade::Yellow,
                            compile("n >= " + std::to_string(spec.yellow_from)));
  rule->has_message = true;
  rule->message = {{"", compile("n"), "{n}"}, {": ", compile("v"), "{v}"}};
  return rule;
}

match::Match match_of(const Arriving& event, uint64_t arrival, size_t rule, bool has_by) {
  match::Match match;
  match.rule = RuleIndex{static_cast<uint32_t>(rule)};
  match.partition = PartitionId{event.partition};
  match.time = at(event.time);
  match.arrival = Arrival{arrival};
  match.event = event_name(arrival);
  if (has_by) {
    match.group = {cel::Value::string(event.group)};
  } else {
    match.group = {cel::Value::string("s"), cel::Value::string(match.event.substr(2))};
  }
  match.captures = {event.v ? cel::Value::integer(*event.v) : cel::Value::missing(),
                    event.area ? cel::Value::string(*event.area) : cel::Value::missing()};
  return match;
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
  for (const RuleSpec& spec : specs) rules->rules.push_back(make_rule(spec, rules->rules.size()));
  return rules;
}

std::vector<state::Frame> frames_of(const std::vector<Arriving>& events, const Feed& feed,
                                    const rules::RuleSet& rules, bool flush) {
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
    for (size_t rule = 0; rule < rules.rules.size(); ++rule) {
      frame.matches.push_back(match_of(event, arrival, rule, rules.rules[rule]->has_by));
      frame.matches.back().late = at(event.time) < bound;
      if (frame.matches.back().late) frame.matches.back().watermark = own;
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

}  // namespace fengsui::pipeline
