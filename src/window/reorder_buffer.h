// Matches that wait for their partition's watermark (rules.md, "Time"). Behind the log, so it never
// exerts back-pressure: reading on is what drains it. O(log n) a match.
#pragma once

#include <cstddef>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "match/match.h"
#include "window/watermark.h"

namespace fengsui::window {

// Matches leave by (time, then arrival); those of one event in rule id order, those of one rule in
// the order in which they came.
class ReorderBuffer {
 public:
  void hold(match::Match match);

  // Takes out those that their own partition's mark has reached, in the order of leaving.
  std::vector<match::Match> release(const Watermark& watermark);

  // The lowest time held; kAfterAllTime if nothing is. O(partitions).
  EventTime earliest() const;
  size_t size() const { return size_; }
  // All that is held, by arrival, of one event as above: an order that does not depend on how it
  // came to be held.
  std::vector<const match::Match*> held() const;

 private:
  struct Held {
    match::Match match;
    uint64_t place = 0;  // counts up with each match held
  };
  static bool leaves_before(const Held& a, const Held& b);
  static bool leaves_after(const Held& a, const Held& b) { return leaves_before(b, a); }

  std::vector<std::vector<Held>> heaps_;  // by partition; the first to leave on top
  size_t size_ = 0;
  uint64_t next_place_ = 0;
};

}  // namespace fengsui::window
