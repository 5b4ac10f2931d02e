#include "naive_shard.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/hash.h"
#include "base/time.h"

namespace fengsui::pipeline {
namespace {

constexpr int64_t kNever = -1'000'000'000'000;
constexpr int64_t kForever = 1'000'000'000'000;
const char* const kGrades[] = {"none", "blue", "yellow", "orange", "red"};

struct Known {
  Arriving event;
  uint64_t arrival;
  std::string name;
};
bool in_order(const Known& a, const Known& b) {
  return std::tie(a.event.time, a.arrival) < std::tie(b.event.time, b.arrival);
}

struct Open {
  std::string alert;
  int grade;
  int64_t opened, last;
  int hits, records;
};

std::string quoted(const std::string& text) { return "\"" + text + "\""; }
std::string time_text(int64_t time) { return quoted(format_event_time(at(time))); }

class Naive {
 public:
  Naive(const std::vector<RuleSpec>& specs, int64_t origin, const Feed& feed)
      : specs_(specs), origin_(origin), feed_(feed), rules_(specs.size()) {}

  std::vector<std::string> run(const std::vector<Arriving>& events, bool flush) {
    for (const Arriving& event : events) partitions_[event.partition];
    for (const Arriving& event : events) accept(event);
    for (auto& [id, partition] : partitions_) {
      if (partition.highest != kNever) partition.mark = partition.highest;
      if (flush) partition.mark = kForever;
      partition.active = partition.active || flush;
    }
    advance();
    return lines_;
  }

 private:
  struct Partition {
    int64_t highest = kNever, mark = kNever;
    bool active = true;
  };
  struct OfRule {
    std::map<std::string, std::vector<Known>> events;
    std::map<std::string, Open> open;
  };

  void accept(const Arriving& event) {
    Partition& partition = partitions_[event.partition];
    if (event.idle) {
      partition.active = false;
      advance();
      return;
    }
    const int64_t bound = std::max(partition.mark, engine_);
    if (event.time < bound - feed_.allowed_lateness) return;
    const uint64_t arrival = ++arrivals_;
    const Known known{event, arrival, event_name(arrival)};
    if (event.time < bound) {
      process(known);
      fire(engine_);
    } else {
      held_.push_back(known);
    }
    partition.highest = std::max(partition.highest, event.time);
    partition.mark = std::max(partition.mark, partition.highest - feed_.out_of_orderness);
    partition.active = true;
    advance();
  }

  void advance() {
    int64_t target = kForever;
    bool any = false;
    for (const auto& [id, partition] : partitions_) {
      if (!partition.active) continue;
      any = true;
      target = std::min(target, partition.mark);
    }
    target = any ? std::max(target, engine_) : engine_;
    std::sort(held_.begin(), held_.end(), in_order);
    std::vector<Known> still_held;
    for (const Known& known : held_) {
      if (known.event.time > partitions_[known.event.partition].mark) {
        still_held.push_back(known);
        continue;
      }
      engine_ = std::max(engine_, std::min(known.event.time, target));
      fire(engine_);
      process(known);
      fire(engine_);
    }
    held_ = still_held;
    engine_ = target;
    fire(engine_);
  }

  void fire(int64_t until) {
    for (;;) {
      bool found = false;
      std::tuple<int64_t, size_t, std::string> first;
      for (size_t rule = 0; rule < specs_.size(); ++rule) {
        for (const auto& [group, open] : rules_[rule].open) {
          const std::tuple<int64_t, size_t, std::string> due{open.last + specs_[rule].quiet + 1,
                                                             rule, group};
          if (std::get<0>(due) > until || (found && first < due)) continue;
          found = true;
          first = due;
        }
      }
      if (!found) return;
      clear(std::get<1>(first), std::get<2>(first));
    }
  }

  void process(const Known& known) {
    for (size_t rule = 0; rule < specs_.size(); ++rule) {
      const RuleSpec& spec = specs_[rule];
      const std::string group = spec.has_by ? known.event.group : known.name;
      rules_[rule].events[group].push_back(known);
      std::vector<Known> window;
      for (const Known& other : rules_[rule].events[group]) {
        if (sees(spec, known, other)) window.push_back(other);
      }
      std::sort(window.begin(), window.end(), in_order);
      evaluate(rule, group, known.event.time, window);
    }
  }

  bool sees(const RuleSpec& spec, const Known& known, const Known& other) const {
    const int64_t t = known.event.time;
    if (spec.window == rules::WindowSpec::Kind::None) return other.arrival == known.arrival;
    if (other.event.time > t) return false;
    if (spec.window == rules::WindowSpec::Kind::Sliding) return other.event.time > t - spec.length;
    int64_t start = origin_;
    while (start > t) start -= spec.length;
    while (start + spec.length <= t) start += spec.length;
    return other.event.time >= start;
  }

