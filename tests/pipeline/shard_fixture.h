// Rules made by hand and frames made from events, for tests of the shard alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "pipeline/shard.h"
#include "pipeline/shard_listener.h"
#include "rules/rule_set.h"
#include "state/frame.h"

namespace fengsui::pipeline {

inline EventTime at(int64_t ms) { return EventTime{Duration{ms}}; }

// A rule over events with a group g and a value v:
//   let    n: count(), sum: sum(v), kinds: distinct(v), mean: sum / kinds
//   grade  red: n >= 6 || sum > 100, orange: n >= 4, yellow: n >= `yellow_from`
//   message "{n}: {v}" (v of the newest event)
//
// A sequence is of events by their v (`steps`); its let is twice the v of its newest event, its
// grade always yellow. A rule over alerts groups them by rule, with a v of 1.
struct StepSpec {
  int64_t v = 0;  // an event fits if v % 4 is this
  bool absent = false;
  uint64_t times = 1;
  bool same_area = false;  // as the first event of the match
};
struct RuleSpec {
  std::string id;
  rules::WindowSpec::Kind window = rules::WindowSpec::Kind::None;
  int64_t length = 0;
  int64_t quiet = 0;
  bool has_by = true;
  int64_t yellow_from = 2;
  rules::Mode mode = rules::Mode::Live;
  rules::Emit emit = rules::Emit::Event;
  rules::Order order = rules::Order::Arrival;
  int64_t every = 0;                          // hopping
  std::optional<int64_t> most{};              // session: max
  uint64_t count = 0;                         // count: N
  std::optional<rules::Baseline> baseline{};  // over let `of`; yellow only above the mean
  std::vector<StepSpec> steps{};              // then `length` is the sequence's within
  bool over_alerts = false;
  bool seen_beside = false;  // kept, too, in the group named "~" before the event's own
};

// Specs must be in id order. `origin`: of tumbling windows.
std::shared_ptr<const rules::RuleSet> make_rules(const std::vector<RuleSpec>& specs,
                                                 int64_t origin = 0);

// An event as it comes in, before lateness is decided.
struct Arriving {
  uint32_t partition = 0;
  int64_t time = 0;
  std::string group = "g";
  std::optional<int64_t> v = 1;  // missing: an error in every row
  std::optional<std::string> area = {};
  // Instead of an event: the partition goes idle.
  bool idle = false;
};

struct Feed {
  int64_t out_of_orderness = 0;
  int64_t allowed_lateness = 0;
};

// Decides lateness as rules.md has it and makes one frame of each event (none of one that is late
// beyond the allowed lateness, or goes idle twice). Every event matches every rule that is neither
// a sequence nor over alerts. At the end comes a frame that takes the marks to the highest times
// seen, and with `flush` to infinity.
std::vector<state::Frame> frames_of(const std::vector<Arriving>& events, const Feed& feed,
                                    const std::vector<RuleSpec>& specs, bool flush);

// Joins neighbours at random, up to `most` in one, and numbers them from 1.
std::vector<state::Frame> join_frames(const std::vector<state::Frame>& frames, size_t most,
                                      std::mt19937& random);

std::vector<std::string> lines_of(const std::vector<alert::Record>& records,
                                  const rules::RuleSet& rules);

// Each record as "a/g open yellow @10 n=2", "a/g clear red @30 hits=3".
std::vector<std::string> said(const std::vector<alert::Record>& records,
                              const rules::RuleSet& rules);

// The name that an event with this arrival has.
std::string event_name(uint64_t arrival);

}  // namespace fengsui::pipeline
