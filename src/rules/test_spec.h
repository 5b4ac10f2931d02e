// The unit tests of a pack as written (rules.md, "Unit tests of rules"; ../author/DESIGN.md): form
// and names are checked, nothing has run yet. Plain values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "cel/value.h"
#include "event/event.h"

namespace fengsui::rules {

struct TestPlace {
  std::string file;  // relative to the pack
  int line = 1, column = 1;
};

struct TestEvent {
  TestPlace place;
  EventTime time{};
  std::string source, id, type;
  cel::Value data = cel::Value::map({});
  event::Outcome outcome = event::Outcome::Processed;  // what must become of it, if `outcome_given`
  bool outcome_given = false;
};

// A record that must come. Fields by their name in a record; those not given are not looked at.
struct TestRecord {
  TestPlace place;
  std::string rule;
  std::vector<std::pair<std::string, cel::Value>> fields;
};

struct TestSpec {
  std::string name;
  TestPlace place;
  EventTime start{};  // 2026-01-01 00:00 in the pack's timezone
  std::vector<TestEvent> events;
  std::vector<TestRecord> expected;
  std::vector<std::string> never;
  bool flush = false;
  Duration out_of_orderness{}, allowed_lateness{};

  // Rules that it says something about, each once, in the order in which it names them.
  std::vector<std::string> rules() const;
};

}  // namespace fengsui::rules
