#include "alert/episode.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/invariant.h"
#include "window/clamped_time.h"
#include "window/timers.h"

namespace fengsui::alert {
namespace {

constexpr char kUnitSeparator = '\x1f';
constexpr size_t kAlertDigits = 16;

std::string alert_id(const Hit& hit) {
  std::string identity = hit.rule.id;
  if (hit.rule.has_by) {
    for (const cel::Value& value : hit.group) {
      identity += kUnitSeparator + window::group_text(value);
    }
  }
  identity += kUnitSeparator;
  identity += hit.start ? format_event_time(*hit.start) : hit.entries.back().event();
  return sha256_hex(identity).substr(0, kAlertDigits);
}

std::optional<std::string> area_of(const Hit& hit) {
  if (hit.rule.area_capture < 0) return std::nullopt;
  const cel::Value& area = hit.evaluation.row[hit.rule.area_capture];
  if (area.is_error()) return std::nullopt;
  const cel::Value text = cel::to_string(area);
  if (text.is_error()) return std::nullopt;
  return text.as_string();
}

Record show(RecordKind kind, const Hit& hit, Episode& episode) {
  Record record;
  record.kind = kind;
  record.alert = episode.alert;
  record.number = ++episode.records;
  record.rule = hit.rule.index;
  record.grade = hit.evaluation.grade;
  record.time = hit.time;
  record.group = hit.group;
  for (size_t i = 0; i < hit.rule.lets.size(); ++i) {
    const cel::Value& value = hit.evaluation.row[hit.rule.first_let() + i];
    if (!value.is_error()) record.values.emplace_back(hit.rule.lets[i].name, value);
  }
  for (const window::Entry& entry : hit.entries.last(std::min(hit.entries.size(), kEvidenceMax))) {
    record.evidence.push_back(entry.event());
  }
  record.area = area_of(hit);
  episode.told.push_back({record.grade, record.area});
  record.told = episode.told;
  if (hit.rule.has_message) {
    record.message = render_message(hit.rule, hit.tables, hit.evaluation.row);
  }
  return record;
}

rules::Grade grade_of(uint8_t stored) {
  constexpr auto kHighest = static_cast<uint8_t>(rules::Grade::Red);
  return static_cast<rules::Grade>(std::min(stored, kHighest));
}

EventTime quiet_ends(const Episode& episode, const rules::Rule& rule) {
  return window::plus_clamped(episode.last, rule.quiet);
}

}  // namespace

void take_hit(const Hit& hit, std::optional<Episode>& open, std::vector<Record>& out) {
  const rules::Grade grade = hit.evaluation.grade;
  INVARIANT(grade != rules::Grade::None && !hit.entries.empty());
  if (open && hit.time > quiet_ends(*open, hit.rule))
    out.push_back(clear(hit.rule, hit.group, open));
  if (!open) {
    Episode episode{
        .alert = alert_id(hit), .highest = grade, .opened = hit.time, .last = hit.time, .hits = 1};
    out.push_back(show(RecordKind::Open, hit, episode));
    if (hit.rule.quiet > Duration{0}) open = std::move(episode);
    return;
  }
  ++open->hits;
  open->last = std::max(open->last, hit.time);
  if (grade > open->highest) {
    open->highest = grade;
    out.push_back(show(RecordKind::Raise, hit, *open));
  }
}

EventTime clear_due(const Episode& episode, const rules::Rule& rule) {
  INVARIANT(rule.quiet > Duration{0});
  return window::plus_clamped(quiet_ends(episode, rule), Duration{1});
}

Record clear(const rules::Rule& rule, const std::vector<cel::Value>& group,
             std::optional<Episode>& open) {
  INVARIANT(open.has_value());
  Record record;
  record.kind = RecordKind::Clear;
  record.alert = open->alert;
  record.number = open->records + 1;
  record.rule = rule.index;
  record.grade = open->highest;
  record.time = quiet_ends(*open, rule);
  record.group = group;
  record.hits = open->hits;
  record.opened = open->opened;
  record.last = open->last;
  record.told = std::move(open->told);
  open.reset();
  return record;
}

void encode_episode(ByteWriter& out, const Episode& episode) {
  out.text(episode.alert);
  out.u8(static_cast<uint8_t>(episode.highest));
  out.signed_varint(episode.opened.time_since_epoch().count());
  out.signed_varint(episode.last.time_since_epoch().count());
  out.varint(episode.hits);
  out.varint(episode.records);
  out.varint(episode.told.size());
  for (const Told& told : episode.told) {
    out.u8(static_cast<uint8_t>(told.grade));
    out.u8(told.area ? 1 : 0);
    if (told.area) out.text(*told.area);
  }
}

Episode decode_episode(ByteReader& in, bool has_told) {
  Episode episode;
  episode.alert = std::string(in.text());
  episode.highest = grade_of(in.u8());
  episode.opened = EventTime{Duration{in.signed_varint()}};
  episode.last = EventTime{Duration{in.signed_varint()}};
  episode.hits = in.varint();
  episode.records = static_cast<uint32_t>(in.varint());
  if (!has_told) {
    episode.told.push_back({episode.highest, std::nullopt});
    return episode;
  }
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Told& told = episode.told.emplace_back();
    told.grade = grade_of(in.u8());
    if (in.u8() != 0) told.area = std::string(in.text());
  }
  return episode;
}

}  // namespace fengsui::alert
