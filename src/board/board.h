// The board: every alert from its opening to its archive. What the engine says goes in with the
// commit that holds it; what people do is a write of its own. Both are entries that are never
// changed; the case beside them is their fold, kept for lists (DESIGN.md).
//
// Writers are one thread, the engine's: say(), hold(), advance(), take_writes(), committed(),
// act(). The others are any thread's, at the same time; what is not durable yet they do not show.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "alert/record.h"
#include "board/case.h"
#include "state/key_value.h"

namespace fengsui::board {

struct Shown {
  std::string alert;
  Case now;
  std::vector<Entry> history;  // the oldest first
};

// An alert is listed if each set holds what it has, or is empty.
struct Filter {
  std::set<rules::Grade> grades;
  std::set<State> states;
  std::string area;   // a code, or the front of one: 620502 holds 620502001
  std::string queue;  // that heard of it
  std::string rule;
  // Anywhere in rule, title, message or alert number; the case of ASCII letters does not count.
  std::string text;
};

bool fits(const Filter& filter, const std::string& alert, const Case& one);

struct Page {
  std::vector<std::pair<std::string, Case>> alerts;  // newest first
  // Where to go on; absent: that was all. A page may be short, or empty, and there still be more:
  // a page looks at kLookedAtMax alerts at most.
  std::optional<uint64_t> next;
};
inline constexpr size_t kLookedAtMax = 20'000;

// An entry of the log: what the engine said and people did, over all alerts, in order.
struct LogEntry {
  uint64_t number = 0;  // from 1, without gaps
  std::string alert;
  Entry entry;
  Case now;  // as the alert is now, perhaps further than the entry
};

class Board {
 public:
  // `tables` must outlive the board.
  static Expected<Board> open(state::KeyValue& tables);

  struct Said {
    const alert::Record& record;
    const rules::Rule& rule;
    std::string_view message;  // the queue message
    const std::vector<std::string>& queues;
  };
  // What the engine says, in the order in which it does. Gives the number of the alert's entry.
  Expected<uint64_t> say(const Said& said, EventTime now);
  // What keeps an alert from being told has changed; `by` empty: nothing does. Another alert
  // (`inhibited`) makes a new one inhibited.
  Expected<void> hold(const std::string& alert, bool inhibited, const std::string& by,
                      EventTime now);
  // When the stages of what an alert waits for are: asked as that begins, and as its grade grows.
  using Deadlines = std::function<std::optional<Stages>(const Case& one)>;
  void set_deadlines(Deadlines deadlines) { deadlines_ = std::move(deadlines); }
  std::optional<EventTime> due() const;  // the next stage of any alert
  // A stage that has come, as an entry: `parent` says which area an escalation goes to, or nothing.
  struct Stage {
    std::string alert;
    Action action{};
    Case now;
  };
  using Parent = std::function<std::string(const std::string& area)>;
  Expected<std::vector<Stage>> advance(EventTime now, size_t most, const Parent& parent);
  // All since the last call, to go with the commit; and that it is durable.
  state::WriteList take_writes();
  void committed() { durable_->store(last_number_); }

  // Errors are the store's, after which nothing is known of it.
  using Acted = Expected<Case, Refusal>;
  // `also`: what goes with the write.
  using Also = std::function<void(const Case& one, state::WriteList& list)>;
  Expected<Acted> act(const std::string& alert, const ActionRequest& request, EventTime now,
                      const Also& also = {});

  // An alert's entry. Requires: it is durable.
  Expected<Entry> entry_of(const std::string& alert, uint64_t version) const;
  // The last queue message of the alert that is durable, of this entry or before it.
  Expected<std::string> record_of(const std::string& alert, uint64_t version) const;
  state::KeyValue& tables() const { return *tables_; }
  // As it is now, in the commit that is being made; for the engine's thread.
  Expected<Case> current(const std::string& alert) const;
  // nullopt: there is no such alert.
  Expected<std::optional<Shown>> show(const std::string& alert) const;
  // Alerts opened before the one at `before` (Page::next), or all; `most` of them.
  Expected<Page> list(const Filter& filter, std::optional<uint64_t> before, size_t most) const;
  // The number of the last entry that is durable: cheap, for who waits for more.
  uint64_t last_entry() const { return *durable_; }
  // Entries with a number > `after`, the oldest first; `most` of them.
  Expected<std::vector<LogEntry>> log(uint64_t after, size_t most) const;
  // Folds every alert's entries anew, and compares; how many there are.
  Expected<uint64_t> verify() const;

 private:
  explicit Board(state::KeyValue& tables) : tables_(&tables) {}
  Expected<std::optional<Case>> find(const std::string& alert) const;
  Expected<std::optional<Case>> stored(const std::string& alert) const;
  Expected<void> verify_log(uint64_t entries) const;
  Expected<void> verify_timers(const std::map<std::string, Case>& cases) const;
  void step(const std::string& alert, Case& one, const ActionRequest& request, EventTime now);
  void add(const std::string& alert, Entry entry, Case& one, state::WriteList& list);
  void retime(const std::string& alert, std::optional<EventTime> before,
              std::optional<EventTime> after, state::WriteList& list);

  state::KeyValue* tables_;
  uint64_t last_place_ = 0;
  uint64_t last_number_ = 0;  // of the log's entries
  std::unique_ptr<std::atomic<uint64_t>> durable_ = std::make_unique<std::atomic<uint64_t>>(0);
  Deadlines deadlines_;
  std::set<std::pair<EventTime, std::string>> timers_;  // next_stage of each alert that has one
  // Of the commit being made: cases that changed, and entries.
  std::map<std::string, Case> changed_;
  state::WriteList entries_;
};

}  // namespace fengsui::board
