// Aggregates over sliding windows and the last N, with late events, equal times, evictions and
// restores, against the plainest computation: all values of the window, sorted.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "plain_entry.h"
#include "window/contents.h"
#include "window/count_window.h"
#include "window/value_order.h"

namespace fengsui::window {
namespace {

using Function = rules::Aggregate::Function;
using V = cel::Value;

EventTime at(int64_t ms) { return EventTime{Duration{ms}}; }

// Kind, sign and text: 1 and 1.0 differ, and so do -0.0 and 0.0.
std::string shown(const V& v) {
  if (v.is_error()) return "error: " + v.error_text();
  std::string text = std::to_string(static_cast<int>(v.kind())) + ":";
  if (v.kind() == cel::Kind::Double && std::signbit(v.as_double())) text += "-";
  cel::append_json(text, v);
  return text;
}

// Equal numbers of all kinds, both zeros; now and then what is NaN, cannot be ordered, or does not
// compare with numbers.
V random_value(std::mt19937& random, bool odd) {
  switch (odd ? random() % 60 : 3 + random() % 57) {
    case 0:
      return V::real(std::nan(""));
    case 1:
      return V::list({V::integer(1)});
    case 2:
      return V::string("a text of more than fifteen bytes");
    case 3:
      return V::real(-0.0);
    case 4:
      return V::real(0.0);
    case 5:
      return V::missing();
    default:
      break;
  }
  const auto n = static_cast<int64_t>(random() % 40);
  if (random() % 3 == 0) return V::uinteger(static_cast<uint64_t>(n));
  return random() % 2 == 0 ? V::integer(n - 5) : V::real(static_cast<double>(n) / 2);
}

constexpr Function kFunctions[] = {Function::Count, Function::Min,      Function::Max,
                                   Function::First, Function::Last,     Function::Percentile,
                                   Function::Sum,   Function::Distinct, Function::Top};

rules::Rule rule_of() {
  rules::Rule rule;
  rule.captures = 2;
  for (const int where : {-1, 1}) {
    for (const Function function : kFunctions) {
      rule.lets.push_back({"", rules::Aggregate{.function = function,
                                                .argument = function == Function::Count ? -1 : 0,
                                                .where = where,
                                                .rank_numerator = 1,
                                                .rank_denominator = 2,
                                                .most = 2}});
    }
  }
  return rule;
}

V plain_extreme(std::vector<V> values, bool is_min) {
  const V no_overload = V::error(cel::ErrorCode::NoMatchingOverload);
  bool has_nan = false;
  for (const V& v : values) {
    if (is_nan(v)) has_nan = true;
    if (!is_nan(v) && !can_be_ordered(v)) return no_overload;
  }
  for (const V& a : values) {
    for (const V& b : values) {
      if (!compare_with_each_other(a, b)) return no_overload;
    }
  }
  if (has_nan) return V::real(std::nan(""));
  if (values.empty()) return V::error(cel::ErrorCode::Empty);
  std::sort(values.begin(), values.end(), ValueBefore());
  return is_min ? values.front() : values.back();
}

void check(const rules::Rule& rule, const std::vector<PlainEntry>& covered, const Seen& seen) {
  const std::vector<V> got(seen.aggregates.begin(), seen.aggregates.end());
  REQUIRE(seen.entries.size() == covered.size());
  const Entries entries = kept(covered);
  for (size_t let = 0; let < got.size(); ++let) {
    CAPTURE(let);
    const auto& aggregate = std::get<rules::Aggregate>(rule.lets[let].value);
    std::vector<V> values;
    for (const PlainEntry& entry : covered) {
      if (aggregate.where >= 0 && !entry.captures[1].is_true()) continue;
      if (!entry.captures[0].is_error()) values.push_back(entry.captures[0]);
    }
    const V empty = V::error(cel::ErrorCode::Empty);
    V plain;
    switch (aggregate.function) {
      case Function::Min:
      case Function::Max:
        plain = plain_extreme(values, aggregate.function == Function::Min);
        break;
      case Function::First:
        plain = values.empty() ? empty : values.front();
        break;
      case Function::Last:
        plain = values.empty() ? empty : values.back();
        break;
      default: {
        RunningAggregate anew(aggregate);
        for (const Entry& entry : entries.all()) anew.add(entry);
        plain = anew.value(entries.all());
      }
    }
    REQUIRE(shown(got[let]) == shown(plain));
  }
}

struct Stream {
  explicit Stream(uint32_t seed) : random(seed), odd(seed % 3 == 0) {}

