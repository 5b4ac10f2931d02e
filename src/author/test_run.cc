#include "author/test_run.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "author/test_event.h"
#include "pipeline/replay.h"

namespace fengsui::author {
namespace {

using nlohmann::json;

// Values are the same if they differ by less than this share of the larger: sums and means are
// rounded once, and a test says 0.333333333333.
constexpr double kRelativeDifference = 1e-9;

json json_of(const cel::Value& value) {
  std::string text;
  cel::append_json(text, value);
  return json::parse(text);
}

bool same(const json& wanted, const json& got) {
  if (wanted.is_number() && got.is_number()) {
    if (wanted == got) return true;
    const double a = wanted.get<double>(), b = got.get<double>();
    return std::abs(a - b) <= kRelativeDifference * std::max(std::abs(a), std::abs(b));
  }
  if (wanted.is_array() && got.is_array()) {
    return std::equal(wanted.begin(), wanted.end(), got.begin(), got.end(), same);
  }
  if (wanted.is_object() && got.is_object()) {
    return wanted.size() == got.size() &&
           std::all_of(wanted.items().begin(), wanted.items().end(), [&](const auto& item) {
             return got.contains(item.key()) && same(item.value(), got[item.key()]);
           });
  }
  return wanted == got;
}

bool is_map_of_names(const std::string& field) {
  return field == "values" || field == "group" || field == "labels";
}

// What the record has otherwise. Of a map of names those given count; null: not there, or null.
std::vector<std::string> differences(const rules::TestRecord& wanted, const json& got) {
  std::vector<std::string> wrong;
  const auto compare = [&](const std::string& name, const json& value, const json& in,
                           const std::string& key) {
    const auto found = in.find(key);
    const bool agrees = found == in.end() ? value.is_null() : same(value, *found);
    if (!agrees) wrong.push_back(name);
  };
  if (got["rule"] != wanted.rule) wrong.emplace_back("rule");
  for (const auto& [field, value] : wanted.fields) {
    const json given = json_of(value);
    if (!is_map_of_names(field)) {
      compare(field, given, got, field);
      continue;
    }
    const json none = json::object();
    const json& map = got.contains(field) ? got[field] : none;
    for (const auto& item : given.items()) {
      compare(field + "." + item.key(), item.value(), map, item.key());
    }
  }
  return wrong;
}

// Lays expected and got side by side with as few differences as can be: a pair that differs costs
// less than two that stand alone if it is of the same rule.
class Alignment {
 public:
  Alignment(std::vector<const rules::TestRecord*> wanted, std::vector<alert::Record> got,
            const rules::RuleSet& rules)
      : wanted_(std::move(wanted)), got_(std::move(got)) {
    for (const alert::Record& record : got_) {
      lines_.push_back(json::parse(alert::replay_line(record, rules.rule(record.rule))));
    }
    const size_t rows = wanted_.size() + 1, columns = got_.size() + 1;
    wrong_.resize(rows * columns);
    cost_.assign(rows * columns, 0);
    for (size_t i = wanted_.size() + 1; i-- > 0;) {
      for (size_t j = got_.size() + 1; j-- > 0;) fill(i, j);
    }
  }

  std::vector<TestPair> pairs() {
    std::vector<TestPair> pairs;
    for (size_t i = 0, j = 0; i < wanted_.size() || j < got_.size();) {
      TestPair& pair = pairs.emplace_back();
      const bool both = i < wanted_.size() && j < got_.size();
      const size_t here = cost_[at(i, j)];
      if (both && here == pair_cost(i, j) + cost_[at(i + 1, j + 1)]) {
        pair.wrong = std::move(wrong_[at(i, j)]);
        pair.expected = wanted_[i++];
        pair.got = std::move(got_[j++]);
      } else if (i < wanted_.size() && here == kAlone + cost_[at(i + 1, j)]) {
        pair.expected = wanted_[i++];
      } else {
        pair.got = std::move(got_[j++]);
      }
    }
    return pairs;
  }

 private:
  static constexpr size_t kAlone = 2, kSameRule = 3, kOtherRule = 5;

  size_t at(size_t i, size_t j) const { return i * (got_.size() + 1) + j; }

  size_t pair_cost(size_t i, size_t j) const {
    if (wrong_[at(i, j)].empty()) return 0;
    return lines_[j]["rule"] == wanted_[i]->rule ? kSameRule : kOtherRule;
  }

