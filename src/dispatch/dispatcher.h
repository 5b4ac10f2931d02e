// Who is told of an alert, and when: groups with their timers, what is held back and by what. It
// reads no clock: time is what its caller says, and never goes back (DESIGN.md, "Telling").
//
//   offer() (a record) ─┐
//   advance() (time)   ─┼─► Outcome: notices for the queues; what holds an alert back
//   silences, a plan   ─┘
//
// One thread, but for silences().all(). What changed since is in take_writes(), to be written
// together with what its outcomes led to; open() reads it back.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dispatch/inhibitor.h"
#include "dispatch/plan.h"
#include "dispatch/silences.h"
#include "dispatch/tracked.h"
#include "state/key_value.h"

namespace fengsui::dispatch {

// A record of an alert for a queue.
struct Notice {
  std::string queue, alert;
  uint64_t record = 0;
  bool repeat = false;  // it was told before, and the alert still fires
  std::string group;    // route and labels; empty: the route does not group
};

struct Outcome {
  std::vector<Notice> notices;                     // in the order in which they are to be sent
  std::vector<std::pair<std::string, Held>> held;  // alerts for which that has changed
};

class Dispatcher {
 public:
  explicit Dispatcher(Plan plan);
  // What `tables` hold, by this plan, which may be another one than before.
  static Expected<std::unique_ptr<Dispatcher>> open(Plan plan, state::KeyValue& tables,
                                                    EventTime now);

  struct Said {
    std::string alert;
    std::vector<Labels> told;  // that it has or had; those that it had before come first
    size_t had = 0;            // so many of them
    Labels labels;             // that it has
    bool is_first = false;     // nothing was said of the alert before
    bool is_end = false;       // a clear
    bool is_quiet = false;     // it is remembered, and told to nobody
    uint64_t record = 0;       // > 0, growing from record to record of an alert
  };
  // A record of it may be quiet: all before it were, if there were any.
  bool may_be_quiet(const std::string& alert, bool is_first) const;
  void offer(const Said& said, EventTime now, Outcome& out);
  // The queues that labels lead to, held back or not; each once.
  std::vector<std::string> queues_of(const std::vector<Labels>& told) const;
  // People have closed the alert: it is told no more, and holds nothing back.
  void close(const std::string& alert, EventTime now);

  // All that is due at `now`; ends early after about `most` notices.
  void advance(EventTime now, size_t most, Outcome& out);
  std::optional<EventTime> due() const;  // when something is, next

  void set_plan(Plan plan, EventTime now);
  const Plan& plan() const { return *plan_; }

  // As Silences::set() and end().
  Expected<std::string> set_silence(Silence silence, std::string new_id, EventTime now);
  std::optional<bool> end_silence(const std::string& id, EventTime now);
  const Silences& silences() const { return silences_; }

  state::WriteList take_writes();

 private:
  struct Group {
    const Route* route = nullptr;
    std::set<std::string> alerts;
    std::optional<EventTime> next;
    bool flushed = false;  // once, at least
    EventTime notified = kBeforeAllTime;
  };
  using Groups = std::map<std::string, Group, std::less<>>;
  struct Target {
    const Route* route = nullptr;
    std::string group;  // its id
  };

  std::vector<Target> targets_of(const std::string& alert, const std::vector<Labels>& told) const;
  bool is_plain(const Said& said, const std::vector<Target>& targets) const;
  Tracked& track(const Said& said);
  void tell(const std::string& alert, Tracked& tracked, const Target& target, Outcome& out);
  Group& join(const Target& target, const std::string& alert, Tracked& tracked);
  void schedule(const std::string& id, Group& group, std::optional<EventTime> next);
  void flush(const std::string& id, Outcome& out);
  bool tell_news(const std::string& id, Group& group, std::optional<EventTime>& again,
                 Outcome& out);
  void repeat(const std::string& id, Group& group, Outcome& out);
  Held held_of(const Route& route, const Labels& labels, std::optional<EventTime>& until) const;
  void send(const std::string& alert, Tracked& tracked, const Route& route,
            const std::string& group, Outcome& out);
  void note_held(const std::string& alert, Tracked& tracked, const std::string& group, Held held,
                 Outcome& out);
  void leave(const std::string& id, Group& group, const std::string& alert);
  void settle(const std::string& alert);
  void release();
  void regroup(const Groups& before);
  Expected<void> read(std::string_view key, std::string_view value, Groups& groups);

  std::shared_ptr<const Plan> plan_;
  EventTime now_ = kBeforeAllTime;
  std::map<std::string, Tracked, std::less<>> tracked_;
  Groups groups_;
  std::set<std::pair<EventTime, std::string>> timers_;
  Inhibitor inhibitor_;
  Silences silences_;
  std::set<std::string> changed_alerts_, changed_groups_;
};

}  // namespace fengsui::dispatch
