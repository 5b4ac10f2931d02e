#include "state/frame.h"

#include "base/byte_codec.h"
#include "base/hash.h"

// The layout stands in DESIGN.md, "A frame".
namespace fengsui::state {
namespace {

constexpr uint8_t kFrameVersion = 3;
constexpr uint8_t kSwapBit = 1;
constexpr uint8_t kLateBit = 1;
constexpr uint8_t kOnlySeenBit = 2;
constexpr uint8_t kStepBit = 4;
constexpr uint8_t kSameEventBit = 8;  // as the match before
constexpr uint8_t kActiveBit = 1;

bool is_same_event(const match::Match& a, const match::Match& b) {
  return a.arrival == b.arrival && a.time == b.time && a.partition == b.partition &&
         a.late == b.late && a.watermark == b.watermark && a.event() == b.event();
}

// Times and arrivals are written as the difference to the match before: neighbours are alike.
void put_event(ByteWriter& out, const match::Match& match, const match::Match* before) {
  const int64_t time = match.time.time_since_epoch().count();
  out.varint(value_of(match.partition));
  out.signed_varint(time - (before ? before->time.time_since_epoch().count() : 0));
  out.signed_varint(
      static_cast<int64_t>(value_of(match.arrival) - (before ? value_of(before->arrival) : 0)));
  if (match.late) out.signed_varint(match.watermark.time_since_epoch().count());
  out.text(match.event());
}

void put_match(ByteWriter& out, const match::Match& match, const match::Match* before) {
  const bool same = before != nullptr && is_same_event(match, *before);
  out.varint(value_of(match.rule));
  out.u8((match.late ? kLateBit : 0) | (match.only_seen ? kOnlySeenBit : 0) |
         (match.step != 0 ? kStepBit : 0) | (same ? kSameEventBit : 0));
  if (match.step != 0) out.u8(match.step);
  if (!same) put_event(out, match, before);
  out.text(match.group());
  out.text(match.captures());
}

std::string_view get_event(ByteReader& in, match::Match& match, const match::Match* before) {
  match.partition = PartitionId{static_cast<uint32_t>(in.varint())};
  // Unsigned sums: bytes that no encoder wrote may overflow, which must not be undefined.
  const uint64_t time = before ? static_cast<uint64_t>(before->time.time_since_epoch().count()) : 0;
  match.time =
      EventTime{Duration{static_cast<int64_t>(time + static_cast<uint64_t>(in.signed_varint()))}};
  match.arrival =
      Arrival{(before ? value_of(before->arrival) : 0) + static_cast<uint64_t>(in.signed_varint())};
  if (match.late) match.watermark = EventTime{Duration{in.signed_varint()}};
  return in.text();
}

// Stored values, one after the other, and nothing else.
std::string_view get_values(ByteReader& in) {
  const std::string_view bytes = in.text();
  ByteReader values(bytes);
  while (values.ok() && !values.at_end()) cel::skip_value(values);
  if (!values.ok()) in.fail();
  return bytes;
}

match::Match get_match(ByteReader& in, const match::Match* before) {
  match::Match match;
  match.rule = RuleIndex{static_cast<uint32_t>(in.varint())};
  const uint8_t bits = in.u8();
  match.late = (bits & kLateBit) != 0;
  match.only_seen = (bits & kOnlySeenBit) != 0;
  if ((bits & kStepBit) != 0) match.step = in.u8();
  const bool same = (bits & kSameEventBit) != 0;
  if (same && before == nullptr) in.fail();
  std::string_view event;
  if (same && before != nullptr) {
    match.partition = before->partition;
    match.time = before->time;
    match.arrival = before->arrival;
    match.watermark = before->watermark;
    event = before->event();
  } else {
    event = get_event(in, match, before);
  }
  const std::string_view group = get_values(in);
  const std::string_view captures = get_values(in);
  match.bytes =
      match::MatchBytes::make(group, captures, {event}, same && before ? &before->bytes : nullptr);
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
  const match::Match* before = nullptr;
  for (const match::Match& match : frame.matches) {
    put_match(out, match, before);
    before = &match;
  }
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
  if (version != kFrameVersion) {
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
  if ((in.u8() & kSwapBit) != 0) frame.swap = get_swap(in);
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    frame.matches.push_back(get_match(in, frame.matches.empty() ? nullptr : &frame.matches.back()));
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
