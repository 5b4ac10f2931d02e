// Numbers of events that have been: what an index chooses by. Not for callers of the folder.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cel/value.h"

namespace fengsui::match {

// Of one event type: the last kEvents that were noted. Of an event no more than its numbers; what
// is chosen by them changes no answer.
class Sample {
 public:
  static constexpr size_t kEvents = 256;

  void note(std::span<const cel::Value> slots);
  size_t size() const { return slots_ == 0 ? 0 : numbers_.size() / slots_; }
  // How many have a number in the slot that, turned round if `downwards`, is no less.
  size_t passing(int slot, bool downwards, double least) const;

 private:
  size_t slots_ = 0;             // an event
  size_t next_ = 0;              // the event to be replaced
  std::vector<double> numbers_;  // event by event; NaN: none
};

}  // namespace fengsui::match
