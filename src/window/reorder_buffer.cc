#include "window/reorder_buffer.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace fengsui::window {
namespace {

// An event is of one partition, so its matches are in their order already.
void sort_events(std::vector<match::Match>& matches) {
  std::stable_sort(matches.begin(), matches.end(),
                   [](const match::Match& a, const match::Match& b) {
                     return std::tie(a.time, a.arrival) < std::tie(b.time, b.arrival);
                   });
}

}  // namespace

bool ReorderBuffer::leaves_before(const Held& a, const Held& b) {
  return std::tie(a.match.time, a.match.arrival, a.match.rule, a.place) <
         std::tie(b.match.time, b.match.arrival, b.match.rule, b.place);
}

void ReorderBuffer::hold(match::Match match) {
  const size_t partition = value_of(match.partition);
  if (partition >= heaps_.size()) heaps_.resize(partition + 1);
  std::vector<Held>& heap = heaps_[partition];
  heap.push_back({std::move(match), next_place_++});
  // std's heaps have the greatest on top.
  std::push_heap(heap.begin(), heap.end(), leaves_after);
  ++size_;
}

std::vector<match::Match> ReorderBuffer::release(const Watermark& watermark) {
  std::vector<match::Match> out;
  size_t from_partitions = 0;
  for (size_t partition = 0; partition < heaps_.size(); ++partition) {
    const EventTime mark = watermark.of(PartitionId{static_cast<uint32_t>(partition)});
    std::vector<Held>& heap = heaps_[partition];
    if (heap.empty() || heap.front().match.time > mark) continue;
    ++from_partitions;
    while (!heap.empty() && heap.front().match.time <= mark) {
      std::pop_heap(heap.begin(), heap.end(), leaves_after);
      out.push_back(std::move(heap.back().match));
      heap.pop_back();
    }
  }
  if (from_partitions > 1) sort_events(out);
  size_ -= out.size();
  return out;
}

EventTime ReorderBuffer::earliest() const {
  EventTime earliest = kAfterAllTime;
  for (const auto& heap : heaps_) {
    if (!heap.empty()) earliest = std::min(earliest, heap.front().match.time);
  }
  return earliest;
}

std::vector<const match::Match*> ReorderBuffer::held() const {
  std::vector<const Held*> held;
  held.reserve(size_);
  for (const auto& heap : heaps_) {
    for (const Held& one : heap) held.push_back(&one);
  }
  std::sort(held.begin(), held.end(), [](const Held* a, const Held* b) {
    return std::tie(a->match.arrival, a->match.rule, a->place) <
           std::tie(b->match.arrival, b->match.rule, b->place);
  });
  std::vector<const match::Match*> matches;
  matches.reserve(held.size());
  for (const Held* one : held) matches.push_back(&one->match);
  return matches;
}

}  // namespace fengsui::window
