#include "pipeline/desk.h"

#include <utility>
#include <vector>

#include "base/invariant.h"

namespace fengsui::pipeline {
namespace {

// Of one commit; the rest is due in the next.
constexpr size_t kNoticesAtOnce = 1000;

std::vector<dispatch::Labels> labels_told(const alert::Record& record, const rules::Rule& rule) {
  std::vector<dispatch::Labels> told;
  for (const alert::Told& one : record.told) told.push_back(alert::labels_of(rule, one));
  return told;
}

// The record once more: whoever counts alerts leaves it out.
std::string as_repeat(std::string message) {
  INVARIANT(message.ends_with('}'));
  message.pop_back();
  return message + ",\"repeat\":true}";
}

}  // namespace

Expected<std::unique_ptr<Desk>> Desk::open(dispatch::Plan plan, std::unique_ptr<board::Board> board,
                                           EventTime now) {
  std::unique_ptr<dispatch::Dispatcher> dispatcher;
  if (board) {
    auto opened = dispatch::Dispatcher::open(std::move(plan), board->tables(), now);
    if (!opened) return fail(opened.error());
    dispatcher = std::move(*opened);
  } else {
    dispatcher = std::make_unique<dispatch::Dispatcher>(std::move(plan));
  }
  return std::unique_ptr<Desk>(new Desk(std::move(board), std::move(dispatcher)));
}

bool Desk::is_due(EventTime now) const {
  const std::optional<EventTime> due = dispatcher_->due();
  return due && *due <= now;
}

Expected<void> Desk::advance(EventTime now, const Send& send) {
  if (!is_due(now)) return {};
  dispatch::Outcome outcome;
  dispatcher_->advance(now, kNoticesAtOnce, outcome);
  return carry_out(outcome, now, 0, {}, send);
}

Expected<void> Desk::say(const alert::Record& record, const rules::Rule& rule, std::string message,
                         EventTime now, const Send& send) {
  dispatch::Dispatcher::Said said;
  said.alert = record.alert;
  said.told = labels_told(record, rule);
  said.is_end = record.kind == alert::RecordKind::Clear;
  said.record = record.number;
  said.is_first = record.number == 1;
  if (board_) {
    const std::vector<std::string> queues = dispatcher_->queues_of(said.told);
    const Expected<uint64_t> version = board_->say({record, rule, message, queues}, now);
    if (!version) return fail(version.error());
    said.record = *version;
  }
  dispatch::Outcome outcome;
  dispatcher_->offer(said, now, outcome);
  return carry_out(outcome, now, said.record, std::move(message), send);
}

// `message` is that of the record `at_hand`, which the board may not give yet.
Expected<void> Desk::carry_out(const dispatch::Outcome& outcome, EventTime now, uint64_t at_hand,
                               std::string message, const Send& send) {
  for (const auto& [alert, held] : outcome.held) {
    INVARIANT(board_ != nullptr);
    const Expected<void> noted = board_->hold(alert, held.inhibited, held.by, now);
    if (!noted) return noted;
  }
  for (const dispatch::Notice& notice : outcome.notices) {
    if (notice.record == at_hand) {
      const bool is_last = &notice == &outcome.notices.back();
      send(notice.queue, notice.alert, is_last ? std::move(message) : message);
      continue;
    }
    INVARIANT(board_ != nullptr);
    Expected<std::string> older = board_->record_of(notice.alert, notice.record);
    if (!older) return fail(older.error());
    send(notice.queue, notice.alert,
         notice.repeat ? as_repeat(std::move(*older)) : std::move(*older));
  }
  return {};
}

state::WriteList Desk::take_writes() {
  if (!board_) return {};
  state::WriteList list = board_->take_writes();
  list.append(dispatcher_->take_writes());
  return list;
}

void Desk::committed() {
  if (board_) board_->committed();
}

Expected<void> Desk::write() {
  return board_->tables().write(dispatcher_->take_writes(), state::Sync::Now);
}

// An alert that people have closed is told no more: that is in the same write.
Expected<board::Board::Acted> Desk::act(const std::string& alert,
                                        const board::ActionRequest& request, EventTime now) {
  return board_->act(alert, request, now, [&](const board::Case& one, state::WriteList& list) {
    if (one.state != board::State::Closed) return;
    dispatcher_->close(alert, now);
    list.append(dispatcher_->take_writes());
  });
}

Expected<Expected<std::string>> Desk::set_silence(dispatch::Silence silence, std::string new_id,
                                                  EventTime now) {
  Expected<std::string> set = dispatcher_->set_silence(std::move(silence), std::move(new_id), now);
  if (Expected<void> written = write(); !written) return fail(written.error());
  return set;
}

Expected<std::optional<bool>> Desk::end_silence(const std::string& id, EventTime now) {
  const std::optional<bool> ended = dispatcher_->end_silence(id, now);
  if (Expected<void> written = write(); !written) return fail(written.error());
  return ended;
}

Expected<void> Desk::set_plan(dispatch::Plan plan, EventTime now) {
  dispatcher_->set_plan(std::move(plan), now);
  return board_ ? write() : Expected<void>{};
}

}  // namespace fengsui::pipeline
