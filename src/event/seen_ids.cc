#include "event/seen_ids.h"

#include <algorithm>
#include <functional>
#include <string>

#include "base/byte_codec.h"

namespace fengsui::event {

Hash128 event_identity(std::string_view source, std::string_view id) {
  std::string bytes;
  bytes.reserve(source.size() + id.size() + 4);
  ByteWriter writer(bytes);
  writer.text(source);
  writer.text(id);
  return hash128(bytes);
}

const SeenIds::Entry* SeenIds::find(const Hash128& identity) const {
  const auto found = entries_.find(identity);
  return found == entries_.end() ? nullptr : &found->second;
}

void SeenIds::remember(const Hash128& identity, PartitionId partition, EventTime time) {
  entries_.insert_or_assign(identity, Entry{partition, time});
  std::vector<Due>& heap = due_[value_of(partition)];
  heap.push_back({time, identity});
  std::push_heap(heap.begin(), heap.end(), std::greater<>());
}

void SeenIds::advance(PartitionId partition, EventTime seen, std::vector<Hash128>* forgotten) {
  const auto found = due_.find(value_of(partition));
  if (found == due_.end()) return;
  std::vector<Due>& heap = found->second;
  while (!heap.empty() && seen - heap.front().time > horizon_) {
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    const Due due = heap.back();
    heap.pop_back();
    // Another event may have brought the pair since; that entry goes by its own time.
    const auto entry = entries_.find(due.identity);
    if (entry == entries_.end() || entry->second.partition != partition ||
        entry->second.time != due.time) {
      continue;
    }
    entries_.erase(entry);
    if (forgotten != nullptr) forgotten->push_back(due.identity);
  }
}

}  // namespace fengsui::event
