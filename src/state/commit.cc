#include "state/commit.h"

#include "base/hash.h"
#include "base/time_codec.h"

// The layouts stand in DESIGN.md. Every value begins with a version and ends with a CRC-32C.
namespace fengsui::state {
namespace {

constexpr uint8_t kVersion = 1;
// Of journal records and markers: 1 had nothing of an archive.
constexpr uint8_t kArchiveVersion = 2;
constexpr size_t kCrcBytes = sizeof(uint32_t);
// About what an id, and what is neither frame, id nor archive, takes.
constexpr size_t kAdmittedBytes = 20, kRecordBytes = 512;
constexpr uint8_t kActiveBit = 1;
constexpr uint8_t kPositionBit = 2;

void put_totals(ByteWriter& out, const Totals& totals) {
  for (const uint64_t count : {totals.read, totals.processed, totals.duplicate, totals.late,
                               totals.dead_letter, totals.late_admitted}) {
    out.varint(count);
  }
}

Totals get_totals(ByteReader& in) {
  Totals totals;
  for (uint64_t* count : {&totals.read, &totals.processed, &totals.duplicate, &totals.late,
                          &totals.dead_letter, &totals.late_admitted}) {
    *count = in.varint();
  }
  return totals;
}

void put_partitions(ByteWriter& out, const std::vector<PartitionState>& partitions) {
  out.varint(partitions.size());
  for (const PartitionState& partition : partitions) {
    out.varint(value_of(partition.id));
    out.text(partition.name);
    put_time(out, partition.seen);
    out.u8((partition.active ? kActiveBit : 0) | (partition.next_position ? kPositionBit : 0));
    if (partition.next_position) out.varint(*partition.next_position);
  }
}

std::vector<PartitionState> get_partitions(ByteReader& in) {
  std::vector<PartitionState> partitions;
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    PartitionState partition;
    partition.id = PartitionId{static_cast<uint32_t>(in.varint())};
    partition.name = std::string(in.text());
    partition.seen = get_time(in);
    const uint8_t bits = in.u8();
    partition.active = (bits & kActiveBit) != 0;
    if (bits & kPositionBit) partition.next_position = in.varint();
    partitions.push_back(std::move(partition));
  }
  return partitions;
}

std::string finish(std::string bytes) {
  ByteWriter(bytes).u32(crc32c(bytes));
  return bytes;
}

// Checks version and CRC, and gives a reader of what is between.
Expected<ByteReader> guarded(std::string_view bytes, const char* what, uint8_t newest = kVersion) {
  if (bytes.size() < kCrcBytes + 1) {
    return fail(Error::outside(std::string(what) + " is cut short"));
  }
  const uint8_t version = static_cast<uint8_t>(bytes[0]);
  if (version == 0 || version > newest) {
    return fail(Error::outside(std::string(what) + " has version " + std::to_string(version) +
                               ", this program reads version " + std::to_string(newest)));
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kCrcBytes);
  if (ByteReader(bytes.substr(body.size())).u32() != crc32c(body)) {
    return fail(Error::outside(std::string(what) + " is damaged (CRC-32C differs)"));
  }
  return ByteReader(body.substr(1));
}

Expected<void> at_end(const ByteReader& in, const char* what) {
  if (in.ok() && in.at_end()) return {};
  return fail(Error::outside(std::string(what) + " does not have the layout of its version"));
}

}  // namespace

void encode_commit(const Commit& commit, std::string& bytes) {
  const size_t begin = bytes.size();
  ByteWriter out(bytes);
  out.u8(kArchiveVersion);
  const std::string& frame = commit.encoded_frame;
  const std::string made = frame.empty() ? encode_frame(commit.frame) : std::string();
  out.text(frame.empty() ? made : frame);
  bytes.reserve(bytes.size() + commit.admitted.size() * kAdmittedBytes + commit.archive.size() +
                kRecordBytes);
  put_partitions(out, commit.partitions);
  out.varint(commit.admitted.size());
  int64_t previous = 0;
  for (const AdmittedId& id : commit.admitted) {
    const int64_t time = id.time.time_since_epoch().count();
    out.u64(id.identity.high);
    out.u64(id.identity.low);
    out.varint(value_of(id.partition));
    out.signed_varint(time - previous);
    previous = time;
  }
  put_totals(out, commit.totals);
  out.varint(value_of(commit.next_arrival));
  out.text(commit.archive);
  out.u32(crc32c(std::string_view(bytes).substr(begin)));
}