  // At most `late_most` late; times are often equal.
  PlainEntry next() {
    int64_t time = newest + random() % 2;
    if (random() % 5 == 0) time = newest - random() % late_most;
    newest = std::max(newest, time);
    ++arrival;
    PlainEntry entry{{at(time), Arrival{arrival}},
                     std::to_string(arrival),
                     {random_value(random, odd), V::boolean(random() % 8 == 0)}};
    all.insert(std::upper_bound(all.begin(), all.end(), entry,
                                [](const auto& a, const auto& b) { return a.key < b.key; }),
               entry);
    return entry;
  }
  EventTime floor() const { return at(newest - late_most); }

  std::mt19937 random;
  bool odd;
  int64_t newest = 0, late_most = 20;
  uint64_t arrival = 0;
  std::vector<PlainEntry> all;
};

TEST_CASE("sliding: late events, equal times, evictions and restores against the plain way") {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Stream stream(seed);
    const rules::Rule rule = rule_of();
    const int64_t length = seed % 2 == 0 ? 60 : 15;
    const Window window = SlidingWindow(Duration{length});
    Contents contents;
    for (int n = 0; n < 500; ++n) {
      const PlainEntry entry = stream.next();
      if (stream.random() % 6 == 0) {
        contents.keep(entry, rule, window, stream.floor());
      } else {
        std::vector<PlainEntry> covered;
        for (const PlainEntry& e : stream.all) {
          const EventTime time = e.key.time;
          if (time > entry.key.time - Duration{length} && time <= entry.key.time)
            covered.push_back(e);
        }
        check(rule, covered, contents.put(entry, rule, window, stream.floor()));
      }
      if (stream.random() % 90 != 0) continue;
      std::string bytes;
      ByteWriter out(bytes);
      contents.encode(out, window, stream.floor());
      ByteReader in(bytes);
      contents = Contents::decode(in, rule.captures, test_room());
      REQUIRE((in.ok() && in.at_end()));
    }
  }
}

TEST_CASE("the last N: late events, equal times, evictions and restores against the plain way") {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Stream stream(seed);
    rules::Rule rule = rule_of();
    rule.window = {.kind = rules::WindowSpec::Kind::Count, .length = Duration{80}};
    rule.window.count = seed % 2 == 0 ? 40 : 7;
    CountContents contents;
    for (int n = 0; n < 500; ++n) {
      const PlainEntry entry = stream.next();
      contents.keep(entry, rule, stream.floor());
      std::vector<PlainEntry> covered;
      for (const PlainEntry& e : stream.all) {
        const EventTime time = e.key.time;
        if (time > entry.key.time - Duration{80} && time <= entry.key.time) covered.push_back(e);
      }
      if (covered.size() > rule.window.count) {
        covered.erase(covered.begin(), covered.end() - static_cast<ptrdiff_t>(rule.window.count));
      }
      check(rule, covered, contents.seen_by(entry.key, rule));
      if (stream.random() % 90 != 0) continue;
      std::string bytes;
      ByteWriter out(bytes);
      contents.encode(out, rule, stream.floor());
      ByteReader in(bytes);
      contents = CountContents::decode(in, rule, test_room());
      REQUIRE((in.ok() && in.at_end()));
    }
  }
}

}  // namespace
}  // namespace fengsui::window
