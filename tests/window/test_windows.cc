// Windows that are not contents: intervals, sessions, the last N, baselines; against the plainest
// way over random streams, and by hand where a boundary is.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "plain_entry.h"
#include "window/baseline.h"
#include "window/closing_contents.h"
#include "window/count_window.h"
#include "window/session_window.h"

namespace fengsui::window {
namespace {

using V = cel::Value;

EventTime at(int64_t ms) { return EventTime{Duration{ms}}; }
int64_t ms(EventTime time) { return time.time_since_epoch().count(); }

rules::Rule rule_of(rules::WindowSpec window, rules::Emit emit = rules::Emit::Event) {
  rules::Rule rule;
  rule.window = window;
  rule.emit = emit;
  rule.captures = 1;
  rule.lets = {
      {"n", rules::Aggregate{.function = rules::Aggregate::Function::Count}},
      {"sum", rules::Aggregate{.function = rules::Aggregate::Function::Sum, .argument = 0}}};
  return rule;
}

PlainEntry entry_of(int64_t time, uint64_t arrival) {
  return {{at(time), Arrival{arrival}},
          std::to_string(arrival),
          {V::integer(static_cast<int64_t>(arrival))}};
}

// "1 4 9 =14": events in order, and their sum.
std::string shown(const Seen& seen) {
  std::string text;
  for (const Entry& entry : seen.entries) text += entry.event() + " ";
  return text + "=" + std::to_string(seen.aggregates[1].as_int());
}
std::string shown(std::vector<PlainEntry> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const PlainEntry& a, const PlainEntry& b) { return a.key < b.key; });
  std::string text;
  int64_t sum = 0;
  for (const PlainEntry& entry : entries) {
    text += entry.event + " ";
    sum += entry.captures[0].as_int();
  }
  return text + "=" + std::to_string(sum);
}

// What is stored and read again; it must have the same stored form.
template <class Kept, class Encode, class Decode>
void store_and_read(Kept& kept, Encode encode, Decode decode) {
  std::string bytes, again;
  ByteWriter out(bytes), out_again(again);
  encode(kept, out);
  ByteReader in(bytes);
  kept = decode(in);
  REQUIRE((in.ok() && in.at_end()));
  encode(kept, out_again);
  REQUIRE(again == bytes);
}

TEST_CASE("hopping: the intervals that hold t") {
  struct Case {
    int64_t length, every, origin, time;
    std::vector<int64_t> starts;
  };
  const Case cases[] = {
      {10, 10, 0, 9, {0}},     {10, 10, 0, 10, {10}},       {10, 5, 0, 9, {0, 5}},
      {10, 5, 0, 10, {5, 10}}, {10, 3, 0, 9, {0, 3, 6, 9}}, {10, 3, 0, 10, {3, 6, 9}},
      {3, 10, 0, 2, {0}},      {3, 10, 0, 3, {}},           {3, 10, 0, 10, {10}},
      {10, 5, 8, 7, {-2, 3}},  {10, 5, -2, 8, {3, 8}},      {1, 1, 0, 5, {5}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.time);
    const HoppingWindow window(Duration{c.length}, Duration{c.every}, at(c.origin));
    std::vector<int64_t> starts;
    for (EventTime s = window.first_start(at(c.time)); s <= window.last_start(at(c.time));
         s += window.every()) {
      starts.push_back(ms(s));
    }
    CHECK(starts == c.starts);
  }
}

