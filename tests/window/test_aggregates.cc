#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "plain_entry.h"
#include "window/aggregate.h"
#include "window/contents.h"

namespace fengsui::window {
namespace {

using Function = rules::Aggregate::Function;
using V = cel::Value;

constexpr int64_t kIntMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kIntMin = std::numeric_limits<int64_t>::min();
constexpr uint64_t kUintMax = std::numeric_limits<uint64_t>::max();

EventTime at(int64_t ms) { return EventTime{Duration{ms}}; }

V i(int64_t v) { return V::integer(v); }
V u(uint64_t v) { return V::uinteger(v); }
V d(double v) { return V::real(v); }
V s(const char* v) { return V::string(v); }

// Kind and text, so that 1 and 1.0 differ.
std::string shown(const V& v) {
  if (v.is_error()) return "error: " + v.error_text();
  std::string text = std::to_string(static_cast<int>(v.kind())) + ":";
  cel::append_json(text, v);
  return text;
}

const V kMissing = V::missing();
const V kEmpty = V::error(cel::ErrorCode::Empty);
const V kNoOverload = V::error(cel::ErrorCode::NoMatchingOverload);
const V kOverflow = V::error(cel::ErrorCode::OutOfRange, "sum");

TEST_CASE("aggregates over the arguments of a window's events") {
  using enum Function;
  struct Case {
    const char* what;
    Function function;
    std::vector<V> arguments;
    V value;
  };
  const double nan = std::nan("");
  const Case cases[] = {
      {"distinct: equal numbers are one", Distinct, {i(1), u(1), d(1.0), i(2), d(1.5)}, i(3)},
      {"distinct: a text is no number", Distinct, {s("1"), i(1), V::boolean(true)}, i(3)},
      {"distinct: an error does not contribute", Distinct, {s("a"), kMissing, s("a")}, i(1)},
      {"distinct: NaN equals nothing", Distinct, {d(nan), d(nan), d(1)}, i(3)},
      {"distinct: of nothing", Distinct, {kMissing}, i(0)},
      {"distinct: texts", Distinct, {s("a"), s("b"), s("a"), s("ab"), s("")}, i(4)},
      {"sum: of ints is an int", Sum, {i(2), i(3), i(-7)}, i(-2)},
      {"sum: of nothing", Sum, {}, i(0)},
      {"sum: an error does not contribute", Sum, {i(2), kMissing}, i(2)},
      {"sum: overflow of the total is an error", Sum, {i(kIntMax), i(1)}, kOverflow},
      {"sum: overflow on the way is none", Sum, {i(kIntMax), i(1), i(-1)}, i(kIntMax)},
      {"sum: the least int fits", Sum, {i(kIntMin), i(5), i(-5)}, i(kIntMin)},
      {"sum: below it does not", Sum, {i(kIntMin), i(-1)}, kOverflow},
      {"sum: of uints is a uint", Sum, {u(kUintMax - 1), u(1)}, u(kUintMax)},
      {"sum: which may overflow too", Sum, {u(kUintMax), u(1)}, kOverflow},
      {"sum: exact doubles", Sum, {d(1e16), d(1), d(-1e16)}, d(1)},
      {"sum: mixed is a double", Sum, {i(kIntMax), d(-0x1p63), u(3)}, d(2)},
      {"sum: int and uint alone", Sum, {i(-1), u(kUintMax), u(2)}, d(0x1p64)},
      {"sum: only numbers", Sum, {i(1), s("x")}, kNoOverload},
      {"avg: of ints is a double", Avg, {i(1), i(2)}, d(1.5)},
      {"avg: of large ints", Avg, {i(kIntMax), i(kIntMax)}, d(0x1p63)},
      {"avg: the sum is exact", Avg, {d(1e308), d(1e308), d(-1e308), d(-1e308), d(5)}, d(1)},
      {"avg: over nothing", Avg, {kMissing}, kEmpty},
      {"min: across types by value", Min, {i(3), d(2.5), u(7)}, d(2.5)},
      {"max: across types by value", Max, {i(3), d(2.5), u(7)}, u(7)},
      {"min: texts by code point", Min, {s("网"), s("z"), s("Z"), s("za")}, s("Z")},
      {"max: texts by code point",
       Max,
       {s("网"), s("z"), s("\U0001F525"), s("za")},
       s("\U0001F525")},
      {"min: of bools", Min, {V::boolean(true), V::boolean(false)}, V::boolean(false)},
      {"min: over nothing", Min, {}, kEmpty},
      {"max: over nothing", Max, {kMissing}, kEmpty},
      {"min: NaN", Min, {d(1), d(nan), d(2)}, d(nan)},
      {"max: kinds that do not compare", Max, {s("a"), i(1)}, kNoOverload},
      {"max: lists do not compare", Max, {V::list({i(1)})}, kNoOverload},
      {"first: by (time, arrival)", First, {kMissing, s("a"), s("b")}, s("a")},
      {"last: by (time, arrival)", Last, {s("a"), s("b"), kMissing}, s("b")},
      {"first: null is a value", First, {V::null(), s("b")}, V::null()},
      {"last: over nothing", Last, {}, kEmpty},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.what));
    const rules::Aggregate aggregate{.function = c.function, .argument = 0};
    std::vector<PlainEntry> entries;
    for (const V& argument : c.arguments) {
      const auto n = static_cast<int64_t>(entries.size());
      entries.push_back({{at(n / 2), Arrival{static_cast<uint64_t>(n)}}, "", {argument}});
    }
    const Entries in_order = kept(entries);
    RunningAggregate forward(aggregate), backward(aggregate);
    for (const PlainEntry& entry : entries) forward.add(Look(entry));
    std::reverse(entries.begin(), entries.end());
    for (const PlainEntry& entry : entries) backward.add(Look(entry));
    CHECK(shown(forward.value(in_order.all())) == shown(c.value));
    CHECK(shown(backward.value(in_order.all())) == shown(c.value));
    // Others that came and went leave no trace.
    const std::vector<V> others = {i(4), d(1e300), s("other"), d(nan), kMissing, V::list({})};
    for (size_t n = 0; n < others.size(); ++n) {
      backward.add(Look({{at(-1), Arrival{100 + n}}, "", {others[n]}}));
    }
    for (size_t n = 0; n < others.size(); ++n) {
      backward.remove(Look({{at(-1), Arrival{100 + n}}, "", {others[n]}}));
    }
    CHECK(shown(backward.value(in_order.all())) == shown(c.value));
  }
}

