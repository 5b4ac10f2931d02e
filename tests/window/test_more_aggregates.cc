// stddev, percentile, top, speed: by hand, and against the plainest way over sets that come and go.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "plain_entry.h"
#include "window/running_aggregates.h"

namespace fengsui::window {
namespace {

using Function = rules::Aggregate::Function;
using V = cel::Value;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

V i(int64_t v) { return V::integer(v); }
V u(uint64_t v) { return V::uinteger(v); }
V d(double v) { return V::real(v); }
V s(const char* v) { return V::string(v); }
V place(double lat, double lon) { return V::list({d(lat), d(lon)}); }

// Kind and text, so that 1 and 1.0 differ.
std::string shown(const V& v) {
  if (v.is_error()) return "error: " + v.error_text();
  std::string text = std::to_string(static_cast<int>(v.kind())) + ":";
  cel::append_json(text, v);
  return text;
}

std::vector<PlainEntry> entries_of(const std::vector<V>& arguments, int64_t apart = 1) {
  std::vector<PlainEntry> entries;
  for (size_t n = 0; n < arguments.size(); ++n) {
    const auto time = static_cast<int64_t>(n) * apart;
    entries.push_back({{EventTime{Duration{time}}, Arrival{n + 1}}, "", {arguments[n]}});
  }
  return entries;
}

V over(const rules::Aggregate& aggregate, const std::vector<PlainEntry>& entries) {
  RunningAggregate running(aggregate);
  for (const PlainEntry& entry : entries) running.add(Look(entry));
  return running.value({});
}

rules::Aggregate stddev() { return {.function = Function::Stddev, .argument = 0}; }
rules::Aggregate percentile(uint64_t numerator, uint64_t denominator) {
  return {.function = Function::Percentile,
          .argument = 0,
          .rank_numerator = numerator,
          .rank_denominator = denominator};
}
rules::Aggregate top(int64_t most) {
  return {.function = Function::Top, .argument = 0, .most = most};
}
rules::Aggregate speed(double metres) {
  return {.function = Function::Speed, .argument = 0, .distance = metres};
}

const V kMissing = V::missing();
const V kEmpty = V::error(cel::ErrorCode::Empty);
const V kNoOverload = V::error(cel::ErrorCode::NoMatchingOverload);
constexpr int64_t kIntMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kIntMin = std::numeric_limits<int64_t>::min();

TEST_CASE("stddev, percentile and top over the arguments of a window's events") {
  struct Case {
    const char* what;
    rules::Aggregate aggregate;
    std::vector<V> arguments;
    V value;
  };
  const V x = V::map({{s("value"), s("x")}, {s("count"), i(2)}});
  const V y = V::map({{s("value"), s("y")}, {s("count"), i(2)}});
  const V one = V::map({{s("value"), i(1)}, {s("count"), i(3)}});
  const Case cases[] = {
      {"stddev: of the population",
       stddev(),
       {i(2), i(4), i(4), i(4), i(5), i(5), i(7), i(9)},
       d(2)},
      {"stddev: of one", stddev(), {d(3.5)}, d(0)},
      {"stddev: of equal ones, whatever their sum rounds to",
       stddev(),
       {d(.1), d(.1), d(.1)},
       d(0)},
      {"stddev: of large ones close together", stddev(), {d(1e15), d(1e15 + .5)}, d(.25)},
      {"stddev: of ints whose squares fit nothing", stddev(), {i(kIntMax), i(kIntMax - 2)}, d(1)},
      {"stddev: of the outermost ints", stddev(), {i(kIntMin), i(kIntMax)}, d(0x1p63)},
      {"stddev: of mixed numbers", stddev(), {i(1), u(2), d(3), kMissing}, d(std::sqrt(2.0 / 3))},
      {"stddev: the variance is beyond a double", stddev(), {d(1e300), d(-1e300)}, d(kInfinity)},
      {"stddev: the variance is below one", stddev(), {d(5e-324), d(0)}, d(0)},
      {"stddev: the variance is subnormal", stddev(), {d(0x1p-537), d(-0x1p-537)}, d(0x1p-537)},
      {"stddev: not finite", stddev(), {d(1), d(kInfinity)}, d(kNan)},
      {"stddev: NaN", stddev(), {d(1), d(kNan)}, d(kNan)},
      {"stddev: of nothing", stddev(), {kMissing}, kEmpty},
      {"stddev: of a text", stddev(), {i(1), s("a")}, kNoOverload},
      {"percentile: nearest rank", percentile(1, 2), {i(4), i(1), i(3), i(2)}, i(2)},
      {"percentile: just above", percentile(51, 100), {i(4), i(1), i(3), i(2)}, i(3)},
      {"percentile: 0 is the first", percentile(0, 1), {i(4), i(1), i(3)}, i(1)},
      {"percentile: 100 is the last", percentile(1, 1), {i(4), i(1), i(3)}, i(4)},
      {"percentile: by value over kinds", percentile(1, 2), {d(1.5), i(1), u(2)}, d(1.5)},
      {"percentile: of equal numbers int before uint before double",
       percentile(1, 3),
       {d(1), u(1), i(1)},
       i(1)},
      {"percentile: texts by code point", percentile(1, 2), {s("b"), s("a"), s("c")}, s("b")},
      {"percentile: errors do not count", percentile(1, 1), {kMissing, i(1)}, i(1)},
      {"percentile: NaN", percentile(1, 2), {i(1), d(kNan)}, d(kNan)},
      {"percentile: of nothing", percentile(1, 2), {}, kEmpty},
      {"percentile: of what does not compare", percentile(1, 2), {i(1), s("a")}, kNoOverload},
      {"percentile: of lists", percentile(1, 2), {V::list({})}, kNoOverload},
      {"top: by count, then by value",
       top(2),
       {s("y"), s("x"), s("x"), s("y"), s("a")},
       V::list({x, y})},
      {"top: at most k", top(1), {s("y"), s("x"), s("x"), s("y"), s("a")}, V::list({x})},
      {"top: equal numbers are one, shown as the lowest kind",
       top(3),
       {d(1), u(1), i(1)},
       V::list({one})},
      {"top: of nothing", top(3), {kMissing}, V::list({})},
      {"top: of what does not compare", top(3), {i(1), s("a")}, kNoOverload},
      {"top: of NaN", top(3), {d(kNan)}, kNoOverload},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    CHECK(shown(over(c.aggregate, entries_of(c.arguments))) == shown(c.value));
  }
}

TEST_CASE("percentile: p is exact for its decimal text") {
  std::vector<V> arguments;
  for (int64_t n = 1; n <= 1000; ++n) arguments.push_back(i(n));
  const std::vector<PlainEntry> entries = entries_of(arguments);
  CHECK(shown(over(percentile(999, 1000), entries)) == shown(i(999)));  // 99.9
  CHECK(shown(over(percentile(9991, 10000), entries)) == shown(i(1000)));
  CHECK(shown(over(percentile(1, 1000), entries)) == shown(i(1)));
  CHECK(shown(over(percentile(11, 10000), entries)) == shown(i(2)));
}

TEST_CASE("speed: between successive places, so far apart, a second at least") {
  // A degree of the meridian: 6371008.8 * pi / 180 m.
  constexpr double kDegree = 111195.08023353292;
  struct Case {
    const char* what;
    double metres;
    std::vector<V> places;
    int64_t apart;  // ms
    double value;
  };
  const Case cases[] = {
      {"two", 0, {place(0, 0), place(1, 0)}, 10'000, kDegree / 10},
      {"the highest", 0, {place(0, 0), place(1, 0), place(3, 0), place(4, 0)}, 10'000, kDegree / 5},
      {"less than a second counts as one", 0, {place(0, 0), place(1, 0)}, 10, kDegree},
      {"as far apart is enough", 100'000, {place(0, 0), place(1, 0)}, 10'000, kDegree / 10},
      {"nearer is not", 120'000, {place(0, 0), place(1, 0)}, 10'000, 0},
      {"one is no pair", 0, {place(0, 0)}, 10'000, 0},
      {"none", 0, {}, 10'000, 0},
      {"what is no place is passed over",
       0,
       {place(0, 0), kMissing, place(91, 0), place(0, kNan), V::list({s("a"), i(1)}), place(1, 0)},
       2'000,
       kDegree / 10},
      {"ints are taken as doubles",
       0,
       {V::list({i(0), i(0)}), V::list({i(1), i(0)})},
       10'000,
       kDegree / 10},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    const V value = over(speed(c.metres), entries_of(c.places, c.apart));
    REQUIRE(value.kind() == cel::Kind::Double);
    CHECK(value.as_double() == doctest::Approx(c.value).epsilon(1e-9));
  }
}

V random_number(std::mt19937& random) {
  switch (random() % 6) {
    case 0:
      return i(static_cast<int64_t>(random() % 7) - 3);
    case 1:
      return u(random() % 4);
    case 2:
      return d(std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 80) - 60));
    default:
      return d(static_cast<double>(random() % 100) / 8);
  }
}

double number(const V& v) {
  return v.kind() == cel::Kind::Int    ? static_cast<double>(v.as_int())
         : v.kind() == cel::Kind::Uint ? static_cast<double>(v.as_uint())
                                       : v.as_double();
}

void check_plainly(const std::vector<PlainEntry>& window, const std::vector<V>& got) {
  const auto n = static_cast<long double>(window.size());
  long double mean = 0, squares = 0;
  std::vector<V> sorted;
  for (const PlainEntry& entry : window) {
    mean += number(entry.captures[0]) / n;
    sorted.push_back(entry.captures[0]);
  }
  for (const PlainEntry& entry : window) {
    squares += (number(entry.captures[0]) - mean) * (number(entry.captures[0]) - mean);
  }
  const auto deviation = static_cast<double>(std::sqrt(squares / n));
  CHECK(got[0].as_double() == doctest::Approx(deviation).epsilon(1e-9));
  std::stable_sort(sorted.begin(), sorted.end(), ValueBefore());
  const size_t rank = std::max<size_t>(1, (sorted.size() * 9 + 9) / 10);
  CHECK(shown(got[1]) == shown(sorted[rank - 1]));
  size_t best = 0;
  for (const V& v : sorted) {
    best = std::max<size_t>(best, std::count_if(sorted.begin(), sorted.end(),
                                                [&](const V& w) { return cel::equal(v, w); }));
  }
  REQUIRE_FALSE(got[2].as_list().empty());
  CHECK(cel::find_entry(got[2].as_list()[0], "count")->as_int() == static_cast<int64_t>(best));
}

TEST_CASE("over a window that moves on, each is what it is over the same entries anew") {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    rules::Rule rule;
    rules::Aggregate far = speed(static_cast<double>(random() % 400'000));
    far.argument = 1;
    rule.lets = {{"a", stddev()}, {"b", percentile(9, 10)}, {"c", top(3)}, {"d", far}};
    RunningAggregates running;
    running.start(rule);
    std::vector<PlainEntry> window;
    for (uint64_t n = 1; n <= 150; ++n) {
      const auto time = static_cast<int64_t>(random() % 20'000);
      window.push_back(
          {{EventTime{Duration{time}}, Arrival{n}},
           "",
           {random_number(random),
            random() % 4 == 0 ? kMissing : place(random() % 5, static_cast<int>(random() % 9))}});
      running.add(Look(window.back()));
      while (window.size() > 1 + random() % 40) {
        const size_t gone = random() % window.size();
        running.remove(Look(window[gone]));
        window.erase(window.begin() + static_cast<ptrdiff_t>(gone));
      }
      std::vector<PlainEntry> in_order = window;
      std::sort(in_order.begin(), in_order.end(),
                [](const PlainEntry& a, const PlainEntry& b) { return a.key < b.key; });
      const Entries plain = kept(in_order);
      const AggregateValues values = running.values(plain.all());
      const std::vector<V> got(values.begin(), values.end());
      const AggregateValues anew = aggregates_over(rule, plain.all());
      for (size_t let = 0; let < got.size(); ++let) REQUIRE(shown(got[let]) == shown(anew[let]));
      check_plainly(in_order, got);
    }
  }
}

}  // namespace
}  // namespace fengsui::window
