#include "archive/batch.h"

#include <algorithm>

#include "archive/block.h"
#include "base/time_codec.h"

// The layouts stand in DESIGN.md.
namespace fengsui::archive {
namespace {

constexpr uint8_t kBatchVersion = 1;
constexpr uint8_t kRecordVersion = 1;
constexpr uint8_t kLateBit = 1;
constexpr uint8_t kActiveBit = 1;
// Smaller batches are compressed together, when they become a block.
constexpr size_t kCompressFrom = 32 << 10;
constexpr uint64_t kKinds = 3;
constexpr size_t kHeadBytes = 512;  // what stands before a record's payload, about

Error unreadable() { return Error::outside("a batch of the archive is damaged"); }

}  // namespace

void BatchSpan::add(const BatchSpan& other) {
  events += other.events;
  raw_bytes += other.raw_bytes;
  first = std::min(first, other.first);
  last = std::max(last, other.last);
  earliest = std::min(earliest, other.earliest);
  latest = std::max(latest, other.latest);
  first_position = std::min(first_position, other.first_position);
  last_position = std::max(last_position, other.last_position);
  for (const std::string& type : other.types) {
    const auto at = std::lower_bound(types.begin(), types.end(), type);
    if (at == types.end() || *at != type) types.insert(at, type);
  }
}

bool BatchSpan::has_type(std::string_view type) const {
  return std::binary_search(types.begin(), types.end(), type);
}

void BatchSpan::encode(ByteWriter& out) const {
  out.varint(events);
  out.varint(raw_bytes);
  out.varint(value_of(first));
  out.varint(value_of(last));
  put_time(out, earliest);
  put_time(out, latest);
  out.varint(value_of(first_position));
  out.varint(value_of(last_position));
  out.varint(types.size());
  for (const std::string& type : types) out.text(type);
}

BatchSpan BatchSpan::decode(ByteReader& in) {
  BatchSpan span;
  span.events = in.varint();
  span.raw_bytes = in.varint();
  span.first = Arrival{in.varint()};
  span.last = Arrival{in.varint()};
  span.earliest = get_time(in);
  span.latest = get_time(in);
  span.first_position = LogPosition{in.varint()};
  span.last_position = LogPosition{in.varint()};
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    span.types.emplace_back(in.text());
  }
  std::sort(span.types.begin(), span.types.end());
  return span;
}

// --- Writing

const BatchWriter::Known& BatchWriter::know(const event::EventType& type) {
  const auto [at, is_new] = known_.try_emplace(&type);
  Known& known = at->second;
  if (!is_new) return known;
  known.index = known_.size() - 1;
  const StoredType stored = stored_type(type);
  ByteWriter out(types_);
  out.text(stored.name);
  out.varint(stored.fields.size());
  for (size_t i = 0; i < stored.fields.size(); ++i) {
    const StoredField& field = stored.fields[i];
    out.u8(static_cast<uint8_t>(field.kind));
    out.varint(static_cast<uint64_t>(field.parent + 1));
    out.text(field.name);
    known.slots.push_back(type.find(stored.path(i))->slot);
    known.is_object.push_back(field.kind == StoredField::Kind::Object);
  }
  BatchSpan of_type;
  of_type.types.push_back(stored.name);
  span_.add(of_type);
  return known;
}

void BatchWriter::add(const event::Event& event, const Arrived& arrived) {
  const Known& known = know(*event.type);
  ByteWriter out(events_);
  const int64_t time = event.time.time_since_epoch().count();
  out.varint(known.index);
  out.signed_varint(static_cast<int64_t>(value_of(arrived.arrival) - previous_arrival_));
  out.signed_varint(time - previous_time_);
  previous_arrival_ = value_of(arrived.arrival);
  previous_time_ = time;
  out.varint(value_of(arrived.partition));
  out.u8(arrived.late ? kLateBit : 0);
  if (arrived.late) put_time(out, arrived.watermark);
  out.text(event.id());
  out.text(event.source());
  for (size_t i = 0; i < known.slots.size(); ++i) {
    const cel::Value& value = event.slots[static_cast<size_t>(known.slots[i])];
    const bool present_object = known.is_object[i] && !value.is_error();
    cel::encode_value(out, present_object ? cel::Value::null() : value);
  }
  ++span_.events;
  span_.first = std::min(span_.first, arrived.arrival);
  span_.last = std::max(span_.last, arrived.arrival);
  span_.earliest = std::min(span_.earliest, event.time);
  span_.latest = std::max(span_.latest, event.time);
}

