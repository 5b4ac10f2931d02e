#include "window/reorder_buffer.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace fengsui::window {
namespace {

// std's heaps have the greatest on top.
bool leaves_after(const match::Match& a, const match::Match& b) { return leaves_before(b, a); }

}  // namespace

bool leaves_before(const match::Match& a, const match::Match& b) {
  return std::tie(a.time, a.arrival, a.rule) < std::tie(b.time, b.arrival, b.rule);
}

void ReorderBuffer::hold(match::Match match) {
  const size_t partition = value_of(match.partition);
  if (partition >= heaps_.size()) heaps_.resize(partition + 1);
  std::vector<match::Match>& heap = heaps_[partition];
  heap.push_back(std::move(match));
  std::push_heap(heap.begin(), heap.end(), leaves_after);
  ++size_;
}

std::vector<match::Match> ReorderBuffer::release(const Watermark& watermark) {
  std::vector<match::Match> out;
  size_t from_partitions = 0;
  for (size_t partition = 0; partition < heaps_.size(); ++partition) {
    const EventTime mark = watermark.of(PartitionId{static_cast<uint32_t>(partition)});
    std::vector<match::Match>& heap = heaps_[partition];
    if (heap.empty() || heap.front().time > mark) continue;
    ++from_partitions;
    while (!heap.empty() && heap.front().time <= mark) {
      std::pop_heap(heap.begin(), heap.end(), leaves_after);
      out.push_back(std::move(heap.back()));
      heap.pop_back();
    }
  }
  if (from_partitions > 1) std::sort(out.begin(), out.end(), leaves_before);
  size_ -= out.size();
  return out;
}

EventTime ReorderBuffer::earliest() const {
  EventTime earliest = kAfterAllTime;
  for (const auto& heap : heaps_) {
    if (!heap.empty()) earliest = std::min(earliest, heap.front().time);
  }
  return earliest;
}

std::vector<const match::Match*> ReorderBuffer::held() const {
  std::vector<const match::Match*> held;
  held.reserve(size_);
  for (const auto& heap : heaps_) {
    for (const match::Match& match : heap) held.push_back(&match);
  }
  std::sort(held.begin(), held.end(), [](const match::Match* a, const match::Match* b) {
    return std::tie(a->arrival, a->rule) < std::tie(b->arrival, b->rule);
  });
  return held;
}

}  // namespace fengsui::window