  void evaluate(size_t rule, const std::string& group, int64_t t,
                const std::vector<Known>& window) {
    const RuleSpec& spec = specs_[rule];
    const int64_t n = static_cast<int64_t>(window.size());
    int64_t sum = 0;
    std::set<int64_t> kinds;
    for (const Known& known : window) {
      if (!known.event.v) continue;
      sum += *known.event.v;
      kinds.insert(*known.event.v);
    }
    const int grade = n >= 6 || sum > 100 ? 4 : n >= 4 ? 3 : n >= spec.yellow_from ? 2 : 0;
    if (grade == 0) return;

    OfRule& of_rule = rules_[rule];
    auto open = of_rule.open.find(group);
    if (open != of_rule.open.end() && t > open->second.last + spec.quiet) {
      clear(rule, group);
      open = of_rule.open.end();
    }
    std::string kind;
    Open episode;
    if (open == of_rule.open.end()) {
      const std::string us = "\x1f";
      const std::string identity =
          spec.id + us + (spec.has_by ? group + us : "") + window.back().name;
      episode = {sha256_hex(identity).substr(0, 16), grade, t, t, 1, 1};
      kind = "open";
      if (spec.quiet > 0) of_rule.open[group] = episode;
    } else {
      Open& known = open->second;
      ++known.hits;
      known.last = std::max(known.last, t);
      if (grade <= known.grade) return;
      known.grade = grade;
      ++known.records;
      episode = known;
      kind = "raise";
    }
    std::string values = "\"n\":" + std::to_string(n) + ",\"sum\":" + std::to_string(sum) +
                         ",\"kinds\":" + std::to_string(kinds.size());
    if (!kinds.empty()) {
      values += ",\"mean\":" + std::to_string(sum / static_cast<int64_t>(kinds.size()));
    }
    std::string evidence;
    for (size_t i = window.size() > 20 ? window.size() - 20 : 0; i < window.size(); ++i) {
      evidence += (evidence.empty() ? "" : ",") + quoted(window[i].name);
    }
    const Arriving& newest = window.back().event;
    say(rule,
        std::to_string(episode.records) + " {\"kind\":" + quoted(kind) +
            ",\"alert\":" + quoted(episode.alert) + ",\"rule\":" + quoted(spec.id) +
            ",\"grade\":" + quoted(kGrades[grade]) + ",\"time\":" + time_text(t) +
            ",\"group\":" + group_text(spec, group) + ",\"values\":{" + values +
            "},\"evidence\":[" + evidence + "],\"labels\":{\"department\":\"d\"},\"area\":" +
            (newest.area ? quoted(*newest.area) : "null") + ",\"message\":" +
            quoted(std::to_string(n) + ": " + (newest.v ? std::to_string(*newest.v) : "{v}")) +
            "}");
  }

  void clear(size_t rule, const std::string& group) {
    const RuleSpec& spec = specs_[rule];
    const Open open = rules_[rule].open.at(group);
    rules_[rule].open.erase(group);
    say(rule,
        std::to_string(open.records + 1) + " {\"kind\":\"clear\",\"alert\":" + quoted(open.alert) +
            ",\"rule\":" + quoted(spec.id) + ",\"grade\":" + quoted(kGrades[open.grade]) +
            ",\"time\":" + time_text(open.last + spec.quiet) +
            ",\"group\":" + group_text(spec, group) + ",\"hits\":" + std::to_string(open.hits) +
            ",\"opened\":" + time_text(open.opened) + ",\"last\":" + time_text(open.last) + "}");
  }

  static std::string group_text(const RuleSpec& spec, const std::string& group) {
    return spec.has_by ? "{\"g\":" + quoted(group) + "}" : "{}";
  }

  void say(size_t rule, const std::string& line) {
    if (specs_[rule].mode == rules::Mode::Live) lines_.push_back(line);
  }

  const std::vector<RuleSpec>& specs_;
  const int64_t origin_;
  const Feed feed_;
  std::map<uint32_t, Partition> partitions_;
  int64_t engine_ = kNever;
  uint64_t arrivals_ = 0;
  std::vector<Known> held_;
  std::vector<OfRule> rules_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> naive_lines(const std::vector<RuleSpec>& specs, int64_t origin,
                                     const Feed& feed, const std::vector<Arriving>& events,
                                     bool flush) {
  return Naive(specs, origin, feed).run(events, flush);
}

}  // namespace fengsui::pipeline
