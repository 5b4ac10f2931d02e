#include "dispatch/dispatcher.h"

#include <algorithm>
#include <utility>

namespace fengsui::dispatch {
namespace {

// Group ids are texts of three parts; the last names the group at the route, or the alert.
constexpr char kBetween = '\x1f';

std::string labels_text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    const Expected<Matcher> one = Matcher::make(Matcher::Op::Equal, name, value);
    text += (text.empty() ? "" : ",") + (one ? one->text() : name);
  }
  return "{" + text + "}";
}

// What people are shown of an id.
std::string group_name(const std::string& id) {
  const size_t first = id.find(kBetween);
  const size_t second = id.find(kBetween, first + 1);
  return id.substr(first + 1, second - first - 1) + ":" + id.substr(second + 1);
}

bool is_red(const Labels& labels) {
  const auto grade = labels.find("grade");
  return grade != labels.end() && grade->second == "red";
}

bool is_in(const TimeIntervals& intervals, const std::string& name, EventTime now) {
  const auto named = intervals.find(name);
  return named != intervals.end() &&
         std::any_of(named->second.begin(), named->second.end(),
                     [&](const TimeInterval& interval) { return interval.contains(now); });
}

// In words; empty: the route speaks now.
std::string silent_by_time(const Route& route, const TimeIntervals& intervals, EventTime now) {
  for (const std::string& name : route.mute_intervals) {
    if (is_in(intervals, name, now)) return "within the time interval " + name;
  }
  const std::vector<std::string>& active = route.active_intervals;
  const bool speaks =
      active.empty() || std::any_of(active.begin(), active.end(), [&](const std::string& name) {
        return is_in(intervals, name, now);
      });
  return speaks ? "" : "outside of the time interval " + active.front();
}

}  // namespace

Dispatcher::Dispatcher(Plan plan)
    : plan_(std::make_shared<const Plan>(std::move(plan))), inhibitor_(plan_->inhibit_rules) {}

// --- Records

// Of all labels that the alert has had: whoever heard of it hears what follows.
std::vector<Dispatcher::Target> Dispatcher::targets_of(const std::string& alert,
                                                       const std::vector<Labels>& told) const {
  std::vector<Target> targets;
  for (const Labels& labels : told) {
    for (const Route* route : routes_of(plan_->route, labels)) {
      std::string id = route->options.queue + kBetween + route->key + kBetween;
      id += route->options.grouped ? labels_text(group_labels_of(route->options, labels)) : alert;
      const bool is_new = std::none_of(targets.begin(), targets.end(),
                                       [&](const Target& one) { return one.group == id; });
      if (is_new) targets.push_back({route, std::move(id)});
    }
  }
  return targets;
}

std::vector<std::string> Dispatcher::queues_of(const std::vector<Labels>& told) const {
  std::vector<std::string> queues;
  for (const Labels& labels : told) {
    for (const Route* route : routes_of(plan_->route, labels)) {
      const std::string& queue = route->options.queue;
      if (std::find(queues.begin(), queues.end(), queue) == queues.end()) queues.push_back(queue);
    }
  }
  return queues;
}

bool Dispatcher::may_be_quiet(const std::string& alert, bool is_first) const {
  const auto at = tracked_.find(alert);
  return is_first || (at != tracked_.end() && at->second.closed);
}

// Told at once, and nothing to be remembered of it.
bool Dispatcher::is_plain(const Said& said, const std::vector<Target>& targets) const {
  if (said.is_quiet || tracked_.contains(said.alert)) return false;
  const Labels& labels = said.labels;
  if (!said.is_end && inhibitor_.is_source(labels)) return false;
  return std::all_of(targets.begin(), targets.end(), [&](const Target& target) {
    std::optional<EventTime> until;
    return !target.route->options.grouped &&
           (said.is_end || held_of(*target.route, labels, until).by.empty());
  });
}

