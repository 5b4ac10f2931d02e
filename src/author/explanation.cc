#include "author/explanation.h"

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "window/timers.h"

namespace fengsui::author {
namespace {

using Fact = Explainer::Fact;

// Events of a window that are named, the newest; the count is of all.
constexpr size_t kEventsMax = 20;

Fact value_json(const cel::Value& value) {
  if (value.is_error()) return {{"error", value.error_text()}};
  std::string text;
  cel::append_json(text, value);
  return Fact::parse(text);
}

const char* answer_text(match::MatchListener::Answer answer) {
  using Answer = match::MatchListener::Answer;
  switch (answer) {
    case Answer::Matched:
      return "counts";
    case Answer::WhenFalse:
      return "when_false";
    case Answer::WhenError:
      return "when_error";
    case Answer::Excepted:
      return "excepted";
    case Answer::GroupMissing:
      return "group_missing";
  }
  return "";
}

const char* step_text(pipeline::SequenceEvent what) {
  using What = pipeline::SequenceEvent;
  switch (what) {
    case What::Started:
      return "started";
    case What::Extended:
      return "extended";
    case What::Completed:
      return "completed";
    case What::Killed:
      return "killed";
    case What::Expired:
      return "expired";
    case What::Evicted:
      return "evicted";
    case What::NoFit:
      return "no_fit";
  }
  return "";
}

Fact entries_json(const window::EntrySpan& entries) {
  Fact out{{"count", entries.size()}};
  if (entries.empty()) return out;
  out["oldest"] = format_event_time(entries.front().key.time);
  out["newest"] = format_event_time(entries.back().key.time);
  Fact& events = out["events"] = Fact::array();
  const size_t first = entries.size() > kEventsMax ? entries.size() - kEventsMax : 0;
  for (const window::Entry& entry : entries.subspan(first)) {
    events.push_back({{"event", entry.event()}, {"time", format_event_time(entry.key.time)}});
  }
  return out;
}

const char* grade_name(rules::Grade grade) {
  return rules::kGradeNames[static_cast<size_t>(grade)];
}

std::string text_or_empty(const Fact& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string()
             ? json[key].get<std::string>()
             : "";
}

}  // namespace

Explainer::Explainer(const rules::RuleSet& rules, const rules::Rule& rule, ExplanationFilter filter,
                     std::function<void(const Fact&)> sink)
    : rules_(rules), rule_(rule), filter_(std::move(filter)), sink_(std::move(sink)) {}

Fact Explainer::conditions(const cel::Program& program, std::span<const cel::Value> slots) const {
  Fact out = Fact::array();
  for (const cel::TracedCondition& at : program.trace(rules_.tables, slots)) {
    Fact condition{{"condition", program.text().substr(at.offset, at.end - at.offset)}};
    if (at.value) condition["value"] = value_json(*at.value);
    // All conditions of a def have the place of its name.
    if (out.empty() || out.back() != condition) out.push_back(std::move(condition));
  }
  return out;
}

Fact Explainer::exceptions(const Asked& asked) const {
  Fact out = Fact::array();
  for (const rules::Exception& exception : rule_.sources[asked.source].exceptions) {
    const bool in_force = !exception.until || asked.event.time < *exception.until;
    Fact told{{"name", exception.name}, {"in_force", in_force}};
    if (exception.until) told["until"] = format_event_time(*exception.until);
    if (in_force) told["conditions"] = conditions(exception.when, asked.event.slots);
    out.push_back(std::move(told));
    // Those below were not asked.
    if (asked.answer == Answer::Excepted && rule_.exceptions[asked.exception] == exception.name) {
      break;
    }
  }
  return out;
}

// Where keywords that the condition names stand in the texts that it reads.
Fact Explainer::keywords(const cel::Program& when, const event::Event& event) const {
  Fact out = Fact::array();
  for (const int set : when.keyword_sets_read()) {
    for (const event::Field* field : event.type->fields()) {
      const std::vector<int>& read = when.slots_read();
      if (!std::binary_search(read.begin(), read.end(), field->slot)) continue;
      const cel::Value& value = event.slots[static_cast<size_t>(field->slot)];
      if (value.kind() != cel::Kind::String) continue;
      const auto matches =
          rules_.tables.keywords->find_all(static_cast<size_t>(set), value.as_string());
      for (const cel::KeywordMatch& match : matches) {
        out.push_back({{"field", field->path},
                       {"keyword", match.word},
                       {"text", value.as_string().substr(match.offset, match.size)},
                       {"offset", match.first},
                       {"length", match.code_points}});
      }
    }
  }
  return out;
}

std::vector<cel::Value> Explainer::group_of(const rules::RuleSource& source,
                                            const event::Event& event) const {
  std::vector<cel::Value> group;
  if (!rule_.has_by) {
    return {event.slots[event::kSlotSource], event.slots[event::kSlotId]};
  }
  for (const cel::Program& by : source.by) {
    group.push_back(by.evaluate(rules_.tables, event.slots));
  }
  return group;
}

Fact Explainer::group_json(const std::vector<cel::Value>& group) const {
  Fact out = Fact::object();
  if (!rule_.has_by) return out;
  for (size_t i = 0; i < rule_.group_names.size() && i < group.size(); ++i) {
    out[rule_.group_names[i]] = value_json(group[i]);
  }
  return out;
}

bool Explainer::is_wanted(const std::vector<cel::Value>& group, EventTime time) const {
  for (size_t i = 0; i < rule_.group_names.size() && i < group.size(); ++i) {
    const auto wanted = filter_.group.find(rule_.group_names[i]);
    if (wanted == filter_.group.end()) continue;
    const cel::Kind kind = group[i].kind();
    const bool has_text =
        kind == cel::Kind::String || kind == cel::Kind::Int || kind == cel::Kind::Bool;
    if (!has_text || window::group_text(group[i]) != wanted->second) return false;
  }
  if (!filter_.at) return true;
  Duration span = std::max(rule_.window.length, rule_.quiet);
  if (rule_.sequence) span = std::max(span, rule_.sequence->within);
  if (rule_.window.most) span = std::max(span, *rule_.window.most);
  return time <= *filter_.at && time > *filter_.at - span;
}

bool Explainer::is_wanted_event(const std::string& name) const {
  return !filter_.event || *filter_.event == name;
}

void Explainer::emit(const Fact& fact) { sink_(fact); }

void Explainer::asked(const Asked& asked) {
  if (asked.rule.index != rule_.index) return;
  const rules::RuleSource& source = rule_.sources[asked.source];
  ++counts_.events;
  if (asked.answer == Answer::Matched) ++counts_.counted;
  const std::vector<cel::Value> group = group_of(source, asked.event);
  const std::string name = asked.event.source() + "#" + asked.event.id();
  if (!is_wanted_event(name) || !is_wanted(group, asked.event.time)) return;
  Fact fact{{"fact", "event"},
            {"event", name},
            {"time", format_event_time(asked.event.time)},
            {"type", asked.event.type->name()}};
  if (rule_.sequence) {
    const std::string& as = rule_.sequence->steps[asked.source].name;
    fact["step"] = as.empty() ? std::to_string(asked.source + 1) : as;
  }
  fact["answer"] = answer_text(asked.answer);
  if (source.when) {
    fact["when"] = conditions(*source.when, asked.event.slots);
    Fact found = keywords(*source.when, asked.event);
    if (!found.empty()) fact["keywords"] = std::move(found);
  }
  const bool passed = asked.answer != Answer::WhenFalse && asked.answer != Answer::WhenError;
  if (passed && !source.exceptions.empty()) fact["exceptions"] = exceptions(asked);
  if (asked.answer == Answer::Excepted) fact["exception"] = rule_.exceptions[asked.exception];
  fact["group"] = group_json(group);
  events_.push_back(std::move(fact));
}

void Explainer::record(std::string_view bytes, size_t line, const source::RecordResult& result,
                       bool late) {
  if (result.outcome == event::Outcome::Processed) {
    for (Fact& fact : events_) {
      if (late) fact["late"] = true;
    }
    emit_pending();
    return;
  }
  // Refused before the rule was asked; was it an event of the rule?
  const Fact json = Fact::parse(bytes, nullptr, /*allow_exceptions=*/false);
  const std::string type = text_or_empty(json, "type");
  const bool of_rule =
      type.empty() || std::any_of(rule_.sources.begin(), rule_.sources.end(),
                                  [&](const auto& source) { return source.type->name() == type; });
  const std::string name = text_or_empty(json, "source") + "#" + text_or_empty(json, "id");
  if (!of_rule || !is_wanted_event(name) || !filter_.group.empty() || filter_.at) return;
  Fact fact{{"fact", "event"}, {"event", name}, {"line", line}, {"type", type}};
  fact["answer"] = event::kOutcomeNames[static_cast<size_t>(result.outcome)];
  if (result.rejected) {
    fact["reason"] = event::kRejectionNames[static_cast<size_t>(result.rejected->reason)];
    fact["message"] = result.rejected->message;
  }
  emit(fact);
}

void Explainer::emit_pending() {
  close_evaluation();
  for (const Fact& fact : events_) emit(fact);
  events_.clear();
}

Fact Explainer::grades(const alert::Evaluation& evaluation) const {
  Fact out = Fact::array();
  for (const auto& [grade, condition] : rule_.grades) {  // those that were asked: highest first
    Fact told{{"grade", grade_name(grade)}, {"holds", grade == evaluation.grade}};
    told["conditions"] = condition ? conditions(*condition, evaluation.row) : Fact::array();
    out.push_back(std::move(told));
    if (grade == evaluation.grade) break;
  }
  return out;
}

void Explainer::evaluated(const Evaluated& evaluated) {
  if (evaluated.rule.index != rule_.index) return;
  emit_pending();
  ++counts_.evaluations;
  const bool is_hit = evaluated.evaluation.grade != rules::Grade::None;
  if (is_hit) ++counts_.hits;
  group_order_ = window::group_order(evaluated.group);
  if (is_hit && open_.contains(group_order_)) ++open_[group_order_].hits;
  const bool of_event =
      !filter_.event ||
      std::any_of(evaluated.entries.begin(), evaluated.entries.end(),
                  [&](const auto& entry) { return entry.event() == *filter_.event; });
  evaluation_wanted_ = of_event && is_wanted(evaluated.group, evaluated.time);
  Fact& fact = evaluation_.emplace();
  fact = {{"fact", "evaluation"},
          {"time", format_event_time(evaluated.time)},
          {"group", group_json(evaluated.group)}};
  fact["grade"] = grade_name(evaluated.evaluation.grade);
  if (!evaluation_wanted_) return;
  fact["window"] = entries_json(evaluated.entries);
  const std::vector<cel::Value>& row = evaluated.evaluation.row;
  if (rule_.baseline) {
    static constexpr const char* kNames[] = {"mean", "stddev", "samples"};
    for (size_t i = 0; i < std::size(kNames); ++i) {
      fact["baseline"][kNames[i]] = value_json(row[rule_.captures + i]);
    }
  }
  Fact& values = fact["values"] = Fact::object();
  for (size_t i = 0; i < rule_.lets.size(); ++i) {
    values[rule_.lets[i].name] = value_json(row[rule_.first_let() + i]);
  }
  fact["grades"] = grades(evaluated.evaluation);
  fact["records"] = Fact::array();
}

// All records of the last evaluation have been heard of: what is said of it is complete.
void Explainer::ends(const rules::Rule& rule) {
  if (rule.index == rule_.index) close_evaluation();
}

void Explainer::close_evaluation() {
  if (!evaluation_) return;
  Fact fact = std::move(*evaluation_);
  evaluation_.reset();
  if (!evaluation_wanted_) return;
  if (fact["records"].empty()) {
    const auto open = open_.find(group_order_);
    if (fact["grade"] == "none") {
      fact["why"] = "no_grade";
    } else if (open != open_.end()) {
      fact["why"] = "open";
      fact["open"] = {{"alert", open->second.alert},
                      {"grade", grade_name(open->second.grade)},
                      {"opened", format_event_time(open->second.opened)},
                      {"hits", open->second.hits}};
    }
  } else if (rule_.mode == rules::Mode::Shadow) {
    fact["why"] = "shadow";
  }
  emit(fact);
}

void Explainer::recorded(const rules::Rule& rule, const alert::Record& record) {
  if (rule.index != rule_.index) return;
  ++counts_.records;
  const std::string order = window::group_order(record.group);
  Fact told = Fact::parse(alert::replay_line(record, rule));
  if (record.kind == alert::RecordKind::Clear) {
    open_.erase(order);
  } else {
    Episode& episode = open_[order];
    if (record.kind == alert::RecordKind::Open) {
      episode = {.alert = record.alert, .opened = record.time, .hits = 1};
    }
    episode.grade = std::max(episode.grade, record.grade);
    if (rule.quiet == Duration{0}) open_.erase(order);
  }
  // A hit past `quiet` clears first: that record, too, is of the evaluation.
  if (evaluation_ && order == group_order_) {
    if (evaluation_wanted_) (*evaluation_)["records"].push_back(std::move(told));
    return;
  }
  emit_pending();
  if (filter_.event || !is_wanted(record.group, record.time)) return;
  emit({{"fact", "clear"}, {"record", std::move(told)}});
}

void Explainer::offered(const Offered& offered) {
  if (offered.rule.index != rule_.index) return;
  emit_pending();
  const bool is_plain = !offered.late && !offered.left_out && !offered.only_seen;
  if (is_plain || !is_wanted_event(offered.entry.event()) ||
      !is_wanted(offered.group, offered.entry.key.time)) {
    return;
  }
  emit({{"fact", "kept"},
        {"event", offered.entry.event()},
        {"time", format_event_time(offered.entry.key.time)},
        {"group", group_json(offered.group)},
        {"late", offered.late},
        {"left_out", offered.left_out},
        {"only_seen", offered.only_seen}});
}

std::string Explainer::step_name(size_t step) const {
  const std::string& as = rule_.sequence->steps[step].name;
  return as.empty() ? std::to_string(step + 1) : as;
}

void Explainer::tried(const Tried& tried) {
  if (tried.rule.index != rule_.index) return;
  emit_pending();
  if (!is_wanted_event(tried.event) || !is_wanted(tried.group, tried.time)) return;
  emit({{"fact", "tried"},
        {"step", step_name(tried.step)},
        {"event", tried.event},
        {"time", format_event_time(tried.time)},
        {"group", group_json(tried.group)},
        {"match", entries_json(tried.entries)},
        {"conditions", conditions(*rule_.sequence->steps[tried.step].condition, tried.row)}});
}

void Explainer::stepped(const Step& step) {
  if (step.rule.index != rule_.index) return;
  emit_pending();
  const bool of_event = !filter_.event || std::any_of(step.entries.begin(), step.entries.end(),
                                                      [&](const auto& entry) {
                                                        return entry.event() == *filter_.event;
                                                      });
  if (!of_event || !is_wanted(step.group, step.time)) return;
  emit({{"fact", "step"},
        {"what", step_text(step.what)},
        {"step", step_name(step.step)},
        {"time", format_event_time(step.time)},
        {"group", group_json(step.group)},
        {"match", entries_json(step.entries)}});
}

void Explainer::finish() {
  emit_pending();
  emit({{"fact", "summary"},
        {"rule", rule_.id},
        {"events", counts_.events},
        {"counted", counts_.counted},
        {"evaluations", counts_.evaluations},
        {"hits", counts_.hits},
        {"records", counts_.records},
        {"open", open_.size()}});
}

}  // namespace fengsui::author
