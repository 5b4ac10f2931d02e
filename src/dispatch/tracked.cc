#include "dispatch/tracked.h"

#include "base/time_codec.h"

namespace fengsui::dispatch {
namespace {

constexpr uint8_t kVersion = 1;

void put_labels(ByteWriter& out, const Labels& labels) {
  out.varint(labels.size());
  for (const auto& [name, value] : labels) {
    out.text(name);
    out.text(value);
  }
}

Labels take_labels(ByteReader& in) {
  Labels labels;
  for (uint64_t left = in.varint(); in.ok() && left > 0; --left) {
    std::string name(in.text());
    labels[std::move(name)] = in.text();
  }
  return labels;
}

}  // namespace

void encode(const Tracked& tracked, std::string& bytes) {
  ByteWriter out(bytes);
  out.u8(kVersion);
  out.varint(tracked.told.size());
  for (const Labels& labels : tracked.told) put_labels(out, labels);
  put_labels(out, tracked.labels);
  out.u8(static_cast<uint8_t>((tracked.ended ? 1 : 0) | (tracked.closed ? 2 : 0)));
  put_time(out, tracked.since);
  out.varint(tracked.records.size());
  for (const uint64_t record : tracked.records) out.varint(record);
  out.varint(tracked.heard.size());
  for (const auto& [queue, heard] : tracked.heard) {
    out.text(queue);
    out.varint(heard.up_to);
    out.u8(heard.of_it ? 1 : 0);
  }
  out.u8(tracked.shown.inhibited ? 1 : 0);
  out.text(tracked.shown.by);
}

Expected<Tracked> decode_tracked(std::string_view bytes) {
  const auto damaged = [] { return fail(Error::outside("an alert to be told cannot be read")); };
  ByteReader in(bytes);
  Tracked tracked;
  if (in.u8() != kVersion) return damaged();
  for (uint64_t left = in.varint(); in.ok() && left > 0; --left) {
    tracked.told.push_back(take_labels(in));
  }
  tracked.labels = take_labels(in);
  const uint8_t flags = in.u8();
  tracked.ended = (flags & 1) != 0;
  tracked.closed = (flags & 2) != 0;
  tracked.since = get_time(in);
  for (uint64_t left = in.varint(); in.ok() && left > 0; --left) {
    tracked.records.push_back(in.varint());
  }
  for (uint64_t left = in.varint(); in.ok() && left > 0; --left) {
    std::string queue(in.text());
    Heard& heard = tracked.heard[std::move(queue)];
    heard.up_to = in.varint();
    heard.of_it = in.u8() != 0;
  }
  tracked.shown.inhibited = in.u8() != 0;
  tracked.shown.by = in.text();
  if (!in.ok() || !in.at_end() || tracked.told.empty() || tracked.records.empty()) {
    return damaged();
  }
  return tracked;
}

}  // namespace fengsui::dispatch