void Dispatcher::offer(const Said& said, EventTime now, Outcome& out) {
  now_ = std::max(now_, now);
  const std::vector<Target> targets = targets_of(said.alert, said.told);
  if (is_plain(said, targets)) {
    std::vector<std::string_view> queues;
    for (const Target& target : targets) {
      const std::string& queue = target.route->options.queue;
      if (std::find(queues.begin(), queues.end(), queue) != queues.end()) continue;
      queues.push_back(queue);
      out.notices.push_back({queue, said.alert, said.record, false, {}});
    }
    return;
  }
  Tracked& tracked = track(said);
  if (said.is_quiet) {
    for (const Target& target : targets) {
      tracked.heard[target.route->options.queue].up_to = said.record;
    }
    close(said.alert, now);
    return;
  }
  for (const Target& target : targets) tell(said.alert, tracked, target, out);
  settle(said.alert);
}

Tracked& Dispatcher::track(const Said& said) {
  const auto [at, is_new] = tracked_.try_emplace(said.alert);
  Tracked& tracked = at->second;
  if (is_new) {
    tracked.since = said.is_end ? kBeforeAllTime : now_;  // an end need not wait for others
    // What came before went out at once.
    if (!said.is_first) {
      const std::vector<Labels> before(said.told.begin(),
                                       said.told.begin() + static_cast<ptrdiff_t>(said.had));
      for (const std::string& queue : queues_of(before))
        tracked.heard[queue] = {said.record - 1, true};
    }
  }
  tracked.told = said.told;
  tracked.labels = said.labels;
  tracked.ended = said.is_end;
  tracked.closed = false;
  tracked.records.push_back(said.record);
  const bool was_source = inhibitor_.remove(said.alert);
  if (!said.is_end) inhibitor_.put(said.alert, said.labels);
  if (was_source) release();
  changed_alerts_.insert(said.alert);
  return tracked;
}

// At once where nothing stands in its way, else with its group.
void Dispatcher::tell(const std::string& alert, Tracked& tracked, const Target& target,
                      Outcome& out) {
  const Route& route = *target.route;
  // A queue that comes later hears from here on.
  tracked.heard.try_emplace(route.options.queue, Heard{tracked.records.back() - 1, false});
  if (!route.options.grouped && !groups_.contains(target.group)) {
    if (!tracked.is_news_to(route.options.queue)) return;
    if (tracked.ended) {
      if (tracked.was_heard_by(route.options.queue)) send(alert, tracked, route, {}, out);
      return;
    }
    std::optional<EventTime> until;
    if (held_of(route, tracked.labels, until).by.empty()) {
      send(alert, tracked, route, {}, out);
      return;
    }
  }
  Group& group = join(target, alert, tracked);
  if (!route.options.grouped) schedule(target.group, group, now_);
}

Dispatcher::Group& Dispatcher::join(const Target& target, const std::string& alert,
                                    Tracked& tracked) {
  const auto [at, is_new] = groups_.try_emplace(target.group);
  Group& group = at->second;
  group.route = target.route;
  group.alerts.insert(alert);
  tracked.groups.insert(target.group);
  const EventTime first = std::max(now_, tracked.since + target.route->options.group_wait);
  if (is_new || (!group.flushed && group.next > first)) schedule(target.group, group, first);
  return group;
}

void Dispatcher::schedule(const std::string& id, Group& group, std::optional<EventTime> next) {
  if (group.next) timers_.erase({*group.next, id});
  group.next = next;
  if (next) timers_.emplace(*next, id);
  changed_groups_.insert(id);
}

void Dispatcher::close(const std::string& alert, EventTime now) {
  now_ = std::max(now_, now);
  const auto at = tracked_.find(alert);
  if (at == tracked_.end()) return;
  for (const std::string& id : std::set<std::string>(at->second.groups)) {
    leave(id, groups_.at(id), alert);
  }
  if (inhibitor_.remove(alert)) release();
  for (auto& [queue, heard] : at->second.heard) heard.up_to = at->second.records.back();
  at->second.closed = std::any_of(at->second.heard.begin(), at->second.heard.end(),
                                  [](const auto& heard) { return !heard.second.of_it; });
  at->second.shown = {};
  changed_alerts_.insert(alert);
  settle(alert);
}

// --- Time

std::optional<EventTime> Dispatcher::due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