TEST_CASE("intervals: each end sees the events of its interval that came in time") {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const int64_t length = 1 + random() % 30, every = 1 + random() % 20;
    const HoppingWindow window(Duration{length}, Duration{every}, at(-5));
    const rules::Rule rule = rule_of({}, rules::Emit::Close);
    ClosingContents contents;
    Timers timers;
    std::vector<PlainEntry> all;
    std::map<int64_t, std::set<uint64_t>> of_interval;  // by start: arrivals that were in time
    int64_t reached = -1;
    for (uint64_t arrival = 1; arrival <= 300; ++arrival) {
      const int64_t time = std::max<int64_t>(reached + random() % 4 - (random() % 4) * 8, 0);
      const int64_t now = std::max(reached, time);
      while (const auto timer = timers.take_due(at(now))) {
        const int64_t start = ms(timer->start);
        REQUIRE(ms(timer->due) == start + length);
        std::vector<PlainEntry> covered;
        for (const PlainEntry& e : all) {
          if (of_interval[start].contains(value_of(e.key.arrival))) covered.push_back(e);
        }
        of_interval.erase(start);
        REQUIRE(shown(contents.close(timer->start, rule, window)) == shown(covered));
      }
      reached = now;
      const PlainEntry entry = entry_of(time, arrival);
      all.push_back(entry);
      bool taken = false, left_out = false;
      for (int64_t start = -1005; start <= time; ++start) {
        if ((start + 5) % every != 0 || start + length <= time) continue;
        (start + length <= reached ? left_out : taken) = true;
        if (start + length > reached) of_interval[start].insert(arrival);
      }
      GroupTimers group_timers(timers, {}, arrival);
      const Put put = contents.put(entry, window, at(reached), group_timers);
      REQUIRE(put.taken == taken);
      REQUIRE(put.left_out == left_out);
      REQUIRE(timers.size() == of_interval.size());
      REQUIRE(contents.empty() == of_interval.empty());
      if (random() % 20 == 0) {
        store_and_read(
            contents, [](const ClosingContents& c, ByteWriter& out) { c.encode(out); },
            [&](ByteReader& in) {
              return ClosingContents::decode(in, rule.captures, test_room());
            });
      }
    }
  }
}

// Sessions as rules.md says them, as plain sets.
class PlainSessions {
 public:
  explicit PlainSessions(const rules::Rule& rule)
      : gap_(rule.window.length.count()),
        most_(rule.window.most ? rule.window.most->count() : INT64_MAX),
        closes_(rule.emit == rules::Emit::Close) {}

  // The session that has the event now; null: it was left out.
  const std::vector<PlainEntry>* put(const PlainEntry& entry, int64_t reached) {
    sort();
    const int64_t t = ms(entry.key.time);
    for (size_t n = 0; n < sessions_.size(); ++n) {
      std::vector<PlainEntry>& session = sessions_[n];
      if (t < first(session) - gap_ || t > last(session) + gap_) continue;
      if (std::max(t, last(session)) - std::min(t, first(session)) > most_) continue;
      session.push_back(entry);
      if (n + 1 < sessions_.size() && first(sessions_[n + 1]) - last(session) <= gap_ &&
          std::max(last(session), last(sessions_[n + 1])) - first(session) <= most_) {
        session.insert(session.end(), sessions_[n + 1].begin(), sessions_[n + 1].end());
        sessions_.erase(sessions_.begin() + static_cast<ptrdiff_t>(n) + 1);
      }
      return &sessions_[n];
    }
    if (closes_ && t + gap_ + 1 <= reached) return nullptr;
    sessions_.push_back({entry});
    return &sessions_.back();
  }
  // One that ends by then, if there is one.
  std::vector<PlainEntry> take_ended(int64_t reached) {
    for (size_t n = 0; n < sessions_.size(); ++n) {
      if (last(sessions_[n]) + gap_ + 1 > reached) continue;
      std::vector<PlainEntry> ended = sessions_[n];
      sessions_.erase(sessions_.begin() + static_cast<ptrdiff_t>(n));
      return ended;
    }
    return {};
  }

 private:
  static int64_t first(const std::vector<PlainEntry>& session) {
    int64_t first = INT64_MAX;
    for (const PlainEntry& e : session) first = std::min(first, ms(e.key.time));
    return first;
  }
  static int64_t last(const std::vector<PlainEntry>& session) {
    int64_t last = INT64_MIN;
    for (const PlainEntry& e : session) last = std::max(last, ms(e.key.time));
    return last;
  }
  void sort() {
    std::sort(sessions_.begin(), sessions_.end(),
              [](const auto& a, const auto& b) { return first(a) < first(b); });
  }
  const int64_t gap_, most_;
  const bool closes_;
  std::vector<std::vector<PlainEntry>> sessions_;
};

