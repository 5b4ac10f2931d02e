// The stored forms of entries and cases (DESIGN.md).
#include "base/time_codec.h"
#include "board/case.h"

namespace fengsui::board {
namespace {

constexpr uint8_t kVersion = 2;  // 1 had no deadlines, nor what holds an alert back

void put_area(ByteWriter& out, const std::optional<std::string>& area) {
  out.u8(area ? 1 : 0);
  if (area) out.text(*area);
}
std::optional<std::string> take_area(ByteReader& in) {
  if (in.u8() == 0) return std::nullopt;
  return std::string(in.text());
}

void put_texts(ByteWriter& out, const std::vector<std::string>& texts) {
  out.varint(texts.size());
  for (const std::string& text : texts) out.text(text);
}
std::vector<std::string> take_texts(ByteReader& in) {
  std::vector<std::string> texts;
  for (uint64_t left = in.varint(); in.ok() && left > 0; --left) texts.emplace_back(in.text());
  return texts;
}

void put_stages(ByteWriter& out, const std::optional<Stages>& stages) {
  out.u8(stages ? 1 : 0);
  if (!stages) return;
  for (const EventTime time : *stages) put_time(out, time);
}
std::optional<Stages> take_stages(ByteReader& in) {
  if (in.u8() == 0) return std::nullopt;
  Stages stages;
  for (EventTime& time : stages) time = get_time(in);
  return stages;
}

template <class Enum>
Enum take_enum(ByteReader& in, size_t count) {
  const uint8_t value = in.u8();
  if (value >= count) in.fail();
  return static_cast<Enum>(value);
}

template <class Enum>
void put_enum(ByteWriter& out, Enum value) {
  out.u8(static_cast<uint8_t>(value));
}

Error damaged(const char* what) {
  return Error::outside(std::string("the board holds ") + what + " that cannot be read");
}

}  // namespace

void encode(const Entry& entry, std::string& bytes) {
  ByteWriter out(bytes);
  out.u8(kVersion);
  put_enum(out, entry.kind);
  put_time(out, entry.at);
  if (entry.kind == Entry::Kind::Action) {
    put_enum(out, entry.action);
    put_enum(out, entry.role);
    put_enum(out, entry.to);
    out.text(entry.actor);
    out.text(entry.reason);
    out.text(entry.note);
    put_stages(out, entry.stages);
    return;
  }
  put_enum(out, entry.grade);
  put_texts(out, entry.queues);
  out.text(entry.record);
  put_stages(out, entry.stages);
  if (entry.kind == Entry::Kind::Clear) return;
  put_area(out, entry.area);
  out.text(entry.message);
  if (entry.kind == Entry::Kind::Raise) return;
  out.varint(entry.place);
  out.text(entry.rule);
  out.text(entry.title);
  put_time(out, entry.opened);
}

Expected<Entry> decode_entry(std::string_view bytes) {
  ByteReader in(bytes);
  Entry entry;
  const uint8_t version = in.u8();
  if (version == 0 || version > kVersion) return fail(damaged("an entry of another version"));
  entry.kind = take_enum<Entry::Kind>(in, std::size(kEntryNames));
  entry.at = get_time(in);
  if (entry.kind == Entry::Kind::Action) {
    entry.action = take_enum<Action>(in, std::size(kActionNames));
    entry.role = take_enum<Role>(in, std::size(kRoleNames));
    entry.to = take_enum<State>(in, kStates);
    entry.actor = in.text();
    entry.reason = in.text();
    entry.note = in.text();
    if (version > 1) entry.stages = take_stages(in);
  } else {
    entry.grade = take_enum<rules::Grade>(in, std::size(rules::kGradeNames));
    entry.queues = take_texts(in);
    entry.record = in.text();
    if (version > 1) entry.stages = take_stages(in);
    if (entry.kind != Entry::Kind::Clear) {
      entry.area = take_area(in);
      entry.message = in.text();
    }
    if (entry.kind == Entry::Kind::Open) {
      entry.place = in.varint();
      entry.rule = in.text();
      entry.title = in.text();
      entry.opened = get_time(in);
    }
  }
  if (!in.ok() || !in.at_end()) return fail(damaged("an entry"));
  return entry;
}

void encode(const Case& one, std::string& bytes) {
  ByteWriter out(bytes);
  out.u8(kVersion);
  out.varint(one.place);
  out.varint(one.version);
  put_enum(out, one.state);
  put_enum(out, one.grade);
  put_enum(out, one.outcome);
  out.u8(static_cast<uint8_t>((one.cleared ? 1 : 0) | (one.supervised ? 2 : 0) |
                              (one.returned ? 4 : 0)));
  put_time(out, one.opened);
  put_time(out, one.arrived);
  put_time(out, one.changed);
  out.text(one.rule);
  out.text(one.title);
  out.text(one.message);
  put_area(out, one.area);
  put_texts(out, one.queues);
  out.text(one.handler);
  out.text(one.proposer);
  out.text(one.held_by);
  put_time(out, one.since);
  put_stages(out, one.stages);
  out.u8(one.stage);
  put_texts(out, one.escalated);
}

Expected<Case> decode_case(std::string_view bytes) {
  ByteReader in(bytes);
  Case one;
  const uint8_t version = in.u8();
  if (version == 0 || version > kVersion) return fail(damaged("an alert of another version"));
  one.place = in.varint();
  one.version = in.varint();
  one.state = take_enum<State>(in, kStates);
  one.grade = take_enum<rules::Grade>(in, std::size(rules::kGradeNames));
  one.outcome = take_enum<Outcome>(in, std::size(kOutcomeNames));
  const uint8_t flags = in.u8();
  one.cleared = (flags & 1) != 0;
  one.supervised = (flags & 2) != 0;
  one.returned = (flags & 4) != 0;
  one.opened = get_time(in);
  one.arrived = get_time(in);
  one.changed = get_time(in);
  one.rule = in.text();
  one.title = in.text();
  one.message = in.text();
  one.area = take_area(in);
  one.queues = take_texts(in);
  one.handler = in.text();
  one.proposer = in.text();
  if (version > 1) {
    one.held_by = in.text();
    one.since = get_time(in);
    one.stages = take_stages(in);
    one.stage = in.u8();
    one.escalated = take_texts(in);
  }
  if (!in.ok() || !in.at_end()) return fail(damaged("an alert"));
  return one;
}

}  // namespace fengsui::board