void Dispatcher::advance(EventTime now, size_t most, Outcome& out) {
  now_ = std::max(now_, now);
  while (!timers_.empty() && timers_.begin()->first <= now_ && out.notices.size() < most) {
    const std::string id = timers_.begin()->second;
    flush(id, out);
  }
}

void Dispatcher::flush(const std::string& id, Outcome& out) {
  Group& group = groups_.at(id);
  const RouteOptions& options = group.route->options;
  std::optional<EventTime> again;
  if (tell_news(id, group, again, out)) {
    group.notified = now_;
  } else if (options.grouped && group.flushed && now_ - group.notified >= options.repeat_interval) {
    repeat(id, group, out);
  }
  group.flushed = true;
  // Who has ended, or has heard all at a route that does not repeat, is done here.
  const std::set<std::string> alerts = group.alerts;
  for (const std::string& alert : alerts) {
    const Tracked& tracked = tracked_.at(alert);
    if (!tracked.ended && (options.grouped || tracked.is_news_to(options.queue))) continue;
    const bool is_last = group.alerts.size() == 1;
    leave(id, group, alert);
    settle(alert);
    if (is_last) return;  // the group is gone
  }
  schedule(id, group, options.grouped ? now_ + options.group_interval : again);
}

// True: there was some. `again`: when what is held may be free.
bool Dispatcher::tell_news(const std::string& id, Group& group, std::optional<EventTime>& again,
                           Outcome& out) {
  const Route& route = *group.route;
  bool told = false;
  for (const std::string& alert : group.alerts) {
    Tracked& tracked = tracked_.at(alert);
    const bool is_news = tracked.is_news_to(route.options.queue);
    Held held;
    if (tracked.ended) {
      // Its end is held back from nobody who has heard of it, and is no news to the others.
      if (is_news && tracked.was_heard_by(route.options.queue)) {
        send(alert, tracked, route, route.options.grouped ? group_name(id) : "", out);
        told = true;
      }
    } else if (is_news) {
      std::optional<EventTime> until;
      held = held_of(route, tracked.labels, until);
      if (held.by.empty()) {
        send(alert, tracked, route, route.options.grouped ? group_name(id) : "", out);
        told = true;
      } else if (until && (!again || *until < *again)) {
        again = until;
      }
    }
    note_held(alert, tracked, id, std::move(held), out);
  }
  return told;
}

// All that fires and is not held back, once more.
void Dispatcher::repeat(const std::string& id, Group& group, Outcome& out) {
  for (const std::string& alert : group.alerts) {
    const Tracked& tracked = tracked_.at(alert);
    std::optional<EventTime> until;
    if (tracked.ended || !tracked.was_heard_by(group.route->options.queue) ||
        !held_of(*group.route, tracked.labels, until).by.empty()) {
      continue;
    }
    out.notices.push_back(
        {group.route->options.queue, alert, tracked.records.back(), true, group_name(id)});
    group.notified = now_;
  }
}

// `until`: when it may be free, if time decides that.
Held Dispatcher::held_of(const Route& route, const Labels& labels,
                         std::optional<EventTime>& until) const {
  if (const Inhibitor::By by = inhibitor_.inhibits(labels); by.rule != nullptr) {
    return {true, "alert " + by.alert + (by.rule->name.empty() ? "" : " (" + by.rule->name + ")")};
  }
  std::string silent = silent_by_time(route, plan_->time_intervals, now_);
  if (!silent.empty()) {
    using std::chrono::minutes;
    until = std::chrono::floor<minutes>(now_) + minutes{1};
    return {false, std::move(silent)};
  }
  if (is_red(labels)) return {};
  const Silence* silence = silences_.holding(labels, now_);
  if (silence == nullptr) return {};
  until = silence->ends;
  return {false, "silence " + silence->id + " of " + silence->author + " until " +
                     format_event_time(silence->ends) + ": " + silence->reason};
}