TEST_CASE("a sum over no events is 0 of its static type") {
  rules::Aggregate sum{.function = Function::Sum, .argument = 0};
  CHECK(shown(RunningAggregate(sum).value({})) == shown(i(0)));
  sum.result = cel::Type::Kind::Double;
  CHECK(shown(RunningAggregate(sum).value({})) == shown(d(0)));
  sum.result = cel::Type::Kind::Uint;
  CHECK(shown(RunningAggregate(sum).value({})) == shown(u(0)));
}

TEST_CASE("where: only true counts") {
  rules::Aggregate count{.function = Function::Count, .where = 0};
  RunningAggregate running(count);
  for (const V& where : {V::boolean(true), V::boolean(false), kMissing, i(1), V::boolean(true)}) {
    running.add(Look({{at(0), Arrival{1}}, "", {where}}));
  }
  CHECK(shown(running.value({})) == shown(i(2)));
}

// --- Contents: what each event sees, against recomputing it from all events processed ------------

std::vector<rules::Let> lets_of_all_functions() {
  using enum Function;
  std::vector<rules::Let> lets;
  for (const Function function : {Count, Distinct, Sum, Avg, Min, Max, First, Last}) {
    const int argument = function == Count ? -1 : 0;
    lets.push_back({"", rules::Aggregate{.function = function, .argument = argument}});
    lets.push_back({"", rules::Aggregate{.function = function, .argument = argument, .where = 1}});
  }
  return lets;
}

V random_argument(std::mt19937& random) {
  switch (random() % 8) {
    case 0:
      return kMissing;
    case 1:
      return d(std::ldexp(1.0, static_cast<int>(random() % 120) - 60));
    case 2:
      return u(random() % 5);
    case 3:
      return random() % 40 == 0 ? s("x") : i(-3);
    default:
      return i(random() % 6);
  }
}

