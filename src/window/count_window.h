// {count: N, within: W} of one group: an event at t sees the last N of the group's events up to t,
// those at t-W or before left out.
//
// As in contents.h: the newest event's aggregates run on from those of the newest before it, any
// other's are computed anew.
#pragma once

#include "base/byte_codec.h"
#include "rules/rule_set.h"
#include "window/entries.h"
#include "window/running_aggregates.h"

namespace fengsui::window {

class CountContents {
 public:
  // Puts the event in its place. `floor`: no event before it will come. Requires: entry.key is not
  // in the contents; `rule` is the same at every call.
  void keep(const NewEntry& entry, const rules::Rule& rule, EventTime floor);
  // What the event that was put last sees. `key`: its.
  Seen seen_by(const EntryKey& key, const rules::Rule& rule);

  void follow_rule(const CaptureMap* captures);  // entry.h
  // When the last of the entries is needed no more; kBeforeAllTime if there are none.
  EventTime unneeded_from(const rules::Rule& rule) const;

  // Only what events from `floor` on may see.
  void encode(ByteWriter& out, const rules::Rule& rule, EventTime floor) const;
  // in.ok() is false if the bytes are not such contents.
  static CountContents decode(ByteReader& in, const rules::Rule& rule, Room& room);

 private:
  // So many at the front no event from `floor` on sees.
  size_t unneeded(const rules::Rule& rule, EventTime floor) const;
  void run_on_to(EventTime time, const rules::Rule& rule);
  void limit_running(const rules::Rule& rule);

  Entries entries_;
  // What the newest event sees: entries from this place on; the aggregates run over just these.
  size_t running_from_ = 0;
  EventTime running_oldest_ = kBeforeAllTime;  // it sees none before it
  RunningAggregates running_;
};

}  // namespace fengsui::window