  void fill(size_t i, size_t j) {
    if (i == wanted_.size() && j == got_.size()) return;
    size_t least = SIZE_MAX;
    if (i < wanted_.size()) least = std::min(least, kAlone + cost_[at(i + 1, j)]);
    if (j < got_.size()) least = std::min(least, kAlone + cost_[at(i, j + 1)]);
    if (i < wanted_.size() && j < got_.size()) {
      wrong_[at(i, j)] = differences(*wanted_[i], lines_[j]);
      least = std::min(least, pair_cost(i, j) + cost_[at(i + 1, j + 1)]);
    }
    cost_[at(i, j)] = least;
  }

  std::vector<const rules::TestRecord*> wanted_;
  std::vector<alert::Record> got_;
  std::vector<json> lines_;
  std::vector<std::vector<std::string>> wrong_;
  std::vector<size_t> cost_;
};

// All records in their order, those of rules in shadow too: a test is of what a rule decides.
class Recorder final : public pipeline::ShardListener {
 public:
  explicit Recorder(pipeline::ShardListener* next) : next_(next) {}

  void evaluated(const Evaluated& evaluated) override {
    if (next_ != nullptr) next_->evaluated(evaluated);
  }
  void offered(const Offered& offered) override {
    if (next_ != nullptr) next_->offered(offered);
  }
  void stepped(const Step& step) override {
    if (next_ != nullptr) next_->stepped(step);
  }
  void recorded(const rules::Rule& rule, const alert::Record& record) override {
    records_.push_back(record);
    if (next_ != nullptr) next_->recorded(rule, record);
  }

  std::vector<alert::Record> take() { return std::move(records_); }

 private:
  pipeline::ShardListener* next_;
  std::vector<alert::Record> records_;
};

// Pushes the events; notes those that did not end as they should, or not as `processed`.
std::vector<alert::Record> play(const rules::TestSpec& test,
                                const std::shared_ptr<const rules::RuleSet>& rules,
                                const Observers& observers, TestResult& result) {
  pipeline::FrontOptions options;
  options.out_of_orderness = test.out_of_orderness;
  options.allowed_lateness = test.allowed_lateness;
  pipeline::Replay engine(rules, nullptr, options);
  Recorder recorder(observers.shard);
  engine.observe(observers.matches, &recorder);
  std::vector<alert::Record> printed;
  for (size_t i = 0; i < test.events.size(); ++i) {
    const rules::TestEvent& event = test.events[i];
    TestOutcome ended{.event = i};
    const Expected<std::string, std::string> record =
        test_record(event, *rules->types.find(event.type)->second);
    if (record) {
      const source::RecordResult pushed = engine.push(*record);
      ended.outcome = pushed.outcome;
      if (pushed.rejected) ended.reason = pushed.rejected->message;
    } else {
      ended.outcome = event::Outcome::DeadLetter;
      ended.reason = record.error();
    }
    engine.step(printed);
    ended.wrong = event.outcome_given ? ended.outcome != event.outcome
                                      : ended.outcome == event::Outcome::DeadLetter;
    if (ended.wrong) result.passed = false;
    if (ended.wrong || ended.outcome != event::Outcome::Processed) result.outcomes.push_back(ended);
  }
  engine.end_of_input(printed);
  if (test.flush) engine.flush(printed);
  return recorder.take();
}

}  // namespace

TestBench::TestBench(const rules::RuleSet& rules) : rules_(without_required(rules)) {}

TestResult TestBench::run(const rules::TestSpec& test, const Observers& observers,
                          const std::string* only) const {
  TestResult result;
  result.test = &test;
  std::vector<std::string> named = test.rules();
  if (only != nullptr) named = {*only};
  const auto is_named = [&](const std::string& id) {
    return std::find(named.begin(), named.end(), id) != named.end();
  };
  std::vector<const rules::TestRecord*> expected;
  for (const rules::TestRecord& record : test.expected) {
    if (is_named(record.rule)) expected.push_back(&record);
  }
  std::vector<alert::Record> records = play(test, rules_, observers, result);
  std::erase_if(records, [&](const alert::Record& record) {
    return !is_named(rules_->rule(record.rule).id);
  });
  result.pairs = Alignment(std::move(expected), std::move(records), *rules_).pairs();
  for (const TestPair& pair : result.pairs) result.passed &= pair.agrees();
  return result;
}

}  // namespace fengsui::author