// All that the queue has not heard.
void Dispatcher::send(const std::string& alert, Tracked& tracked, const Route& route,
                      const std::string& group, Outcome& out) {
  Heard& heard = tracked.heard[route.options.queue];
  for (const uint64_t record : tracked.records) {
    if (record <= heard.up_to) continue;
    out.notices.push_back({route.options.queue, alert, record, false, group});
  }
  heard = {tracked.records.back(), true};
  changed_alerts_.insert(alert);
}

void Dispatcher::note_held(const std::string& alert, Tracked& tracked, const std::string& group,
                           Held held, Outcome& out) {
  if (held.by.empty()) {
    tracked.held.erase(group);
  } else {
    tracked.held[group] = std::move(held);
  }
  Held all;
  for (const auto& [id, one] : tracked.held) {
    all.inhibited = all.inhibited || one.inhibited;
    if (all.by.find(one.by) != std::string::npos) continue;
    all.by += (all.by.empty() ? "" : "; ") + one.by;
  }
  if (all == tracked.shown) return;
  tracked.shown = all;
  out.held.emplace_back(alert, std::move(all));
  changed_alerts_.insert(alert);
}

void Dispatcher::leave(const std::string& id, Group& group, const std::string& alert) {
  group.alerts.erase(alert);
  Tracked& tracked = tracked_.at(alert);
  tracked.groups.erase(id);
  tracked.held.erase(id);
  if (!group.alerts.empty()) return;
  schedule(id, group, std::nullopt);
  groups_.erase(groups_.find(id));
}

// An alert that is in no group, and holds nothing back, is forgotten.
void Dispatcher::settle(const std::string& alert) {
  const auto at = tracked_.find(alert);
  const Tracked& tracked = at->second;
  if (!tracked.groups.empty()) return;
  if (!tracked.ended && (tracked.closed || inhibitor_.has(alert))) return;
  tracked_.erase(at);
  changed_alerts_.insert(alert);
}

// Something that may have held others back is gone: those that wait for nothing else look again.
// Groups with an interval look when it ends.
void Dispatcher::release() {
  for (auto& [id, group] : groups_) {
    if (!group.route->options.grouped) schedule(id, group, now_);
  }
}

// --- Plan and silences

void Dispatcher::set_plan(Plan plan, EventTime now) {
  now_ = std::max(now_, now);
  const Groups before = std::move(groups_);
  plan_ = std::make_shared<const Plan>(std::move(plan));
  regroup(before);
}

// Groups that there were keep their timers; the others begin.
void Dispatcher::regroup(const Groups& before) {
  groups_.clear();
  timers_.clear();
  inhibitor_ = Inhibitor(plan_->inhibit_rules);
  for (const auto& [id, group] : before) changed_groups_.insert(id);
  std::vector<std::string> alerts;
  for (auto& [alert, tracked] : tracked_) {
    alerts.push_back(alert);
    tracked.groups.clear();
    tracked.held.clear();
    if (tracked.closed) continue;
    if (!tracked.ended) inhibitor_.put(alert, tracked.labels);
    for (const Target& target : targets_of(alert, tracked.told)) {
      const RouteOptions& options = target.route->options;
      tracked.heard.try_emplace(options.queue, Heard{tracked.records.back() - 1, false});
      if (!options.grouped && !tracked.is_news_to(options.queue)) continue;
      const bool is_new = !groups_.contains(target.group);
      Group& group = join(target, alert, tracked);
      const auto was = before.find(target.group);
      if (!is_new || was == before.end()) continue;
      group.flushed = was->second.flushed;
      group.notified = was->second.notified;
      if (options.grouped && was->second.next) schedule(target.group, group, was->second.next);
    }
  }
  for (const std::string& alert : alerts) settle(alert);
}

Expected<std::string> Dispatcher::set_silence(Silence silence, std::string new_id, EventTime now) {
  now_ = std::max(now_, now);
  silences_.forget_old(now_);
  Expected<std::string> set = silences_.set(std::move(silence), std::move(new_id), now_);
  if (set) release();
  return set;
}

std::optional<bool> Dispatcher::end_silence(const std::string& id, EventTime now) {
  now_ = std::max(now_, now);
  const std::optional<bool> ended = silences_.end(id, now_);
  if (ended == true) release();
  return ended;
}

}  // namespace fengsui::dispatch
