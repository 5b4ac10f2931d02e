// Unit tests of rules, run on the engine itself: what came, beside what was expected.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alert/record.h"
#include "event/event.h"
#include "match/matcher.h"
#include "pipeline/shard_listener.h"
#include "rules/pack.h"

namespace fengsui::author {

// An expected record and the one that came in its place; either may be missing.
struct TestPair {
  const rules::TestRecord* expected = nullptr;
  std::optional<alert::Record> got;
  // Names of the expected fields ("values.parcels") that the record has otherwise, or not at all.
  std::vector<std::string> wrong;

  bool agrees() const { return expected != nullptr && got && wrong.empty(); }
};

// An event that did not end as `processed`, or not as the test says.
struct TestOutcome {
  size_t event = 0;  // of TestSpec::events
  event::Outcome outcome = event::Outcome::Processed;
  std::string reason;  // of a late one or a dead letter
  bool wrong = false;  // the test fails for it
};

struct TestResult {
  const rules::TestSpec* test = nullptr;
  std::vector<TestPair> pairs;  // records of the rules that the test names, in their order
  std::vector<TestOutcome> outcomes;
  bool passed = true;
};

// Who looks on; any may be null.
struct Observers {
  match::MatchListener* matches = nullptr;
  pipeline::ShardListener* shard = nullptr;
};

class TestBench {
 public:
  explicit TestBench(const rules::RuleSet& rules);

  // `only`: of the rules that the test names, look at this one alone.
  TestResult run(const rules::TestSpec& test, const Observers& observers = {},
                 const std::string* only = nullptr) const;

  const rules::RuleSet& rules() const { return *rules_; }

 private:
  std::shared_ptr<const rules::RuleSet> rules_;
};

}  // namespace fengsui::author
