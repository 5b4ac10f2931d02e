#include "pipeline/shard.h"

#include <algorithm>
#include <utility>

#include "alert/evaluation.h"
#include "base/invariant.h"
#include "pipeline/shard_state.h"

namespace fengsui::pipeline {
namespace {

// So that a watermark less the lateness stays an event time.
constexpr Duration kLatenessMax = kAfterAllTime - EventTime{};
constexpr size_t kPlacesAhead = 14, kGroupsAhead = 8, kEventsAhead = 4;  // matches
constexpr size_t kCacheLine = 64;
// No event is as late in order.
constexpr window::EntryKey kAfterAllEvents = {kAfterAllTime, Arrival{UINT64_MAX}};

bool has_alert_rules(const rules::RuleSet& rules) {
  return std::any_of(rules.rules.begin(), rules.rules.end(),
                     [](const auto& rule) { return rule->over_alerts; });
}

ShardOptions options_for(const rules::RuleSet& rules, ShardOptions options) {
  // The record of an absence or a session is 1 ms earlier than its timer: an alert that late comes
  // whatever may come late from outside.
  if (has_alert_rules(rules) && options.allowed_lateness < kLatenessMax) {
    options.allowed_lateness += Duration{1};
  }
  options.allowed_lateness = std::min(options.allowed_lateness, kLatenessMax);
  return options;
}

RuleKeeping keeping_for(const rules::Rule& rule, EventTime origin) {
  using Kind = RuleKeeping::Kind;
  using Window = rules::WindowSpec::Kind;
  RuleKeeping keeping;
  keeping.reads_captures = alert::reads_captures(rule);
  if (rule.sequence) {
    keeping.kind = Kind::Sequence;
    return keeping;
  }
  const rules::WindowSpec& window = rule.window;
  const bool closes = rule.emit == rules::Emit::Close;
  switch (window.kind) {
    case Window::None:
      break;
    case Window::Sliding:
      keeping.kind = Kind::Contents;
      break;
    case Window::Tumbling:
      keeping.kind = closes ? Kind::Closing : Kind::Contents;
      keeping.intervals.emplace(window.length, window.length, origin);
      break;
    case Window::Hopping:
      keeping.kind = Kind::Closing;
      keeping.intervals.emplace(window.length, window.every, origin);
      break;
    case Window::Session:
      keeping.kind = Kind::Sessions;
      break;
    case Window::Count:
      keeping.kind = Kind::Count;
      break;
  }
  if (keeping.kind == Kind::Contents) keeping.window = window::window_of(rule, origin);
  return keeping;
}

// The matches of one event are neighbours; no timer fires between them.
std::span<match::Match> event_at(std::vector<match::Match>& matches, size_t i) {
  size_t end = i + 1;
  while (end < matches.size() && matches[end].arrival == matches[i].arrival) ++end;
  return std::span(matches).subspan(i, end - i);
}

}  // namespace

std::vector<uint64_t> state_keys_of(const rules::RuleSet& rules) {
  std::vector<uint64_t> keys;
  for (const auto& rule : rules.rules) keys.push_back(rule->state_key);
  return keys;
}

Shard::State::State(std::shared_ptr<const rules::RuleSet> the_rules, ShardOptions the_options)
    : base_options(the_options),
      groups(state_keys_of(*the_rules)),
      hits(the_rules->rules.size()),
      left_out(the_rules->rules.size()) {
  set_rules(std::move(the_rules));
}

void Shard::State::set_rules(std::shared_ptr<const rules::RuleSet> next) {
  rules = std::move(next);
  options = options_for(*rules, base_options);
  keepings.clear();
  rule_of_key.clear();
  alert_matcher.reset();
  for (const auto& rule : rules->rules) {
    rule_of_key.emplace(rule->state_key, rule->index);
    keepings.push_back(keeping_for(*rule, rules->window_origin));
  }
  if (has_alert_rules(*rules)) alert_matcher = match::make_alert_matcher(rules);
}

void Shard::State::apply(state::Frame&& frame, Records& out) {
  INVARIANT(value_of(frame.position) == value_of(position) + 1);
  position = frame.position;
  std::vector<match::Match>& matches = frame.matches;
  cold.fetch_for(matches);
  for (size_t i = 0; i < matches.size();) {
    const Matches event = event_at(matches, i);
    i += event.size();
    // A partition that is heard of is active, whatever its last mark said.
    const match::Match& first = event.front();
    watermark.mark(first.partition, first.late ? first.watermark : kBeforeAllTime, true);
    if (first.late) {
      // At once, but after all that its partition's watermark had released when it came.
      release(out);
      take(event, out);
    } else {
      for (match::Match& match : event) buffer.hold(std::move(match));
    }
  }
  for (const state::PartitionMark& mark : frame.marks) {
    watermark.mark(mark.partition, mark.watermark, mark.active);
  }
  release(out);
  expire_groups();
}

void Shard::State::release(Records& out) {
  std::vector<match::Match> released = std::move(release_room);
  buffer.release(watermark, released);
  const EventTime held = buffer.earliest();
  // Several events ahead, so that their places in the table, then their groups, then what
  // these keep, are in the cache.
  const auto look_ahead = [&](size_t at) {
    if (at + kPlacesAhead < released.size()) {
      const match::Match& match = released[at + kPlacesAhead];
      groups.prefetch(match.rule, match.bytes.group_hash());
    }
    if (at + kEventsAhead < released.size()) {
      const match::Match& match = released[at + kEventsAhead];
      if (const ShardGroup* group = groups.likely(match.rule, match.bytes.group_hash())) {
        const auto* const kept = static_cast<const char*>(group->kept.address());
        __builtin_prefetch(kept);
        __builtin_prefetch(kept + kCacheLine);
      }
    }
    if (at + kGroupsAhead >= released.size()) return;
    const match::Match& match = released[at + kGroupsAhead];
    if (const ShardGroup* group = groups.likely(match.rule, match.bytes.group_hash())) {
      __builtin_prefetch(group);
      __builtin_prefetch(reinterpret_cast<const char*>(group) + kCacheLine);
    }
  };
  for (size_t i = 0; i < released.size();) {
    const Matches event = event_at(released, i);
    for (size_t at = i; at < i + event.size(); ++at) look_ahead(at);
    i += event.size();
    const window::EntryKey key{event.front().time, event.front().arrival};
    earliest_held = std::min(held, key.time);
    // Timers due by then, and those that the event before set for a time that was past already.
    pass_time(key.time, key, out);
    take(event, out);
  }
  released.clear();
  release_room = std::move(released);
  earliest_held = held;
  pass_time(watermark.target(), kAfterAllEvents, out);
}

void Shard::State::pass_time(EventTime until, const window::EntryKey& before, Records& out) {
  const EventTime limit = std::min(until, watermark.target());
  for (;;) {
    const EventTime timer = timers.first_due();
    const bool event_waits = !waiting.empty() && waiting.first() < before;
    const EventTime event = event_waits ? waiting.first().time : window::Timers::kNever;
    const bool alert_waits =
        !alerts.empty() && window::EntryKey{alerts.first().time, Arrival{UINT64_MAX}} <= before;
    const EventTime alert = alert_waits ? alerts.first().time : window::Timers::kNever;
    const EventTime next = std::min({timer, event, alert});
    if (next > std::max(limit, watermark.reached())) break;
    watermark.reach(next);
    // Before an event of a time all timers due by then; alerts after all else.
    if (timer == next) {
      fire(*timers.take_due(next), out);
    } else if (event == next) {
      std::vector<match::Match> matches = waiting.take_first();
      process(matches, out);
    }
    process_alerts(out);
  }
  watermark.reach(limit);
}

void Shard::State::take(Matches event, Records& out) {
  if (event.front().time <= watermark.reached()) {
    process(event, out);
  } else {
    // Rules by time wait for the engine's watermark; those by arrival do not.
    std::vector<match::Match> at_once;
    for (match::Match& match : event) {
      if (rules->rule(match.rule).order == rules::Order::Time) {
        waiting.hold(std::move(match));
      } else {
        at_once.push_back(std::move(match));
      }
    }
    process(at_once, out);
  }
  process_alerts(out);
}

void Shard::State::process(Matches event, Records& out) {
  for (size_t i = 0; i < event.size();) {
    INVARIANT(value_of(event[i].rule) < rules->rules.size());
    const rules::Rule& rule = rules->rule(event[i].rule);
    const ListenedWork work(options.listener, rule);
    if (!rule.sequence) {
      put_in_window(rule, event[i++], out);
      continue;
    }
    size_t end = i + 1;
    while (end < event.size() && event[end].rule == rule.index) ++end;
    offer_to_sequence(rule, event.subspan(i, end - i), out);
    i = end;
  }
}

void Shard::State::fire(const window::Timer& timer, Records& out) {
  auto& group = *static_cast<ShardGroup*>(timer.owner);
  const ListenedWork work(options.listener, rules->rule(group.rule));
  if (timer.kind == window::TimerKind::Clear) {
    clear_episode(group, out);
  } else if (keepings[value_of(group.rule)].kind == RuleKeeping::Kind::Sequence) {
    end_absence(group, timer, out);
  } else {
    end_window(group, timer, out);
  }
  groups.set_dirty(group);
  set_expiry(group);
}

void Shard::State::expire_groups() {
  const EventTime floor = floor_after(kAfterAllTime), reached = watermark.reached();
  // In a replay, a group that is ahead of it has to stay until the replay is there: what comes
  // before is in it already, and must not make it anew.
  std::vector<ShardGroup*> ahead;
  const bool away_too = position >= cold.away_includes;
  while (ShardGroup* group = groups.take_expiry(floor, reached, away_too)) {
    const std::optional<EventTime> at = expiry_of(*group);
    if (!at) continue;  // set again when its episode or timer has ended
    const bool when_reached = expires_when_reached(rules->rule(group->rule));
    if (*at > (when_reached ? reached : floor)) {
      groups.set_expiry(*group, *at, when_reached);
    } else if (group->includes > position) {
      ahead.push_back(group);
    } else {
      cold.erase(*group);
    }
  }
  for (ShardGroup* group : ahead) set_expiry(*group);
}

bool Shard::State::expires_when_reached(const rules::Rule& rule) const {
  using Kind = RuleKeeping::Kind;
  const Kind kind = keeping_of(rule).kind;
  return kind == Kind::Closing || kind == Kind::Sequence || rule.baseline ||
         (kind == Kind::Sessions && rule.emit == rules::Emit::Close);
}

std::optional<EventTime> Shard::State::expiry_of(const ShardGroup& group) const {
  using Kind = RuleKeeping::Kind;
  if (group.episode() != nullptr) return std::nullopt;
  const rules::Rule& rule = rules->rule(group.rule);
  const RuleKeeping& keeping = keeping_of(rule);
  std::optional<EventTime> at = kBeforeAllTime;
  switch (keeping.kind) {
    case Kind::Nothing:
      break;
    case Kind::Contents:
      if (!rule.baseline) {
        at = group.kept.as<window::Contents>().unneeded_from(*keeping.window);
      } else if (group.baseline()->has_open()) {
        at.reset();
      }
      break;
    case Kind::Closing:
      if (!group.kept.as<window::ClosingContents>().empty()) at.reset();
      break;
    case Kind::Sessions: {
      const auto& sessions = group.kept.as<window::Sessions>();
      if (rule.emit == rules::Emit::Event) {
        at = sessions.unneeded_from(rule);
      } else if (!sessions.empty()) {
        at.reset();
      }
      break;
    }
    case Kind::Count:
      at = group.kept.as<window::CountContents>().unneeded_from(rule);
      break;
    case Kind::Sequence: {
      const auto& matches = group.kept.as<window::PartialMatches>();
      at = matches.expired_from(rule);
      if (matches.has_timers(rule)) at.reset();
      break;
    }
  }
  if (at && rule.baseline) at = std::max(*at, group.baseline()->unneeded_from(rule));
  return at;
}

void Shard::State::set_expiry(ShardGroup& group) {
  const bool when_reached = expires_when_reached(rules->rule(group.rule));
  if (!when_reached && group.expires()) return;  // it is looked at again before
  const std::optional<EventTime> at = expiry_of(group);
  if (at) groups.set_expiry(group, *at, when_reached);
}

EventTime Shard::State::floor_after(EventTime time) const {
  const EventTime reached = watermark.reached();
  const EventTime admitted =
      reached == kAfterAllTime ? kAfterAllTime : reached - options.allowed_lateness;
  return std::min({admitted, earliest_held, time});
}

EventTime Shard::State::floor_of(const rules::Rule& rule) const {
  // A closed window takes no late event, so it need not be kept for one.
  return rule.baseline ? watermark.reached() : floor_after(kAfterAllTime);
}

window::GroupTimers Shard::State::timers_of(ShardGroup& group, uint64_t number) {
  const window::Timer like{
      .over_alerts = rules->rule(group.rule).over_alerts, .rule = group.rule, .owner = &group};
  return window::GroupTimers(timers, like, number,
                             [](void* owner) { return static_cast<ShardGroup*>(owner)->order(); });
}

Shard::Shard(std::shared_ptr<const rules::RuleSet> rules, ShardOptions options)
    : state_(std::make_unique<State>(std::move(rules), options)) {}
Shard::~Shard() = default;
Shard::Shard(Shard&&) noexcept = default;

void Shard::forget_changes() { state_->groups.changed().forget_all(); }

void Shard::listen(ShardListener* listener) { state_->options.listener = listener; }

void Shard::apply(const state::Frame& frame, std::vector<alert::Record>& out) {
  apply(state::Frame(frame), out);
}
void Shard::apply(state::Frame&& frame, std::vector<alert::Record>& out) {
  state_->apply(std::move(frame), out);
}

LogPosition Shard::position() const { return state_->position; }
EventTime Shard::watermark() const { return state_->watermark.reached(); }
const ShardCounters& Shard::counters() const { return state_->counters; }
size_t Shard::groups() const { return state_->groups.size(); }
size_t Shard::timers() const { return state_->timers.size(); }
size_t Shard::held() const {
  return state_->buffer.size() + state_->waiting.size() + state_->alerts.size();
}
size_t Shard::groups_of(RuleIndex rule) const { return state_->groups.of_rule(rule); }
const Shard::HitCounts& Shard::hits_of(RuleIndex rule) const {
  return state_->hits[value_of(rule)];
}
uint64_t Shard::late_left_out_of(RuleIndex rule) const { return state_->left_out[value_of(rule)]; }

}  // namespace fengsui::pipeline