rules::Rule random_session(std::mt19937& random, rules::Emit emit) {
  rules::WindowSpec window{.kind = rules::WindowSpec::Kind::Session,
                           .length = Duration{1 + random() % 12}};
  if (random() % 3 != 0) window.most = Duration{random() % 40};
  return rule_of(window, emit);
}

TEST_CASE("sessions: an event sees those of its session up to its time") {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const rules::Rule rule = random_session(random, rules::Emit::Event);
    const int64_t lateness = random() % 60;
    Sessions sessions;
    PlainSessions plain(rule);
    int64_t newest = 0;
    for (uint64_t arrival = 1; arrival <= 250; ++arrival) {
      int64_t time = newest + random() % 8;
      if (random() % 3 == 0) time = newest - random() % (lateness + 1);
      newest = std::max(newest, time);
      const PlainEntry entry = entry_of(time, arrival);
      const EventTime floor = at(newest - lateness);
      std::vector<PlainEntry> covered = *plain.put(entry, 0);
      std::erase_if(covered, [&](const PlainEntry& e) { return e.key.time > at(time); });
      sessions.keep(entry, rule, std::min(floor, at(time)));
      REQUIRE(shown(sessions.seen_by(entry.key, rule)) == shown(covered));
      if (random() % 20 != 0) continue;
      store_and_read(
          sessions, [&](const Sessions& s, ByteWriter& out) { s.encode(out, rule, floor); },
          [&](ByteReader& in) { return Sessions::decode(in, rule, test_room()); });
    }
  }
}

TEST_CASE("sessions: each ends with what joined it in time") {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const rules::Rule rule = random_session(random, rules::Emit::Close);
    Sessions sessions;
    PlainSessions plain(rule);
    Timers timers;
    int64_t reached = 0;
    for (uint64_t arrival = 1; arrival <= 250; ++arrival) {
      int64_t time = reached + random() % 8;
      if (random() % 3 == 0) time = std::max<int64_t>(reached - random() % 40, 0);
      reached = std::max(reached, time);
      std::multiset<std::string> got, wanted;
      while (const auto timer = timers.take_due(at(reached))) {
        got.insert(shown(sessions.close(timer->due, timer->set, rule)));
      }
      for (;;) {
        const std::vector<PlainEntry> ended = plain.take_ended(reached);
        if (ended.empty()) break;
        wanted.insert(shown(ended));
      }
      REQUIRE(got == wanted);
      const PlainEntry entry = entry_of(time, arrival);
      GroupTimers group_timers(timers, {}, arrival);
      const Put put = sessions.put(entry, rule, at(reached), group_timers);
      REQUIRE(put.taken == (plain.put(entry, reached) != nullptr));
      REQUIRE(put.left_out == !put.taken);
      REQUIRE(sessions.empty() == (timers.size() == 0));
      if (random() % 20 != 0) continue;
      store_and_read(
          sessions, [&](const Sessions& s, ByteWriter& out) { s.encode(out, rule, at(0)); },
          [&](ByteReader& in) { return Sessions::decode(in, rule, test_room()); });
    }
  }
}

TEST_CASE("count: an event sees the last N up to it, none at t-W or before") {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const int64_t within = 1 + random() % 60;
    const uint64_t count = 1 + random() % 8;
    const rules::Rule rule = rule_of(
        {.kind = rules::WindowSpec::Kind::Count, .length = Duration{within}, .count = count});
    const int64_t lateness = random() % 50;
    CountContents contents;
    std::vector<PlainEntry> all;
    int64_t newest = 0;
    for (uint64_t arrival = 1; arrival <= 250; ++arrival) {
      int64_t time = newest + random() % 8;
      if (random() % 3 == 0) time = newest - random() % (lateness + 1);
      newest = std::max(newest, time);
      const PlainEntry entry = entry_of(time, arrival);
      const EventTime floor = at(newest - lateness);
      all.push_back(entry);
      std::vector<PlainEntry> covered;
      for (const PlainEntry& e : all) {
        if (ms(e.key.time) > time - within && ms(e.key.time) <= time) covered.push_back(e);
      }
      std::sort(covered.begin(), covered.end(),
                [](const PlainEntry& a, const PlainEntry& b) { return a.key < b.key; });
      if (covered.size() > count) {
        covered.erase(covered.begin(), covered.end() - static_cast<ptrdiff_t>(count));
      }
      contents.keep(entry, rule, std::min(floor, at(time)));
      REQUIRE(shown(contents.seen_by(entry.key, rule)) == shown(covered));
      if (random() % 20 != 0) continue;
      store_and_read(
          contents, [&](const CountContents& c, ByteWriter& out) { c.encode(out, rule, floor); },
          [&](ByteReader& in) { return CountContents::decode(in, rule, test_room()); });
    }
  }
}

