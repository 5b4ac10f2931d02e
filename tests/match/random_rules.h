// Rule sets and events drawn from a source of choices: for comparing matchers. A seed's, or a
// fuzzer's bytes.
#pragma once

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cel/expression.h"
#include "event/event.h"
#include "match/matcher.h"
#include "rules/rule_set.h"

namespace fengsui::match {

// Of 0 … count - 1.
using Choose = std::function<size_t(size_t count)>;

class RandomRules {
 public:
  explicit RandomRules(Choose choose) : choose_(std::move(choose)) {
    event::Field root;
    root.type = event::FieldType::Object;
    root.properties.resize(kFields.size());
    for (size_t i = 0; i < kFields.size(); ++i) {
      root.properties[i].name = root.properties[i].path = kFields[i];
      cel::Variable variable;
      variable.type = cel::Type::of(kTypes[i]);
      variable.field = true;
      variable.slot = event::kEnvelopeSlots + static_cast<int>(i);
      environment_.declare(kFields[i], variable);
    }
    type_ = std::make_shared<event::EventType>("t", "", root);
    for (size_t i = 0; i < kSets; ++i) {
      environment_.declare_keywords("k" + std::to_string(i), static_cast<int>(i));
    }
  }

  std::shared_ptr<const rules::RuleSet> rules() {
    auto set = std::make_shared<rules::RuleSet>();
    set->tables.keywords = std::make_shared<cel::KeywordSets>(keywords());
    const size_t count = 1 + choose_(12);
    for (size_t i = 0; i < count; ++i) {
      auto rule = std::make_shared<rules::Rule>();
      rule->id = "r" + std::to_string(i);
      rule->index = RuleIndex{static_cast<uint32_t>(i)};
      rule->has_by = choose_(2) == 0;
      rule->exceptions = {"e"};
      const size_t steps = choose_(6) == 0 ? 2 : 1;
      if (steps == 2) rule->sequence.emplace();
      for (size_t step = 0; step < steps; ++step) rule->sources.push_back(source(rule->has_by));
      set->rules.push_back(std::move(rule));
    }
    return set;
  }

  // Words that overlap, hold one another, fold alike; some in several sets, some sets without any.
  std::vector<std::vector<std::string>> keywords() {
    std::vector<std::vector<std::string>> sets(kSets);
    sets[0] = {"x", "燃气"};
    sets[1] = {"y", "气瓶", "xy"};
    for (size_t i = 2; i < kSets; ++i) {
      for (size_t words = choose_(4); words > 0; --words) sets[i].push_back(piece());
    }
    return sets;
  }

  event::Event event() {
    event::Event event;
    event.type = type_.get();
    event.time = EventTime{Duration{static_cast<int64_t>(choose_(100))}};
    event.slots = {V::string("e1"), V::string("src"), V::string("t"), V::null()};
    for (size_t i = 0; i < kFields.size(); ++i) event.slots.push_back(value(i));
    return event;
  }

 private:
  using V = cel::Value;
  using T = cel::Type::Kind;
  static constexpr std::array kFields = {"dyn", "i", "s", "d", "ok", "s2"};
  static constexpr std::array kTypes = {T::Dyn, T::Int, T::String, T::Double, T::Bool, T::String};

  static constexpr size_t kSets = 6;

  std::string pick(std::initializer_list<const char*> of) {
    return *(of.begin() + choose_(of.size()));
  }

  cel::Program compile(const std::string& text) {
    const auto syntax = cel::parse(text);
    if (!syntax) throw std::logic_error("no expression: " + text);
    // What does not fit statically errs where it is evaluated.
    cel::Checked checked = cel::check(*syntax, environment_);
    if (!checked.program) checked = cel::check_dynamically(*syntax, environment_);
    if (!checked.program) throw std::logic_error("no program: " + text);
    return *checked.program;
  }

  std::string field() { return kFields[choose_(kFields.size())]; }
  std::string constant() {
    return pick({"1", "2", "1.0", "2.5", "2u", "'x'", "'y'", "'xy'", "true", "false", "null",
                 "9007199254740993", "9223372036854775807", "9223372036854775808.0", "-1",
                 "double('NaN')", "duration('1s')", "[1]"});
  }

  std::string atom() {
    const std::string name = field();
    switch (choose_(15)) {
      case 0:
      case 1:
        return name + " == " + constant();
      case 2:
        return name + pick({" < ", " <= ", " > ", " >= "}) + constant();
      case 3:
        return pick({"i", "d", "dyn"}) + pick({" < ", " <= ", " > ", " >= "}) +
               pick({"1", "2", "1.5", "0"});
      case 4:
        return name + " in [" + constant() + ", " + constant() + ", " + constant() + "]";
      case 5:
        return "has(" + name + ")";
      case 6:
        return name;
      case 7:
        return name + " != " + constant();
      case 8:
        return constant() + pick({" == ", " < ", " >= "}) + name;
      case 9:
        return mentions();
      case 10:
        return pick({"s", "s2"}) + " == " + pick({"'x'", "'y'"});
      case 11:
        return pick({"s", "s2", "dyn"}) + pick({".startsWith('", ".endsWith('"}) + piece() + "')";
      case 12:
        return pick({"s", "s2"}) + pick({" == ", " != "}) + long_text();
      case 13:
        return pick({"s", "s2"}) + " in ['x', " + long_text() + ", " + long_text() + "]";
      default:
        return pick({"10 / i > 2", "size(s) > 1", "s.startsWith('x')", "[1, 2].exists(v, v == i)",
                     "i + 1 == 2", "s == s2", "ok ? i > 1 : d > 1.0", "s.matches('^x')",
                     "i > 1 ? true : 1 / 0 > 1"});
    }
  }