std::string BatchWriter::take(LogPosition position,
                              const std::vector<state::PartitionMark>& marks) {
  if (empty() && marks.empty()) return {};
  raw_.clear();
  ByteWriter out(raw_);
  out.u8(kBatchVersion);
  out.varint(value_of(position));
  out.varint(known_.size());
  raw_ += types_;
  out.varint(span_.events);
  raw_ += events_;
  out.varint(marks.size());
  for (const state::PartitionMark& mark : marks) {
    out.varint(value_of(mark.partition));
    out.u8(mark.active ? kActiveBit : 0);
    put_time(out, mark.watermark);
  }
  span_.first_position = span_.last_position = position;
  span_.raw_bytes = raw_.size();

  std::string record;
  ByteWriter into(record);
  const bool compressed = raw_.size() >= kCompressFrom;
  const std::string_view payload = compressed ? compress(raw_) : raw_;
  record.reserve(payload.size() + kHeadBytes);
  into.u8(kRecordVersion);
  into.u8(compressed ? 1 : 0);
  span_.encode(into);
  into.text(payload);
  begin_next();
  return record;
}

// With the room of the last one: fresh pages for each commit cost more than what is written there.
void BatchWriter::begin_next() {
  known_.clear();
  types_.clear();
  events_.clear();
  span_ = BatchSpan();
  previous_arrival_ = 0;
  previous_time_ = 0;
}

// --- Reading

Expected<Record> read_record(std::string_view bytes) {
  ByteReader in(bytes);
  const bool known = in.u8() == kRecordVersion;
  Record record;
  record.compressed = in.u8() != 0;
  record.span = BatchSpan::decode(in);
  record.payload = in.text();
  if (!known || !in.ok() || !in.at_end()) return fail(unreadable());
  return record;
}

std::shared_ptr<const StoredType> BatchReader::read_type(ByteReader& in) {
  const std::string_view before = in.rest();
  StoredType type;
  type.name = std::string(in.text());
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    StoredField field;
    const uint8_t kind = in.u8();
    const uint64_t parent = in.varint();
    field.name = std::string(in.text());
    // A parent stands before its parts.
    if (kind >= kKinds || parent > type.fields.size()) return nullptr;
    field.kind = static_cast<StoredField::Kind>(kind);
    field.parent = static_cast<int>(parent) - 1;
    type.fields.push_back(std::move(field));
  }
  if (!in.ok()) return nullptr;
  const std::string_view stored = before.substr(0, before.size() - in.rest().size());
  const auto known = types_.find(stored);
  if (known != types_.end()) return known->second;
  auto made = std::make_shared<const StoredType>(std::move(type));
  return types_.emplace(std::string(stored), std::move(made)).first->second;
}

StoredEvent BatchReader::read_event(ByteReader& in,
                                    const std::vector<std::shared_ptr<const StoredType>>& types,
                                    uint64_t& arrival, uint64_t& time) {
  StoredEvent event;
  const uint64_t type = in.varint();
  if (type >= types.size()) return event;  // without a type: no event
  arrival += static_cast<uint64_t>(in.signed_varint());
  time += static_cast<uint64_t>(in.signed_varint());
  event.arrival = Arrival{arrival};
  event.time = EventTime{Duration{static_cast<int64_t>(time)}};
  event.partition = PartitionId{static_cast<uint32_t>(in.varint())};
  event.late = (in.u8() & kLateBit) != 0;
  if (event.late) event.watermark = get_time(in);
  event.id = std::string(in.text());
  event.source = std::string(in.text());
  for (size_t i = 0; i < types[type]->fields.size() && in.ok(); ++i) {
    event.values.push_back(cel::decode_value(in));
  }
  const bool in_range = event.time >= kEventTimeMin && event.time <= kEventTimeMax;
  if (in.ok() && in_range) event.type = types[type];
  return event;
}

Expected<Batch> BatchReader::next(std::string_view& bytes) {
  ByteReader in(bytes);
  Batch batch;
  if (in.u8() != kBatchVersion) return fail(unreadable());
  batch.position = LogPosition{in.varint()};
  std::vector<std::shared_ptr<const StoredType>> types;
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    types.push_back(read_type(in));
    if (!types.back()) return fail(unreadable());
  }
  uint64_t arrival = 0, time = 0;
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    batch.events.push_back(read_event(in, types, arrival, time));
    if (!batch.events.back().type) return fail(unreadable());
    batch.events.back().position = batch.position;
  }
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    state::PartitionMark mark;
    mark.partition = PartitionId{static_cast<uint32_t>(in.varint())};
    mark.active = (in.u8() & kActiveBit) != 0;
    mark.watermark = get_time(in);
    batch.marks.push_back(mark);
  }
  if (!in.ok()) return fail(unreadable());
  bytes = in.rest();
  return batch;
}

}  // namespace fengsui::archive
