#include "window/reorder_buffer.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

namespace fengsui::window {
namespace {

// An event is of one partition, so its matches are in their order already.
void sort_events(std::span<match::Match> matches) {
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

bool ReorderBuffer::Waiting::is_run_next() const {
  if (next == run.size()) return false;
  return heap.empty() || leaves_before(run[next], heap.front());
}

match::Match ReorderBuffer::Waiting::take_first() {
  if (is_run_next()) {
    match::Match match = std::move(run[next++].match);
    if (next == run.size()) {
      run.clear();
      next = 0;
    }
    return match;
  }
  // std's heaps have the greatest on top.
  std::pop_heap(heap.begin(), heap.end(), leaves_after);
  match::Match match = std::move(heap.back().match);
  heap.pop_back();
  return match;
}

void ReorderBuffer::hold(match::Match match) {
  const size_t partition = value_of(match.partition);
  if (partition >= partitions_.size()) partitions_.resize(partition + 1);
  Waiting& waiting = partitions_[partition];
  Held held{std::move(match), next_place_++};
  ++size_;
  if (waiting.next < waiting.run.size() && leaves_before(held, waiting.run.back())) {
    waiting.heap.push_back(std::move(held));
    std::push_heap(waiting.heap.begin(), waiting.heap.end(), leaves_after);
    return;
  }
  if (waiting.next > waiting.run.size() / 2) {
    const auto first = waiting.run.begin();
    waiting.run.erase(first, first + static_cast<ptrdiff_t>(waiting.next));
    waiting.next = 0;
  }
  waiting.run.push_back(std::move(held));
}

void ReorderBuffer::release(const Watermark& watermark, std::vector<match::Match>& out) {
  const size_t before = out.size();
  size_t from_partitions = 0;
  for (size_t partition = 0; partition < partitions_.size(); ++partition) {
    const EventTime mark = watermark.of(PartitionId{static_cast<uint32_t>(partition)});
    Waiting& waiting = partitions_[partition];
    if (waiting.empty() || waiting.first().match.time > mark) continue;
    ++from_partitions;
    while (!waiting.empty() && waiting.first().match.time <= mark) {
      out.push_back(waiting.take_first());
    }
  }
  if (from_partitions > 1) sort_events(std::span(out).subspan(before));
  size_ -= out.size() - before;
}

EventTime ReorderBuffer::earliest() const {
  EventTime earliest = kAfterAllTime;
  for (const Waiting& waiting : partitions_) {
    if (!waiting.empty()) earliest = std::min(earliest, waiting.first().match.time);
  }
  return earliest;
}

std::vector<const match::Match*> ReorderBuffer::held() const {
  std::vector<const Held*> held;
  held.reserve(size_);
  for (const Waiting& waiting : partitions_) {
    for (const Held& one : std::span(waiting.run).subspan(waiting.next)) held.push_back(&one);
    for (const Held& one : waiting.heap) held.push_back(&one);
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
