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

// The order in which matches leave: (time, then arrival); of one event, rule id order.
bool leaves_before(const match::Match& a, const match::Match& b);

class ReorderBuffer {
 public:
  void hold(match::Match match);

  // Takes out those that their own partition's mark has reached, in the order of leaving.
  std::vector<match::Match> release(const Watermark& watermark);

  // The lowest time held; kAfterAllTime if nothing is. O(partitions).
  EventTime earliest() const;
  size_t size() const { return size_; }
  // All that is held, by arrival and rule: an order that does not depend on how it came to be held.
  std::vector<const match::Match*> held() const;

 private:
  std::vector<std::vector<match::Match>> heaps_;  // by partition; the first to leave on top
  size_t size_ = 0;
};

}  // namespace fengsui::window
