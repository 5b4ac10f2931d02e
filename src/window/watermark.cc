#include "window/watermark.h"

#include <algorithm>

namespace fengsui::window {

void Watermark::mark(PartitionId partition, EventTime time, bool active) {
  const size_t index = value_of(partition);
  if (index >= partitions_.size()) partitions_.resize(index + 1);
  Known& known = partitions_[index];
  if (known.heard && known.active == active && time <= known.time) return;
  known.heard = true;
  known.active = active;
  known.time = std::max(known.time, time);
  find_target();
}

EventTime Watermark::of(PartitionId partition) const {
  const size_t index = value_of(partition);
  return index < partitions_.size() ? partitions_[index].time : kBeforeAllTime;
}

void Watermark::reach(EventTime time) { reached_ = std::max(reached_, std::min(time, target_)); }

void Watermark::follow(EventTime time) {
  reached_ = std::max(reached_, time);
  target_ = std::max(target_, reached_);
}

void Watermark::restore(EventTime reached) {
  reached_ = reached;
  find_target();
}

void Watermark::find_target() {
  bool any_active = false;
  EventTime lowest = kAfterAllTime;
  for (const Known& known : partitions_) {
    if (!known.active) continue;
    any_active = true;
    lowest = std::min(lowest, known.time);
  }
  // A partition that becomes active may hold the target back, but not behind what was reached.
  target_ = any_active ? std::max(reached_, lowest) : reached_;
}

std::vector<Watermark::Mark> Watermark::marks() const {
  std::vector<Mark> marks;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    const Known& known = partitions_[i];
    if (!known.heard) continue;
    marks.push_back({PartitionId{static_cast<uint32_t>(i)}, known.time, known.active});
  }
  return marks;
}

}  // namespace fengsui::window
