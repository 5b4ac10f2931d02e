#include "window/entries.h"

#include <cstring>
#include <new>

#include "base/invariant.h"

namespace fengsui::window {
namespace {

// Most windows have few events: they get the room for these; others some ahead.
constexpr size_t kExactMax = 4;

Room& room_of(const void* block) { return *static_cast<Room*>(Slab::owner_of(block)); }

// As it stands in a block. Until the room's next.
std::string_view encode_entry(const NewEntry& entry) {
  std::string& scratch = entry.room.scratch;
  const size_t most =
      2 * kVarintBytesMax + entry.captures.size() + EventNames::size_max(entry.event);
  if (scratch.size() < most) scratch.resize(most);
  RoomWriter out{RoomOut(scratch.data())};
  out.varint(value_of(entry.key.arrival));
  out.text(entry.captures);
  entry.room.names.put(entry.event, out);
  return {scratch.data(), static_cast<size_t>(out.out().end() - scratch.data())};
}

size_t size_at(const char* event, const char* end) {
  ByteReader in(std::string_view(event, static_cast<size_t>(end - event)));
  in.varint();
  in.text();
  return static_cast<size_t>(EventNames::end_of(in.rest().data()) - event);
}

}  // namespace

void Entries::clear() {
  if (block_ == nullptr) return;
  room_of(block_).slab.give(block_, block_->capacity);
  block_ = nullptr;
}

void Entries::move_to_new(Room& room, size_t more) {
  const EntryBlock* const old = block_;
  size_t events = 0;
  const size_t count = size();
  const char* const end = old == nullptr ? nullptr : old->bytes() + old->capacity;
  if (old != nullptr && old->first == 0) {
    events = old->capacity - old->lowest;
  } else if (old != nullptr) {
    for (size_t i = 0; i < count; ++i) events += size_at(old->event(old->first + i), end);
  }
  size_t wanted = EntryBlock::place_at(count) + events + more;
  if (count >= kExactMax) wanted += wanted / 4;
  wanted = Slab::room(wanted);
  INVARIANT(wanted <= kBytesMax);
  auto* const block = new (room.slab.take(wanted)) EntryBlock;
  block->capacity = block->lowest = static_cast<uint32_t>(wanted);
  for (size_t i = 0; i < count; ++i) {
    const char* const event = old->event(old->first + i);
    const size_t size = size_at(event, end);
    block->lowest -= static_cast<uint32_t>(size);
    std::memcpy(block->bytes() + block->lowest, event, size);
    block->set(block->end++, old->time(old->first + i), block->lowest);
  }
  clear();
  block_ = block;
}

void Entries::write(Room& room, size_t place, EventTime time, std::string_view event) {
  const size_t more = event.size() + EntryBlock::kPlaceBytes;
  if (block_ == nullptr || EntryBlock::place_at(block_->end) + more > block_->lowest) {
    move_to_new(room, more);
  }
  EntryBlock& block = *block_;
  block.lowest -= static_cast<uint32_t>(event.size());
  std::memcpy(block.bytes() + block.lowest, event.data(), event.size());
  const size_t at = block.first + place;
  char* const from = block.bytes() + EntryBlock::place_at(at);
  if (at < block.end)
    std::memmove(from + EntryBlock::kPlaceBytes, from, (block.end - at) * EntryBlock::kPlaceBytes);
  ++block.end;
  block.set(at, time, block.lowest);
}

size_t Entries::put(const NewEntry& entry) {
  const std::string_view event = encode_entry(entry);
  const EntrySpan before = all();
  size_t place = before.size();
  if (place > 0 && entry.key.time <= before.time(place - 1)) {
    place = before.lower_bound(entry.key.time);
    while (place < before.size() && before[place].key < entry.key) ++place;
  }
  write(entry.room, place, entry.key.time, event);
  return place;
}

void Entries::append(const NewEntry& entry) {
  write(entry.room, size(), entry.key.time, encode_entry(entry));
}

void Entries::drop_front(size_t count) {
  if (count == 0) return;
  if (count == size()) return clear();
  block_->first += static_cast<uint32_t>(count);
  if (block_->first >= size()) move_to_new(room_of(block_), 0);
}

void Entries::move_captures(const CaptureMap& map) {
  Entries moved;
  for (const Entry& entry : all()) {
    std::vector<cel::Value> captures;
    ByteReader in(entry.captures());
    while (!in.at_end()) captures.push_back(cel::decode_value(in));
    window::move_captures(captures, map);
    std::string bytes;
    ByteWriter out(bytes);
    for (const cel::Value& capture : captures) cel::encode_value(out, capture);
    moved.put({room_of(block_), entry.key, entry.event(), bytes});
  }
  *this = std::move(moved);
}

void Entries::encode(ByteWriter& out, const EntrySpan& entries) {
  out.varint(entries.size());
  EntryKey before;
  for (const Entry& entry : entries) {
    out.signed_varint((entry.key.time - before.time).count());
    out.signed_varint(static_cast<int64_t>(value_of(entry.key.arrival) - value_of(before.arrival)));
    before = entry.key;
    out.text(entry.event());
    out.bytes(entry.captures());
  }
}

Entries Entries::decode(ByteReader& in, size_t captures, Room& room) {
  Entries entries;
  EntryKey before;
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    EntryKey key;
    // Unsigned sums: bytes that no encoder wrote may overflow, which must not be undefined.
    const auto time = static_cast<uint64_t>(before.time.time_since_epoch().count()) +
                      static_cast<uint64_t>(in.signed_varint());
    key.time = EventTime{Duration{static_cast<int64_t>(time)}};
    key.arrival = Arrival{value_of(before.arrival) + static_cast<uint64_t>(in.signed_varint())};
    before = key;
    const std::string_view event = in.text();
    const std::string_view from = in.rest();
    // Read, not skipped: what is not a value's stored form must not be kept.
    for (size_t i = 0; i < captures && in.ok(); ++i) cel::decode_value(in);
    if (!in.ok()) break;
    entries.append({room, key, event, from.substr(0, from.size() - in.rest().size())});
  }
  return entries;
}

}  // namespace fengsui::window
