#include <doctest/doctest.h>

#include <random>

#include "match/indexed_matcher.h"
#include "match/learning_matcher.h"
#include "random_rules.h"

namespace fengsui::match {
namespace {

using cel::Value;

// Rules over two numbers, `a` first in their text.
class Numbers {
 public:
  Numbers() {
    event::Field root;
    root.type = event::FieldType::Object;
    for (const char* name : {"a", "b"}) {
      event::Field field;
      field.name = field.path = name;
      root.properties.push_back(field);
      cel::Variable variable;
      variable.type = cel::Type::of(cel::Type::Kind::Double);
      variable.field = true;
      variable.slot = event::kEnvelopeSlots + static_cast<int>(root.properties.size()) - 1;
      environment_.declare(name, variable);
    }
    type_ = std::make_shared<event::EventType>("t", "", root);
  }

  std::shared_ptr<const rules::RuleSet> rules(const std::vector<std::string>& whens) {
    auto set = std::make_shared<rules::RuleSet>();
    for (const std::string& when : whens) {
      auto rule = std::make_shared<rules::Rule>();
      rule->id = "r" + std::to_string(set->rules.size());
      rule->index = RuleIndex{static_cast<uint32_t>(set->rules.size())};
      rule->sources.emplace_back();
      rule->sources[0].type = type_;
      rule->sources[0].when = cel::check(*cel::parse(when), environment_).program;
      REQUIRE(rule->sources[0].when);
      set->rules.push_back(std::move(rule));
    }
    return set;
  }

  event::Event event(double a, double b) const {
    event::Event event;
    event.type = type_.get();
    event.slots = {Value::string("id"), Value::string("source"), Value::string("t"), Value::null(),
                   Value::real(a), Value::real(b)};
    return event;
  }

 private:
  cel::Environment environment_;
  std::shared_ptr<const event::EventType> type_;
};

constexpr uint64_t kUntilBuilt = LearningMatcher::kStride * LearningMatcher::kFirstNotes;

// Matches so many events, each of which must be found by as many rules; and what was made of them
// is taken.
void match_some(LearningMatcher& matcher, const event::Event& event, size_t wanted) {
  std::vector<Match> matches;
  for (uint64_t i = 0; i < kUntilBuilt; ++i) {
    matches.clear();
    matcher.match(event, matches);
    REQUIRE(matches.size() == wanted);
  }
  matcher.wait();
  for (uint64_t i = 0; i < LearningMatcher::kStride; ++i) matcher.match(event, matches);
}

TEST_CASE("learning: the range that few events pass becomes the sorted one") {
  Numbers numbers;
  LearningMatcher matcher(numbers.rules({"a > 1.0 && b > 5.0", "a > 2.0 && b > 7.0"}));
  match_some(matcher, numbers.event(9, 3), 0);  // `a` lets all pass
  CHECK(matcher.taken() == 1);
  SUBCASE("it stays while events are as they were") {
    for (int i = 0; i < 4; ++i) match_some(matcher, numbers.event(9, 3), 0);
    CHECK(matcher.taken() == 1);
  }
  SUBCASE("it goes when others come") {
    for (int i = 0; i < 4; ++i) match_some(matcher, numbers.event(1.5, 9), 1);
    CHECK(matcher.taken() == 2);
  }
}

TEST_CASE("learning: what is right stays") {
  Numbers numbers;
  LearningMatcher matcher(numbers.rules({"a > 1.0 && b > 5.0"}));
  match_some(matcher, numbers.event(0, 9), 0);
  CHECK(matcher.taken() == 0);
}

TEST_CASE("learning: nothing to choose, nothing is made") {
  Numbers numbers;
  LearningMatcher matcher(numbers.rules({"a > 1.0", "b > 5.0"}));
  match_some(matcher, numbers.event(9, 3), 1);
  CHECK(matcher.taken() == 0);
}

TEST_CASE("learning: an index made by a sample says what the loop says") {
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    RandomRules draw([&](size_t count) { return static_cast<size_t>(random() % count); });
    const auto rules = draw.rules();
    const auto loop = make_loop_matcher(rules);
    const IndexedMatcher plain(rules);
    std::vector<Sample> samples(plain.types());
    for (int i = 0; i < 20; ++i) {
      const event::Event event = draw.event();
      const size_t type = plain.type_of(event);
      if (type < samples.size()) samples[type].note(event.slots);
    }
    const IndexedMatcher learned(rules, samples);
    for (int i = 0; i < 10; ++i) {
      const event::Event event = draw.event();
      REQUIRE(said_of(learned, event) == said_of(*loop, event));
    }
  }
}

TEST_CASE("sample: the last events, by slot") {
  Sample sample;
  CHECK(sample.size() == 0);
  CHECK(sample.passing(0, false, 0) == 0);
  for (size_t i = 0; i < Sample::kEvents + 10; ++i) {
    const std::vector<Value> slots{Value::integer(static_cast<int64_t>(i)), Value::string("x")};
    sample.note(slots);
  }
  CHECK(sample.size() == Sample::kEvents);
  CHECK(sample.passing(0, false, 10) == Sample::kEvents);
  CHECK(sample.passing(0, false, 256) == 10);
  CHECK(sample.passing(0, true, -19) == 10);  // 10 … 19
  CHECK(sample.passing(1, false, 0) == 0);
}

}  // namespace
}  // namespace fengsui::match
