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

uint64_t tag_of(const Hash128& identity) { return identity.low >> 32 << 32; }

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

const SeenIds::Entry* SeenIds::find(const Hash128& identity) const {
  const Slot slot = slots_[place_of(identity)];
  return slot == kFree ? nullptr : &pair_of(number_in(slot)).entry;
}

void SeenIds::remember(const Hash128& identity, PartitionId partition, EventTime time) {
  if ((size_ + 1) * 4 > slots_.size() * 3) grow();
  const size_t at = place_of(identity);
  if (slots_[at] == kFree) {
    ++size_;
  } else {
    pair_of(number_in(slots_[at])).replaced = true;
  }
  const uint32_t number = take_number();
  slots_[at] = tag_of(identity) | number;
  Pair& pair = pair_of(number);
  pair = {identity, {partition, time}, kNone, false};

  if (value_of(partition) >= due_.size()) due_.resize(value_of(partition) + 1);
  Due& due = due_[value_of(partition)];
  if (due.first == kNone) {
    due.first = due.last = number;
  } else if (pair_of(due.last).entry.time <= time) {
    pair_of(due.last).next = number;
    due.last = number;
  } else {
    due.out_of_order.emplace_back(time, number);
    std::push_heap(due.out_of_order.begin(), due.out_of_order.end(), std::greater<>());
  }
}

void SeenIds::advance(PartitionId partition, EventTime seen, std::vector<Hash128>* forgotten) {
  if (value_of(partition) >= due_.size()) return;
  Due& due = due_[value_of(partition)];
  while (due.first != kNone && !holds(pair_of(due.first).entry, seen)) {
    const uint32_t number = due.first;
    due.first = pair_of(number).next;
    drop(number, forgotten);
  }
  std::vector<std::pair<EventTime, uint32_t>>& heap = due.out_of_order;
  while (!heap.empty() && seen - heap.front().first > horizon_) {
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    drop(heap.back().second, forgotten);
    heap.pop_back();
  }
}

uint32_t SeenIds::take_number() {
  if (free_ != kNone) return std::exchange(free_, pair_of(free_).next);
  INVARIANT(made_ < kNone);
  if (made_ % kBlock == 0) blocks_.push_back(std::make_unique<Pair[]>(kBlock));
  return made_++;
}

void SeenIds::drop(uint32_t number, std::vector<Hash128>* forgotten) {
  Pair& pair = pair_of(number);
  pair.next = std::exchange(free_, number);
  if (pair.replaced) return;  // the slot is the other one's
  if (forgotten != nullptr) forgotten->push_back(pair.identity);
  --size_;
  free_place(slots_, place_of(pair.identity), kFree, [this](Slot slot) { return home(slot); });
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