// The values over `entries`, said again in the plainest way for the functions where that is short.
void check_against_plain(const std::vector<PlainEntry>& covered, const std::vector<V>& got) {
  int64_t count = 0;
  std::vector<V> arguments;
  for (const PlainEntry& entry : covered) {
    ++count;
    if (!entry.captures[0].is_error()) arguments.push_back(entry.captures[0]);
  }
  REQUIRE(shown(got[0]) == shown(i(count)));
  int64_t distinct = 0;
  for (size_t a = 0; a < arguments.size(); ++a) {
    bool known = false;
    for (size_t b = 0; b < a; ++b) known = known || cel::equal(arguments[a], arguments[b]);
    distinct += known ? 0 : 1;
  }
  REQUIRE(shown(got[2]) == shown(i(distinct)));
  const V first = arguments.empty() ? kEmpty : arguments.front();
  const V last = arguments.empty() ? kEmpty : arguments.back();
  REQUIRE(shown(got[12]) == shown(first));
  REQUIRE(shown(got[14]) == shown(last));
}

void check_random_stream(uint32_t seed, const Window& window, int64_t length, bool tumbling) {
  std::mt19937 random(seed);
  rules::Rule rule;
  rule.captures = 2;
  rule.lets = lets_of_all_functions();
  const int64_t lateness = random() % 3 == 0 ? 0 : random() % 40;
  Contents contents;
  std::vector<PlainEntry> all;
  int64_t newest = 0;
  std::vector<uint64_t> arrivals(400);
  for (size_t n = 0; n < arrivals.size(); ++n) arrivals[n] = n + 1;
  for (size_t n = 0; n + 3 < arrivals.size(); n += 7) std::swap(arrivals[n], arrivals[n + 3]);
  for (const uint64_t arrival : arrivals) {
    int64_t time = newest + (random() % 4 == 0 ? random() % 30 : random() % 2);
    if (lateness > 0 && random() % 4 == 0) time = newest - random() % lateness;
    newest = std::max(newest, time);
    PlainEntry entry{
        {at(time), Arrival{arrival}},
        std::to_string(arrival),
        {random_argument(random), random() % 3 == 0 ? kMissing : V::boolean(random() % 2)}};
    all.push_back(entry);
    const Seen seen = contents.put(entry, rule, window, at(newest - lateness));
    // A copy: the room holds one evaluation's.
    const std::vector<V> got(seen.aggregates.begin(), seen.aggregates.end());

    std::vector<PlainEntry> covered;
    const int64_t from = tumbling ? time - ((time % length) + length) % length : time - length + 1;
    for (const PlainEntry& e : all) {
      if (e.key.time >= at(from) && e.key.time <= at(time)) covered.push_back(e);
    }
    std::sort(covered.begin(), covered.end(),
              [](const PlainEntry& a, const PlainEntry& b) { return a.key < b.key; });
    REQUIRE(seen.entries.size() == covered.size());
    for (size_t k = 0; k < covered.size(); ++k)
      REQUIRE(seen.entries[k].event() == covered[k].event);
    check_against_plain(covered, got);
    const Entries plain = kept(covered);
    const AggregateValues fresh = aggregates_over(rule, plain.all());
    for (size_t let = 0; let < fresh.size(); ++let) {
      CAPTURE(let);
      REQUIRE(shown(got[let]) == shown(fresh[let]));
    }
    if (random() % 50 == 0) {  // stored and read again
      std::string bytes;
      ByteWriter out(bytes);
      contents.encode(out, window, at(newest - lateness));
      ByteReader in(bytes);
      contents = Contents::decode(in, rule.captures, test_room());
      REQUIRE((in.ok() && in.at_end()));
      std::string again;
      ByteWriter out_again(again);
      contents.encode(out_again, window, at(newest - lateness));
      REQUIRE(again == bytes);
    }
    REQUIRE(contents.size() <= all.size());
  }
}

TEST_CASE("contents: each event sees what recomputing gives, in and out of order") {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    check_random_stream(seed, SlidingWindow(Duration{25}), 25, false);
    check_random_stream(seed, TumblingWindow(Duration{25}, at(0)), 25, true);
  }
}

TEST_CASE("contents: what no event to come can see is dropped") {
  rules::Rule rule;
  const Window window = SlidingWindow(Duration{10});
  Contents contents;
  for (int64_t t = 0; t < 1000; ++t) {
    contents.put(PlainEntry{{at(t), Arrival{static_cast<uint64_t>(t)}}, "", {}}, rule, window,
                 at(t - 5));
    CHECK(contents.size() <= 15);
  }
  CHECK(contents.unneeded_from(window) == at(1009));
}

}  // namespace
}  // namespace fengsui::window
