#include "random_streams.h"

#include <algorithm>
#include <random>
#include <string>

namespace fengsui::pipeline {
namespace {

using Kind = rules::WindowSpec::Kind;

}  // namespace

const std::vector<RuleSpec>& all_kinds() {
  static const std::vector<RuleSpec> specs = {
      {.id = "a-sliding", .window = Kind::Sliding, .length = 20, .quiet = 15},
      {.id = "b-tumbling", .window = Kind::Tumbling, .length = 25, .quiet = 25},
      {.id = "c-each", .quiet = 10, .yellow_from = 1},
      {.id = "d-alone", .has_by = false, .yellow_from = 1},
      {.id = "e-alone-quiet", .quiet = 7, .has_by = false, .yellow_from = 1},
      {.id = "f-shadow",
       .window = Kind::Sliding,
       .length = 5,
       .quiet = 5,
       .mode = rules::Mode::Shadow},
      {.id = "g-every-hit", .window = Kind::Tumbling, .length = 10, .quiet = 0},
      {.id = "h-long-quiet", .window = Kind::Sliding, .length = 3, .quiet = 60},
  };
  return specs;
}

const std::vector<RuleSpec>& other_kinds() {
  using rules::Emit;
  static const std::vector<RuleSpec> specs = {
      {.id = "a-hopping",
       .window = Kind::Hopping,
       .length = 20,
       .quiet = 30,
       .emit = Emit::Close,
       .every = 8},
      {.id = "b-tumbling-close",
       .window = Kind::Tumbling,
       .length = 15,
       .quiet = 15,
       .emit = Emit::Close},
      {.id = "c-hopping-gaps",
       .window = Kind::Hopping,
       .length = 5,
       .quiet = 12,
       .yellow_from = 1,
       .emit = Emit::Close,
       .every = 11,
       .seen_beside = true},
      {.id = "d-session", .window = Kind::Session, .length = 6, .quiet = 6},
      {.id = "e-session-max",
       .window = Kind::Session,
       .length = 6,
       .quiet = 6,
       .most = 11,
       .seen_beside = true},
      {.id = "f-session-close",
       .window = Kind::Session,
       .length = 6,
       .quiet = 9,
       .emit = Emit::Close,
       .most = 15},
      {.id = "g-count", .window = Kind::Count, .length = 1000, .quiet = 20, .count = 4},
      {.id = "h-count-within", .window = Kind::Count, .length = 9, .quiet = 0, .count = 3},
      {.id = "i-by-time",
       .window = Kind::Sliding,
       .length = 20,
       .quiet = 15,
       .order = rules::Order::Time},
      {.id = "j-baseline",
       .window = Kind::Tumbling,
       .length = 10,
       .quiet = 10,
       .baseline = rules::Baseline{.of = 0, .every = Duration{20}, .keep = 3}},
      {.id = "k-baseline-close",
       .window = Kind::Tumbling,
       .length = 10,
       .quiet = 10,
       .emit = Emit::Close,
       .baseline = rules::Baseline{.of = 1, .every = Duration{10}, .keep = 4}},
      {.id = "l-baseline-mean",
       .window = Kind::Tumbling,
       .length = 10,
       .quiet = 10,
       .baseline = rules::Baseline{.of = 2, .every = Duration{10}, .keep = 2},
       .seen_beside = true},
      {.id = "m-sequence", .length = 25, .quiet = 25, .steps = {{.v = 1}, {.v = 2, .times = 2}}},
      {.id = "n-absent",
       .length = 25,
       .quiet = 0,
       .steps = {{.v = 0}, {.v = 3, .absent = true}, {.v = 1, .same_area = true}}},
      {.id = "o-absent-end",
       .length = 12,
       .quiet = 30,
       .steps = {{.v = 2}, {.v = 1, .absent = true}}},
      {.id = "p-times-first",
       .length = 40,
       .quiet = 10,
       .steps = {{.v = 1, .times = 3}, {.v = 0, .absent = true, .same_area = true}}},
  };
  return specs;
}

const std::vector<RuleSpec>& with_alerts() {
  static const std::vector<RuleSpec> specs = [] {
    std::vector<RuleSpec> all = other_kinds();
    all.push_back({.id = "q-alerts",
                   .window = Kind::Sliding,
                   .length = 30,
                   .quiet = 30,
                   .over_alerts = true});
    all.push_back({.id = "r-alerts-close",
                   .window = Kind::Tumbling,
                   .length = 20,
                   .quiet = 20,
                   .emit = rules::Emit::Close,
                   .over_alerts = true});
    all.push_back({.id = "s-alerts-each", .quiet = 5, .yellow_from = 1, .over_alerts = true});
    return all;
  }();
  return specs;
}

Stream random_stream(uint32_t seed, uint32_t partitions, size_t groups_most) {
  std::mt19937 random(seed);
  Stream stream;
  if (random() % 3 != 0) stream.feed.out_of_orderness = random() % 12;
  if (random() % 3 != 0) stream.feed.allowed_lateness = random() % 30;
  const size_t groups = 1 + random() % groups_most;
  std::vector<int64_t> now(partitions, 0);
  for (int i = 0; i < 220; ++i) {
    Arriving event;
    event.partition = random() % partitions;
    if (partitions > 1 && random() % 25 == 0) {
      event.idle = true;
      stream.events.push_back(event);
      continue;
    }
    // Mostly on, at times twice the same time, at times a gap that lets all fall quiet.
    int64_t& time = now[event.partition];
    time += random() % 30 == 0 ? random() % 120 : random() % 4;
    event.time = random() % 4 == 0 ? std::max<int64_t>(time - random() % 35, 0) : time;
    event.group = std::string(1, static_cast<char>('a' + random() % groups));
    event.v = random() % 30 == 0 ? 101 : static_cast<int64_t>(random() % 4);
    if (random() % 8 == 0) event.v.reset();
    if (random() % 2 == 0) event.area = std::to_string(random() % 3);
    stream.events.push_back(event);
  }
  return stream;
}

}  // namespace fengsui::pipeline