rules::Rule baseline_rule(rules::Aggregate::Function of, int64_t every, int64_t keep) {
  rules::Rule rule = rule_of({.kind = rules::WindowSpec::Kind::Tumbling, .length = Duration{10}});
  rule.lets[0].value = rules::Aggregate{.function = of};
  rule.baseline = rules::Baseline{.of = 0, .every = Duration{every}, .keep = keep};
  return rule;
}

// "mean/stddev/samples" for the window that starts at `start`.
std::string usual(const BaselineHistory& history, const rules::Rule& rule, int64_t start,
                  int64_t reached) {
  std::string text;
  for (const V& v : history.values(at(start), rule, at(reached))) {
    if (!text.empty()) text += "/";
    cel::append_json(text, v);
  }
  return text;
}

TEST_CASE("baseline: the windows that count") {
  using Function = rules::Aggregate::Function;
  const rules::Rule counts = baseline_rule(Function::Count, 20, 3);
  const rules::Rule means = baseline_rule(Function::Avg, 20, 3);
  BaselineHistory history;
  history.note_event(at(20));
  history.close(at(20), V::integer(4));
  history.close(at(30), V::integer(100));
  history.close(at(60), V::integer(1));
  history.close(at(80), V::error(cel::ErrorCode::Empty));
  const std::string nothing = usual(BaselineHistory(), counts, 100, 100);
  struct Case {
    const char* what;
    const rules::Rule& rule;
    int64_t start, reached;
    std::string usual;
  };
  const Case cases[] = {
      {"none before the group's first", counts, 20, 20, nothing},
      {"a multiple of every before", counts, 40, 40, "4.0/0.0/1"},
      {"others are of another hour", counts, 50, 50, "100.0/0.0/1"},
      {"one without events is 0 of a count", counts, 60, 60, "2.0/2.0/2"},
      {"and no sample of an average", means, 60, 60, "4.0/0.0/1"},
      {"one that erred is no sample", counts, 100, 100, "0.5/0.5/2"},
      {"keep counts windows, samples or not", means, 100, 100, "1.0/0.0/1"},
      {"one that has not closed does not count", counts, 80, 69, "2.0/2.0/2"},
      {"once it has, it does", counts, 80, 70, std::string()},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    if (c.usual.empty()) {
      CHECK(history.values(at(c.start), c.rule, at(c.reached))[2].as_int() == 3);
    } else {
      CHECK(usual(history, c.rule, c.start, c.reached) == c.usual);
    }
  }
  CHECK(nothing == "0.0/0.0/0");
}

TEST_CASE("baseline: what no window can look back at is forgotten, not the group's first event") {
  using Function = rules::Aggregate::Function;
  const rules::Rule counts = baseline_rule(Function::Count, 20, 3);
  const rules::Rule means = baseline_rule(Function::Avg, 20, 3);
  BaselineHistory history;
  history.note_event(at(0));
  history.close(at(0), V::integer(4));
  CHECK(history.unneeded_from(means) == at(70));  // the end of the window that starts at 60
  CHECK(history.unneeded_from(counts) == kAfterAllTime);
  history.forget_unneeded(counts, at(70));
  CHECK(usual(history, counts, 60, 70) == usual(history, counts, 60, 60));
  std::string before, after;
  ByteWriter out_before(before), out_after(after);
  history.encode(out_before, counts, at(71));
  history.forget_unneeded(counts, at(71));
  history.encode(out_after, counts, at(71));
  CHECK(before == after);
  CHECK(history.values(at(200), counts, at(200))[2].as_int() == 3);
}

}  // namespace
}  // namespace fengsui::window
