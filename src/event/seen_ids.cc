#include "event/seen_ids.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string>

#include "base/byte_codec.h"
#include "base/hash_table.h"
#include "base/invariant.h"

namespace fengsui::event {
namespace {

constexpr size_t kSlotsMin = 1024;
constexpr uint32_t kDropsAhead = 8;

uint32_t number_in(uint64_t slot) { return static_cast<uint32_t>(slot); }

}  // namespace

Hash128 event_identity(std::string_view source, std::string_view id) {
  thread_local std::string bytes;  // kept for its room
  bytes.clear();
  ByteWriter writer(bytes);
  writer.text(source);
  writer.text(id);
  return hash128(bytes);
}

SeenIds::SeenIds(Duration horizon)
    : horizon_(horizon), slots_(kSlotsMin, kFree), shift_(64 - std::countr_zero(kSlotsMin)) {}

size_t SeenIds::place_of(const Hash128& identity) const {
  const uint64_t tag = tag_of(identity);
  size_t at = home(tag);
  for (; slots_[at] != kFree; at = after(at)) {
    if (slots_[at] >> 32 != tag >> 32) continue;
    if (pair_of(number_in(slots_[at])).identity == identity) break;
  }
  return at;
}

std::optional<SeenIds::Entry> SeenIds::find(const Hash128& identity) const {
  const Slot slot = slots_[place_of(identity)];
  if (slot == kFree) return std::nullopt;
  const uint32_t number = number_in(slot);
  return Entry{blocks_[number / kBlockPairs]->partition, pair_of(number).time};
}

void SeenIds::remember(const Hash128& identity, PartitionId partition, EventTime time) {
  if ((size_ + 1) * 4 > slots_.size() * 3) grow();
  if (value_of(partition) >= due_.size()) due_.resize(value_of(partition) + 1);
  const size_t at = place_of(identity);
  if (slots_[at] == kFree) ++size_;
  // The number of a pair that is replaced stands in no slot any more.
  const uint32_t number = take_number(due_[value_of(partition)], partition, time);
  slots_[at] = tag_of(identity) | number;
  pair_of(number) = {identity, time};
}

uint32_t SeenIds::take_number(Due& due, PartitionId partition, EventTime time) {
  if (time >= due.last || due.blocks.empty()) {
    if (due.blocks.empty() || due.end == kBlockPairs) {
      due.blocks.push_back(take_block(partition));
      due.end = 0;
    }
    due.last = time;
    return due.blocks.back() * kBlockPairs + due.end++;
  }
  if (due.free.empty()) {
    const uint32_t block = take_block(partition);
    for (uint32_t i = kBlockPairs; i-- > 0;) due.free.push_back(block * kBlockPairs + i);
  }
  const uint32_t number = due.free.back();
  due.free.pop_back();
  due.out_of_order.emplace_back(time, number);
  std::push_heap(due.out_of_order.begin(), due.out_of_order.end(), std::greater<>());
  return number;
}

uint32_t SeenIds::take_block(PartitionId partition) {
  uint32_t block = 0;
  if (!free_blocks_.empty()) {
    block = free_blocks_.back();
    free_blocks_.pop_back();
  } else {
    block = static_cast<uint32_t>(blocks_.size());
    INVARIANT(block < kNone / kBlockPairs);
    blocks_.push_back(std::make_unique<Block>());
  }
  blocks_[block]->partition = partition;
  return block;
}

void SeenIds::advance(PartitionId partition, EventTime seen, std::vector<Hash128>* forgotten) {
  if (value_of(partition) >= due_.size()) return;
  Due& due = due_[value_of(partition)];
  while (!due.blocks.empty()) {
    const uint32_t block = due.blocks.front();
    const uint32_t end = due.blocks.size() == 1 ? due.end : kBlockPairs;
    const std::array<Pair, kBlockPairs>& pairs = blocks_[block]->pairs;
    for (; due.first < end && seen - pairs[due.first].time > horizon_; ++due.first) {
      if (due.first + kDropsAhead < end) prefetch(pairs[due.first + kDropsAhead].identity);
      drop(block * kBlockPairs + due.first, forgotten);
    }
    if (due.first < end || end < kBlockPairs) break;
    due.first = 0;
    due.blocks.pop_front();
    free_blocks_.push_back(block);
  }
  std::vector<std::pair<EventTime, uint32_t>>& heap = due.out_of_order;
  while (!heap.empty() && seen - heap.front().first > horizon_) {
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    drop(heap.back().second, forgotten);
    due.free.push_back(heap.back().second);
    heap.pop_back();
  }
}

void SeenIds::drop(uint32_t number, std::vector<Hash128>* forgotten) {
  const Hash128& identity = pair_of(number).identity;
  const size_t at = place_of(identity);
  // Else another pair of the same identity has replaced it, which may have gone itself.
  if (slots_[at] == kFree || number_in(slots_[at]) != number) return;
  if (forgotten != nullptr) forgotten->push_back(identity);
  --size_;
  free_place(
      slots_, at, kFree, [](Slot slot) { return slot == kFree; },
      [this](Slot slot) { return home(slot); });
}

void SeenIds::grow() {
  const std::vector<Slot> before =
      std::exchange(slots_, std::vector<Slot>(slots_.size() * 2, kFree));
  --shift_;
  for (const Slot slot : before) {
    if (slot == kFree) continue;
    size_t at = home(slot);
    while (slots_[at] != kFree) at = after(at);
    slots_[at] = slot;
  }
}

}  // namespace fengsui::event
