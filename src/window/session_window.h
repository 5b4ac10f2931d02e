// {session: G, max: M} of one group: sets of events that grow as they are processed, at most G
// apart and no longer than M.
//
// With `emit: event` a session never closes, and is kept as long as an event may still join it;
// with `emit: close` it has a timer, at its last event + G + 1 ms. Joining and merging: rules.md,
// "Windows". An event costs O(sessions that are kept), of which a usual group has one or two.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/byte_codec.h"
#include "rules/rule_set.h"
#include "window/closing_contents.h"
#include "window/entries.h"
#include "window/running_aggregates.h"
#include "window/timers.h"

namespace fengsui::window {

class Sessions {
 public:
  // With `emit: close`: puts the event into its session, unless all that could take it is closed at
  // `reached`. Requires: entry.key is in no session; `rule` is the same at every call.
  Put put(const NewEntry& entry, const rules::Rule& rule, EventTime reached, GroupTimers& timers);

  // The session whose timer this is ends. What it held stays until the next change.
  Seen close(EventTime due, uint64_t number, const rules::Rule& rule);

  // With `emit: event`: puts the event into its session. `floor`: no event before it will come.
  void keep(const NewEntry& entry, const rules::Rule& rule, EventTime floor);
  // And says what it sees there. `key`: of the event put last.
  Seen seen_by(const EntryKey& key, const rules::Rule& rule);

  void follow_rule(const CaptureMap* captures);  // entry.h
  bool empty() const { return sessions_.empty(); }
  // With `emit: event`: when no event can join any session any more; kBeforeAllTime without one.
  EventTime unneeded_from(const rules::Rule& rule) const;
  void set_timers(const rules::Rule& rule, GroupTimers& timers) const;

  // `floor`: with `emit: event`, as above; sessions that need not be kept are not written.
  void encode(ByteWriter& out, const rules::Rule& rule, EventTime floor) const;
  // in.ok() is false if the bytes are not such sessions.
  static Sessions decode(ByteReader& in, const rules::Rule& rule, Room& room);

 private:
  struct Session {
    Entries entries;            // never empty
    uint64_t number = 0;        // of its timer
    RunningAggregates running;  // over all entries, once started
    EventTime first() const { return entries.all().time(0); }
    EventTime last() const { return entries.all().time(entries.size() - 1); }
    void put(const NewEntry& entry);
  };
  // Of an event that joins nothing from there on.
  static EventTime closed_at(EventTime last, const rules::Rule& rule);
  Session* open_for(EventTime time, const rules::Rule& rule, EventTime reached);
  Session& join(Session& session, const NewEntry& entry, const rules::Rule& rule,
                GroupTimers* timers);
  void merge_with_next(size_t at, const rules::Rule& rule, GroupTimers* timers, Room& room);
  Session& begin(const NewEntry& entry);
  void forget_unneeded(const rules::Rule& rule, EventTime floor);

  // By first event; so also by last, since one that begins before another and takes none of its
  // events is too long for them.
  std::vector<std::unique_ptr<Session>> sessions_;
  Session* put_last_ = nullptr;
  std::unique_ptr<Session> ended_;  // what close() shows
};

}  // namespace fengsui::window
