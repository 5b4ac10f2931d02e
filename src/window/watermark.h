// The engine's watermark: the lowest mark of the active source partitions (rules.md, "Time").
//
// Marks say how far time may go (target()); reached() is how far it has gone, and is what timers
// see. Between the two lie the events that the marks release: time passes them one by one. Neither
// ever goes back; while no partition is active, both stay.
#pragma once

#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace fengsui::window {

class Watermark {
 public:
  // The partition has been heard of: from now on it is one of those that hold the watermark back
  // while active. Its mark never goes back; `time` below it only sets `active`.
  void mark(PartitionId partition, EventTime time, bool active);
  // kBeforeAllTime for one that was never heard of.
  EventTime of(PartitionId partition) const;

  EventTime target() const { return target_; }
  EventTime reached() const { return reached_; }
  // Time goes on to `time`, but not beyond target() and not back.
  void reach(EventTime time);

  // Time has gone on to `time` elsewhere, whatever the marks say here; not back.
  void follow(EventTime time);
  // Takes up at what was reached before, ahead of the marks.
  void restore(EventTime reached);

  struct Mark {
    PartitionId partition{};
    EventTime time = kBeforeAllTime;
    bool active = true;
  };
  // Of all partitions heard of, by id.
  std::vector<Mark> marks() const;

 private:
  struct Known {
    EventTime time = kBeforeAllTime;
    bool heard = false;
    bool active = false;
  };
  void find_target();

  std::vector<Known> partitions_;  // by id; ids are dense
  EventTime target_ = kBeforeAllTime;
  EventTime reached_ = kBeforeAllTime;
};

}  // namespace fengsui::window
