// Matches that wait for their partition's watermark (rules.md, "Time"). Behind the log, so it never
// exerts back-pressure: reading on is what drains it. O(1) a match that comes in the order of
// leaving, O(log n) another.
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

  // Appends those that their own partition's mark has reached, in the order of leaving.
  void release(const Watermark& watermark, std::vector<match::Match>& out);

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

  // The run: those that came in the order of leaving; it begins at `next`. The heap: the others,
  // the first to leave on top.
  struct Waiting {
    std::vector<Held> run, heap;
    size_t next = 0;
    bool empty() const { return next == run.size() && heap.empty(); }
    bool is_run_next() const;  // requires: not empty
    const Held& first() const { return is_run_next() ? run[next] : heap.front(); }
    match::Match take_first();
  };
  std::vector<Waiting> partitions_;
  size_t size_ = 0;
  uint64_t next_place_ = 0;
};

}  // namespace fengsui::window