  std::string mentions() {
    const std::string field = pick({"s", "s2", "s", "dyn"});
    const std::string call = field + ".mentions(keywords.k" + std::to_string(choose_(kSets)) + ")";
    switch (choose_(6)) {
      case 0:
        return "has(" + field + ") && " + call;
      case 1:
        return call + " && i > " + pick({"0", "1"});
      case 2:
        return field + ".mentionCount(keywords.k" + std::to_string(choose_(kSets)) + ") > 1";
      default:
        return call;
    }
  }

  // Of about as many bytes as an index looks at first; events have such ones too.
  std::string long_text() {
    return pick({"'0123456789abcde'", "'0123456789abcdef'", "'0123456789abcdefg'",
                 "'0123456789abcdefh'", "'0123456789abcdefghijklmno'"});
  }

  // A word, or a piece of a text.
  std::string piece() {
    return pick({"x", "y", "xy", "yx", "燃",      "燃气",   "气瓶", "燃气瓶", "瓶", "Ｘ",
                 "X", "ß", "ﬁ",  "e",  "e\u0301", "\u0301", "😀",   "",       " ",  "　"});
  }

  std::string expression(size_t depth) {
    switch (depth == 0 ? 0 : choose_(10)) {
      case 8:
        return mentions();
      case 0:
        return atom();
      case 1:
        return "!(" + expression(depth - 1) + ")";
      case 2:
        return "(" + expression(depth - 1) + " || " + expression(depth - 1) + ")";
      case 3: {
        const std::string name = field();
        return "has(" + name + ") && " + name + " == " + constant();
      }
      default: {
        std::string all = expression(depth - 1);
        for (size_t more = 1 + choose_(3); more > 0; --more) all += " && " + atom();
        return all;
      }
    }
  }

  rules::RuleSource source(bool has_by) {
    rules::RuleSource source;
    source.type = type_;
    if (choose_(10) != 0) source.when = compile(expression(2));
    rules::Exception exception{"e", compile(atom()), {}};
    if (choose_(2) == 0) exception.until = EventTime{Duration{50}};
    if (choose_(3) == 0) source.exceptions.push_back(std::move(exception));
    if (has_by) source.by.push_back(compile(field()));
    if (has_by && choose_(4) == 0) source.seen_by = {compile("['x', 'y', s]")};
    source.captures = {compile("i"), compile("10 / i")};
    return source;
  }

  V value(size_t field) {
    switch (choose_(8)) {
      case 0:
        return V::missing();
      case 1:
        return V::error(cel::ErrorCode::MissingParent);
      default:
        break;
    }
    const T type = kTypes[field] == T::Dyn ? std::array{T::Int,  T::String, T::Double, T::Bool,
                                                        T::Uint, T::Null,   T::List}[choose_(7)]
                                           : kTypes[field];
    switch (type) {
      case T::Int:
        return V::integer(std::array<int64_t, 7>{0, 1, 2, -1, 9007199254740992, 9007199254740993,
                                                 std::numeric_limits<int64_t>::max()}[choose_(7)]);
      case T::Uint:
        return V::uinteger(std::array<uint64_t, 3>{1, 2, 9007199254740993}[choose_(3)]);
      case T::Double:
        return V::real(std::array{0.0, 1.0, 2.0, 1.5, 2.5, 9007199254740992.0,
                                  9223372036854775808.0, std::nan(""),
                                  std::numeric_limits<double>::infinity()}[choose_(9)]);
      case T::Bool:
        return V::boolean(choose_(2) == 0);
      case T::Null:
        return V::null();
      case T::List:
        return V::list({V::integer(1)});
      default:
        if (choose_(3) == 0) {
          std::string text;
          for (size_t pieces = choose_(5); pieces > 0; --pieces) text += piece();
          return V::string(text);
        }
        return V::string(pick({"x", "y", "xy", "", "燃气瓶", "0123456789abcdef",
                               "0123456789abcdefh", "0123456789abcdefghijklmno"}));
    }
  }

  Choose choose_;
  cel::Environment environment_;
  std::shared_ptr<const event::EventType> type_;
};

// All that a matcher says about an event, WhenFalse left out, as text.
inline std::string said_of(const Matcher& matcher, const event::Event& event) {
  class Writer final : public MatchListener {
   public:
    void asked(const Asked& asked) override {
      if (asked.answer == Answer::WhenFalse) return;
      out += asked.rule.id + "/" + std::to_string(asked.source) + " " +
             std::to_string(static_cast<int>(asked.answer)) + " " +
             std::to_string(asked.exception) +
             (asked.error.is_error() ? " " + asked.error.error_text() : "") + "\n";
    }
    std::string out;
  } writer;
  std::vector<Match> matches;
  matcher.match(event, matches, &writer);
  ByteWriter bytes(writer.out);
  for (const Match& match : matches) {
    bytes.u32(value_of(match.rule));
    bytes.u8(match.step);
    bytes.u8(match.only_seen ? 1 : 0);
    bytes.u64(static_cast<uint64_t>(match.time.time_since_epoch().count()));
    for (const std::string_view piece : {match.event(), match.group(), match.captures()}) {
      bytes.text(piece);
    }
  }
  return writer.out;
}

}  // namespace fengsui::match
