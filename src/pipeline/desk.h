// The duty desk: what becomes of alert records behind the engine. The board keeps them, what people
// do, and their deadlines; the dispatcher decides which queue is told, and when. One thread, the
// engine's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alert/record.h"
#include "base/metrics.h"
#include "board/board.h"
#include "dispatch/dispatcher.h"
#include "rules/rule_set.h"

namespace fengsui::pipeline {

class Desk {
 public:
  // What the board's tables hold of who is to be told is read. `board` may be null (a replay): then
  // nothing is kept, and the plan must not make anything wait. `metrics` may be null.
  static Expected<std::unique_ptr<Desk>> open(dispatch::Plan plan,
                                              std::unique_ptr<board::Board> board, Metrics* metrics,
                                              EventTime now);
  // The pack in force: its rules' labels, its areas.
  void use(std::shared_ptr<const rules::RuleSet> rules) { rules_ = std::move(rules); }

  // For a queue; in the commit that is being made.
  using Send =
      std::function<void(const std::string& queue, const std::string& alert, std::string message)>;
  // What is due at `now`. Comes first in a commit: what it tells of is durable.
  Expected<void> advance(EventTime now, const Send& send);
  bool is_due(EventTime now) const;
  Expected<void> say(const alert::Record& record, const rules::Rule& rule, std::string message,
                     EventTime now, const Send& send);
  // All since the last call, to go with the commit; and that it is durable.
  state::WriteList take_writes();
  void committed();

  // Between two commits, each a synced write. Errors are the store's, after which nothing is known.
  Expected<board::Board::Acted> act(const std::string& alert, const board::ActionRequest& request,
                                    EventTime now);
  // As Dispatcher's; the inner error is the caller's.
  Expected<Expected<std::string>> set_silence(dispatch::Silence silence, std::string new_id,
                                              EventTime now);
  Expected<std::optional<bool>> end_silence(const std::string& id, EventTime now);
  Expected<void> set_plan(dispatch::Plan plan, EventTime now);

  // Any thread, its const functions.
  const board::Board* board() const { return board_.get(); }
  const dispatch::Silences& silences() const { return dispatcher_->silences(); }

 private:
  Desk(std::unique_ptr<board::Board> board, std::unique_ptr<dispatch::Dispatcher> dispatcher,
       Metrics* metrics);
  Expected<void> pass_deadlines(EventTime now, const Send& send);
  Expected<void> escalate(const std::string& alert, const board::Case& one, EventTime now,
                          const Send& send);
  Expected<void> ask_age(const alert::Record& record, EventTime now,
                         dispatch::Dispatcher::Said& said);
  Expected<void> carry_out(const dispatch::Outcome& outcome, EventTime now, uint64_t at_hand,
                           std::string message, const Send& send);
  Expected<void> pass_on(const dispatch::Notice& notice, std::string message, const Send& send);
  Expected<std::string> message_of(const dispatch::Notice& notice) const;
  std::optional<board::Stages> stages_of(const board::Case& one) const;
  dispatch::Labels labels_of(const board::Case& one) const;
  std::vector<dispatch::Labels> escalated_labels(const board::Case& one) const;
  Expected<void> write();

  const std::unique_ptr<board::Board> board_;  // null: there is none
  const std::unique_ptr<dispatch::Dispatcher> dispatcher_;
  Metrics* const metrics_;
  bool has_deadlines_;  // some route's, at any time since the start
  std::shared_ptr<const rules::RuleSet> rules_;
};

}  // namespace fengsui::pipeline
