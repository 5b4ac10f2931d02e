// A dispatcher in virtual time, for tests.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dispatch/dispatcher.h"

namespace fengsui::dispatch {

using Strings = std::vector<std::string>;

Plan plan_of(const std::string& text);  // of a dispatch file
Silence silence_of(const std::string& matchers, EventTime starts, EventTime ends);
Labels labels(const std::string& rule, const std::string& grade = "orange",
              const std::string& area = "1");

// A dispatcher over tables, and what it said: "90s duty a1#2", "90s a1 held by …", in seconds.
class Town {
 public:
  explicit Town(const std::string& text, EventTime start = EventTime{Duration{0}});

  void restart();
  void reload(const std::string& text);

  // Time passes until so many seconds after the start.
  void at(int64_t seconds);
  void set_back(int64_t seconds) { now_ = start_ + std::chrono::seconds{seconds}; }

  // An alert opens, or is raised.
  void alert(const std::string& name, const Labels& labels);
  void quiet_alert(const std::string& name, const Labels& labels);
  void clear(const std::string& name) { offer(name, true); }
  void close(const std::string& name);
  std::string silence(const std::string& matchers, int64_t from, int64_t to,
                      const std::string& id = "");
  void end_silence(const std::string& id);

  Strings take() { return std::exchange(said_, {}); }
  size_t kept();  // rows in the tables
  Dispatcher& dispatcher() { return *dispatcher_; }

 private:
  void tick();
  void offer(const std::string& name, bool is_end, bool is_quiet = false);
  void commit();
  void note(const Outcome& out);

  std::string text_;
  const EventTime start_;
  EventTime now_;
  std::unique_ptr<state::KeyValue> tables_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::map<std::string, std::vector<Labels>> alerts_;
  std::map<std::string, uint64_t> numbers_;
  int silences_ = 0;
  Strings said_;
};

}  // namespace fengsui::dispatch
