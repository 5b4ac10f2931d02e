#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "town.h"

namespace fengsui::dispatch {
namespace {

// Random days: whatever happens, a dispatcher that is started again at any time says what one that
// never ends says, and every alert's records reach a queue once, in their order.
TEST_CASE("restarts change nothing") {
  const std::string plan = R"(
route:
  queue: duty
  routes:
    - {matchers: [area=1], queue: one, group_by: [rule], group_wait: 20s, group_interval: 1m,
       repeat_interval: 10m, continue: true}
    - {matchers: [grade=red], queue: city}
    - {matchers: [area=2], queue: two, active_time_intervals: [odd]}
inhibit_rules:
  - {source_matchers: [grade=red], target_matchers: [grade=~"blue|yellow"], equal: [area]}
time_intervals:
  - name: odd
    time_intervals:
      - times: [{start_time: "00:05", end_time: "00:20"}, {start_time: "00:40", end_time: "01:10"}]
)";
  const char* const grades[] = {"blue", "yellow", "orange", "red"};
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto pick = [&](int most) {
      return static_cast<int>(random() % static_cast<unsigned>(most));
    };
    Town sure(plan), restarted(plan);
    std::map<std::string, std::pair<int, Labels>> open;
    Strings silences;
    int next = 0, now = 0;
    const auto both = [&](const auto& act) {
      act(sure);
      act(restarted);
    };
    for (int step = 0; step < 120; ++step) {
      now += pick(60);
      both([&](Town& town) { town.at(now); });
      const int what = pick(10);
      if (what < 4 || open.empty()) {
        const std::string name = "a" + std::to_string(next++);
        const int grade = pick(4);
        const Labels is =
            labels(pick(2) == 0 ? "x" : "y", grades[grade], std::to_string(1 + pick(3)));
        open[name] = {grade, is};
        both([&](Town& town) { town.alert(name, is); });
      } else if (what < 9) {
        auto at = open.begin();
        std::advance(at, pick(static_cast<int>(open.size())));
        auto& [grade, is] = at->second;
        const std::string name = at->first;
        if (what < 6 && grade < 3) {
          is["grade"] = grades[++grade];
          both([&](Town& town) { town.alert(name, is); });
        } else if (what < 8) {
          both([&](Town& town) { town.clear(name); });
          open.erase(at);
        } else {
          both([&](Town& town) { town.close(name); });
          open.erase(at);
        }
      } else if (pick(3) > 0 || silences.empty()) {
        const int from = now + pick(100), to = from + 1 + pick(600);
        const char* const matchers = pick(2) == 0 ? "rule=x" : "area=~\"[12]\"";
        std::string id;
        both([&](Town& town) { id = town.silence(matchers, from, to); });
        silences.push_back(id);
      } else {
        const std::string id = silences.back();
        silences.pop_back();
        const EventTime end{std::chrono::seconds{now}};
        const auto all = sure.dispatcher().silences().all();
        const bool is_over = std::none_of(all->begin(), all->end(), [&](const Silence& silence) {
          return silence.id == id && silence.state(end) != SilenceState::Expired;
        });
        if (!is_over) both([&](Town& town) { town.end_silence(id); });
      }
      if (pick(4) == 0) restarted.restart();
    }
    for (const auto& [name, is] : open) both([&, &alert = name](Town& town) { town.clear(alert); });
    both([&](Town& town) { town.at(now + 100'000); });
    // What holds an alert back may be seen earlier by one that looks anew; what is sent is the
    // same.
    Strings said = sure.take(), said_restarted = restarted.take();
    const auto is_of_holding = [](const std::string& line) { return line.find('#') == line.npos; };
    std::erase_if(said, is_of_holding);
    std::erase_if(said_restarted, is_of_holding);
    CHECK(said == said_restarted);
    std::map<std::string, uint64_t> heard;  // queue, alert -> its last record
    for (const std::string& line : said) {
      const size_t queue = line.find(' ') + 1, number = line.find('#');
      if (number == line.npos || line.ends_with(" again")) continue;
      uint64_t& last = heard[line.substr(queue, number - queue)];
      const uint64_t record = std::stoull(line.substr(number + 1));
      CHECK(record == (last == 0 ? record : last + 1));
      last = record;
    }
  }
}

}  // namespace
}  // namespace fengsui::dispatch
