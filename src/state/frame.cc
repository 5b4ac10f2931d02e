#include "state/frame.h"

#include "base/byte_codec.h"
#include "base/hash.h"

// The layout stands in DESIGN.md, "A frame".
namespace fengsui::state {
namespace {

constexpr uint8_t kFrameVersion = 2;
constexpr uint8_t kFrameVersionWithoutSwap = 1;
constexpr uint8_t kSwapBit = 1;
constexpr uint8_t kLateBit = 1;
constexpr uint8_t kOnlySeenBit = 2;
constexpr uint8_t kStepBit = 4;
constexpr uint8_t kActiveBit = 1;

void put_values(ByteWriter& out, const std::vector<cel::Value>& values) {
  out.varint(values.size());
  for (const cel::Value& value : values) cel::encode_value(out, value);
}

// Grows with what is really there: a count that lies does not make us allocate for it.
std::vector<cel::Value> get_values(ByteReader& in) {
  std::vector<cel::Value> values;
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    values.push_back(cel::decode_value(in));
  }
  return values;
}

// Times and arrivals are written as the difference to the match before: neighbours are alike.
struct Previous {
  int64_t time = 0;
  uint64_t arrival = 0;
};

void put_match(ByteWriter& out, const match::Match& match, Previous& previous) {
  const int64_t time = match.time.time_since_epoch().count();
  out.varint(value_of(match.rule));
  out.varint(value_of(match.partition));
  out.signed_varint(time - previous.time);
  out.signed_varint(static_cast<int64_t>(value_of(match.arrival) - previous.arrival));
  out.u8((match.late ? kLateBit : 0) | (match.only_seen ? kOnlySeenBit : 0) |
         (match.step != 0 ? kStepBit : 0));
  if (match.step != 0) out.u8(match.step);
  if (match.late) out.signed_varint(match.watermark.time_since_epoch().count());
  put_values(out, match.group);
  put_values(out, match.captures);
  out.text(match.event);
  previous = {time, value_of(match.arrival)};
}

match::Match get_match(ByteReader& in, Previous& previous) {
  match::Match match;
  match.rule = RuleIndex{static_cast<uint32_t>(in.varint())};
  match.partition = PartitionId{static_cast<uint32_t>(in.varint())};
  // Unsigned sums: bytes that no encoder wrote may overflow, which must not be undefined.
  previous.time = static_cast<int64_t>(static_cast<uint64_t>(previous.time) +
                                       static_cast<uint64_t>(in.signed_varint()));
  previous.arrival += static_cast<uint64_t>(in.signed_varint());
  match.time = EventTime{Duration{previous.time}};
  match.arrival = Arrival{previous.arrival};
  const uint8_t bits = in.u8();
  match.late = (bits & kLateBit) != 0;
  match.only_seen = (bits & kOnlySeenBit) != 0;
  if ((bits & kStepBit) != 0) match.step = in.u8();
  if (match.late) match.watermark = EventTime{Duration{in.signed_varint()}};
  match.group = get_values(in);
  match.captures = get_values(in);
  match.event = std::string(in.text());
  return match;
}

void put_swap(ByteWriter& out, const Swap& swap) {
  out.text(swap.pack_hash);
  out.varint(swap.warm.size());
  for (const Swap::Group& group : swap.warm) {
    out.text(group.key);
    out.text(group.value);
  }
}

Swap get_swap(ByteReader& in) {
  Swap swap;
  swap.pack_hash = std::string(in.text());
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::string_view key = in.text();
    swap.warm.push_back({std::string(key), std::string(in.text())});
  }
  return swap;
}

}  // namespace

std::string encode_frame(const Frame& frame) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kFrameVersion);
  out.varint(value_of(frame.position));
  out.u8(frame.swap ? kSwapBit : 0);
  if (frame.swap) put_swap(out, *frame.swap);
  out.varint(frame.matches.size());
  Previous previous;
  for (const match::Match& match : frame.matches) put_match(out, match, previous);
  out.varint(frame.marks.size());
  for (const PartitionMark& mark : frame.marks) {
    out.varint(value_of(mark.partition));
    out.u8(mark.active ? kActiveBit : 0);
    out.signed_varint(mark.watermark.time_since_epoch().count());
  }
  out.u32(crc32c(bytes));
  return bytes;
}

Expected<Frame> decode_frame(std::string_view bytes) {
  constexpr size_t kCrcBytes = sizeof(uint32_t);
  if (bytes.size() < kCrcBytes + 1) return fail(Error::outside("a frame of the log is cut short"));
  const uint8_t version = static_cast<uint8_t>(bytes[0]);
  if (version != kFrameVersion && version != kFrameVersionWithoutSwap) {
    return fail(Error::outside("a frame of the log has version " + std::to_string(version) +
                               ", this program reads version " + std::to_string(kFrameVersion)));
  }
  const std::string_view guarded = bytes.substr(0, bytes.size() - kCrcBytes);
  if (ByteReader(bytes.substr(guarded.size())).u32() != crc32c(guarded)) {
    return fail(Error::outside("a frame of the log is damaged (CRC-32C differs)"));
  }
  ByteReader in(guarded.substr(1));
  Frame frame;
  frame.position = LogPosition{in.varint()};
  if (version == kFrameVersion && (in.u8() & kSwapBit) != 0) frame.swap = get_swap(in);
  Previous previous;
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    frame.matches.push_back(get_match(in, previous));
  }
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    PartitionMark mark;
    mark.partition = PartitionId{static_cast<uint32_t>(in.varint())};
    mark.active = (in.u8() & kActiveBit) != 0;
    mark.watermark = EventTime{Duration{in.signed_varint()}};
    frame.marks.push_back(mark);
  }
  if (!in.ok() || !in.at_end()) {
    return fail(Error::outside("a frame of the log does not have the layout of its version"));
  }
  return frame;
}

}  // namespace fengsui::state