Expected<Commit> decode_commit(std::string_view bytes) {
  constexpr const char* kWhat = "a record of the journal";
  Expected<ByteReader> in = guarded(bytes, kWhat, kArchiveVersion);
  if (!in) return fail(in.error());
  Commit commit;
  Expected<Frame> frame = decode_frame(in->text());
  if (!frame) return fail(frame.error());
  commit.frame = std::move(*frame);
  commit.partitions = get_partitions(*in);
  uint64_t previous = 0;
  for (uint64_t left = in->varint(); left > 0 && in->ok(); --left) {
    AdmittedId id;
    id.identity.high = in->u64();
    id.identity.low = in->u64();
    id.partition = PartitionId{static_cast<uint32_t>(in->varint())};
    previous += static_cast<uint64_t>(in->signed_varint());
    id.time = EventTime{Duration{static_cast<int64_t>(previous)}};
    commit.admitted.push_back(id);
  }
  commit.totals = get_totals(*in);
  commit.next_arrival = Arrival{in->varint()};
  if (bytes[0] >= kArchiveVersion) commit.archive = std::string(in->text());
  const Expected<void> end = at_end(*in, kWhat);
  if (!end) return fail(end.error());
  return commit;
}

std::string encode_marker(const Marker& marker) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kArchiveVersion);
  out.varint(value_of(marker.position));
  out.text(marker.pack_hash);
  out.text(marker.digest);
  put_totals(out, marker.totals);
  out.varint(value_of(marker.next_arrival));
  put_partitions(out, marker.partitions);
  out.text(marker.archive_mark);
  return finish(std::move(bytes));
}

Expected<Marker> decode_marker(std::string_view bytes) {
  constexpr const char* kWhat = "the checkpoint's marker";
  Expected<ByteReader> in = guarded(bytes, kWhat, kArchiveVersion);
  if (!in) return fail(in.error());
  Marker marker;
  marker.position = LogPosition{in->varint()};
  marker.pack_hash = std::string(in->text());
  marker.digest = std::string(in->text());
  marker.totals = get_totals(*in);
  marker.next_arrival = Arrival{in->varint()};
  marker.partitions = get_partitions(*in);
  if (bytes[0] >= kArchiveVersion) marker.archive_mark = std::string(in->text());
  const Expected<void> end = at_end(*in, kWhat);
  if (!end) return fail(end.error());
  return marker;
}

std::string encode_mark(const QueueMark& mark) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kVersion);
  out.varint(mark.sequence);
  out.text(mark.sink_state);
  return finish(std::move(bytes));
}

Expected<QueueMark> decode_mark(std::string_view bytes) {
  constexpr const char* kWhat = "a queue's delivery mark";
  Expected<ByteReader> in = guarded(bytes, kWhat);
  if (!in) return fail(in.error());
  QueueMark mark;
  mark.sequence = in->varint();
  mark.sink_state = std::string(in->text());
  const Expected<void> end = at_end(*in, kWhat);
  if (!end) return fail(end.error());
  return mark;
}

std::string encode_seen(EventTime newest, const std::vector<AdmittedId>& ids) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kVersion);
  put_time(out, newest);
  out.varint(ids.size());
  for (const AdmittedId& id : ids) {
    out.u64(id.identity.high);
    out.u64(id.identity.low);
    out.signed_varint((newest - id.time).count());
  }
  return finish(std::move(bytes));
}

Expected<SeenBlock> decode_seen(std::string_view bytes) {
  constexpr const char* kWhat = "a block of admitted ids";
  Expected<ByteReader> in = guarded(bytes, kWhat);
  if (!in) return fail(in.error());
  SeenBlock block;
  block.newest = get_time(*in);
  for (uint64_t left = in->varint(); left > 0 && in->ok(); --left) {
    AdmittedId id;
    id.identity.high = in->u64();
    id.identity.low = in->u64();
    id.time = block.newest - Duration{in->signed_varint()};
    block.ids.push_back(id);
  }
  const Expected<void> end = at_end(*in, kWhat);
  if (!end) return fail(end.error());
  return block;
}

}  // namespace fengsui::state
