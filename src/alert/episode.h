// Hits become episodes (rules.md, "Alerts from hits"): open, raise, clear. Pure: the caller keeps
// the open episode with its group and sets the timer that clears it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "alert/evaluation.h"
#include "alert/record.h"
#include "base/byte_codec.h"
#include "base/time.h"
#include "rules/rule_set.h"
#include "window/entry.h"

namespace fengsui::alert {

// At most so many of the newest events are named in a record.
inline constexpr size_t kEvidenceMax = 20;

struct Episode {
  std::string alert;  // 16 hex digits
  rules::Grade highest = rules::Grade::None;
  EventTime opened{};
  EventTime last{};  // highest time of a hit
  uint64_t hits = 0;
  uint32_t records = 0;  // made of it so far
  std::vector<Told> told;  // of each of them
};

// An evaluation at which a grade holds. Views: of the call.
struct Hit {
  const rules::Rule& rule;
  const cel::Tables& tables;
  const std::vector<cel::Value>& group;
  EventTime time{};
  const Evaluation& evaluation;
  window::EntrySpan entries;  // the window's or the match's, the newest last
  // Of the window whose end this is (of a session: its first event's time): names the alert.
  std::optional<EventTime> start = {};
};

// Opens, raises or adds to the episode; a hit past last + quiet clears first. With quiet 0 an
// episode is its one hit, and `open` stays empty. Appends the records that this makes.
void take_hit(const Hit& hit, std::optional<Episode>& open, std::vector<Record>& out);

// When the timer is due that clears the episode. Requires: quiet > 0.
EventTime clear_due(const Episode& episode, const rules::Rule& rule);

// The end of the open episode. Requires: open.
Record clear(const rules::Rule& rule, const std::vector<cel::Value>& group,
             std::optional<Episode>& open);

void encode_episode(ByteWriter& out, const Episode& episode);
// in.ok() is false at worst. `has_told`: false of what earlier versions have stored; then the
// highest grade, without an area, stands for what was told.
Episode decode_episode(ByteReader& in, bool has_told = true);

}  // namespace fengsui::alert
