#include "pipeline/desk.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "base/json_text.h"

namespace fengsui::pipeline {
namespace {

// Of one commit; the rest is due in the next.
constexpr size_t kNoticesAtOnce = 1000;

const char* name_of(board::Action action) {
  return board::kActionNames[static_cast<size_t>(action)];
}

// The message, a JSON object, with one member more.
std::string with_member(std::string message, const std::string& member) {
  INVARIANT(message.ends_with('}'));
  message.pop_back();
  return message + "," + member + "}";
}

// The last record once more, because a deadline has passed: what was waited for, and who owns it
// beside those that did.
std::string as_overdue(std::string message, board::Action stage, const std::string& waits_for,
                       const std::string& area) {
  std::string member = R"("overdue":{"stage":)";
  append_json_string(member, name_of(stage));
  member += R"(,"phase":)";
  append_json_string(member, waits_for);
  if (!area.empty()) {
    member += R"(,"area":)";
    append_json_string(member, area);
  }
  return with_member(std::move(message), member + "}");
}

// When what the alert waits for is due.
std::string deadlines_member(const board::Case& one) {
  std::string member = R"("deadlines":{)";
  append_json_string(member, board::kPhaseNames[static_cast<size_t>(*phase_of(one.state))]);
  return member + ":\"" + format_event_time((*one.stages)[2]) + "\"}";
}

bool any_deadlines(const dispatch::Route& route) {
  return route.options.deadlines != nullptr ||
         std::any_of(route.routes.begin(), route.routes.end(), any_deadlines);
}

}  // namespace

Desk::Desk(std::unique_ptr<board::Board> board, std::unique_ptr<dispatch::Dispatcher> dispatcher,
           Metrics* metrics)
    : board_(std::move(board)),
      dispatcher_(std::move(dispatcher)),
      metrics_(metrics),
      has_deadlines_(any_deadlines(dispatcher_->plan().route)) {
  if (board_) board_->set_deadlines([this](const board::Case& one) { return stages_of(one); });
}

Expected<std::unique_ptr<Desk>> Desk::open(dispatch::Plan plan, std::unique_ptr<board::Board> board,
                                           Metrics* metrics, EventTime now) {
  std::unique_ptr<dispatch::Dispatcher> dispatcher;
  if (board) {
    auto opened = dispatch::Dispatcher::open(std::move(plan), board->tables(), now);
    if (!opened) return fail(opened.error());
    dispatcher = std::move(*opened);
  } else {
    dispatcher = std::make_unique<dispatch::Dispatcher>(std::move(plan));
  }
  return std::unique_ptr<Desk>(new Desk(std::move(board), std::move(dispatcher), metrics));
}

bool Desk::is_due(EventTime now) const {
  const auto is_over = [&](std::optional<EventTime> due) { return due && *due <= now; };
  return is_over(dispatcher_->due()) || (board_ && is_over(board_->due()));
}

Expected<void> Desk::advance(EventTime now, const Send& send) {
  if (!is_due(now)) return {};
  if (board_) {
    if (Expected<void> passed = pass_deadlines(now, send); !passed) return passed;
  }
  dispatch::Outcome outcome;
  dispatcher_->advance(now, kNoticesAtOnce, outcome);
  return carry_out(outcome, now, 0, {}, send);
}

// --- Deadlines

Expected<void> Desk::pass_deadlines(EventTime now, const Send& send) {
  const auto parent = [&](const std::string& area) { return rules_->tables.areas->parent(area); };
  const auto stages = board_->advance(now, kNoticesAtOnce, parent);
  if (!stages) return fail(stages.error());
  for (const board::Board::Stage& stage : *stages) {
    if (metrics_ != nullptr) {
      for (const std::string& queue : stage.now.queues) {
        metrics_->sla_breaches_total(queue, name_of(stage.action)).add();
      }
    }
    if (stage.action == board::Action::Escalate) {
      if (Expected<void> done = escalate(stage.alert, stage.now, now, send); !done) return done;
    }
    const std::string& supervision = dispatcher_->plan().supervision;
    if (stage.action != board::Action::Supervise || supervision.empty()) continue;
    Expected<std::string> record = board_->record_of(stage.alert, stage.now.version);
    if (!record) return fail(record.error());
    const auto phase = static_cast<size_t>(*phase_of(stage.now.state));
    std::string message =
        as_overdue(std::move(*record), stage.action, board::kPhaseNames[phase], "");
    const dispatch::Notice notice{supervision, stage.alert, stage.now.version, false, {}};
    if (Expected<void> passed = pass_on(notice, std::move(message), send); !passed) return passed;
  }
  return {};
}

// It is routed again with the area above its own; who had it before keeps it, and hears of this.
Expected<void> Desk::escalate(const std::string& alert, const board::Case& one, EventTime now,
                              const Send& send) {
  const auto phase = static_cast<size_t>(*phase_of(one.state));
  const std::string area = one.escalated.empty() ? "" : one.escalated.back();
  Expected<std::string> record = board_->record_of(alert, one.version);
  if (!record) return fail(record.error());
  dispatch::Dispatcher::Said said;
  said.alert = alert;
  said.labels = labels_of(one);
  said.told = {said.labels};
  for (dispatch::Labels& labels : escalated_labels(one)) said.told.push_back(std::move(labels));
  said.had = said.told.size() - (one.escalated.empty() ? 0 : 1);
  said.record = one.version;
  std::string message =
      as_overdue(std::move(*record), board::Action::Escalate, board::kPhaseNames[phase], area);
  dispatch::Outcome outcome;
  if (one.cleared) {
    // Nothing fires any more, so no group has it; yet people have not closed it.
    for (std::string& queue : dispatcher_->queues_of(said.told)) {
      outcome.notices.push_back({std::move(queue), alert, said.record, false, {}});
    }
  } else {
    dispatcher_->offer(said, now, outcome);
  }
  return carry_out(outcome, now, said.record, std::move(message), send);
}

// The strictest of the routes that lead on.
std::optional<board::Stages> Desk::stages_of(const board::Case& one) const {
  const std::optional<board::Phase> phase = phase_of(one.state);
  const dispatch::Plan& plan = dispatcher_->plan();
  std::optional<Duration> length;
  if (!has_deadlines_ || !phase || one.grade == rules::Grade::None) return std::nullopt;
  for (const dispatch::Route* route : routes_of(plan.route, labels_of(one))) {
    if (!route->options.deadlines) continue;
    const std::optional<Duration>& of_route = route->options.deadlines->of(one.grade, *phase);
    if (of_route && (!length || *of_route < *length)) length = of_route;
  }
  if (!length) return std::nullopt;
  return dispatch::stages_of(one.since, *length, one.grade, plan.working_time);
}

// Of an alert whose rule has gone, what the board knows.
dispatch::Labels Desk::labels_of(const board::Case& one) const {
  const auto& rules = rules_->rules;  // by id
  const auto rule =
      std::lower_bound(rules.begin(), rules.end(), one.rule,
                       [](const auto& each, const std::string& id) { return each->id < id; });
  if (rule != rules.end() && (*rule)->id == one.rule) {
    return alert::labels_of(**rule, {one.grade, one.area});
  }
  dispatch::Labels labels = {{"rule", one.rule},
                             {"grade", rules::kGradeNames[static_cast<size_t>(one.grade)]}};
  if (one.area) labels["area"] = *one.area;
  return labels;
}

std::vector<dispatch::Labels> Desk::escalated_labels(const board::Case& one) const {
  std::vector<dispatch::Labels> out;
  if (one.escalated.empty()) return out;
  out.assign(one.escalated.size(), labels_of(one));
  for (size_t i = 0; i < out.size(); ++i) out[i]["area"] = one.escalated[i];
  return out;
}

// --- Records

Expected<void> Desk::say(const alert::Record& record, const rules::Rule& rule, std::string message,
                         EventTime now, const Send& send) {
  dispatch::Dispatcher::Said said;
  said.alert = record.alert;
  for (const alert::Told& one : record.told) said.told.push_back(alert::labels_of(rule, one));
  said.labels = said.told.back();
  said.is_end = record.kind == alert::RecordKind::Clear;
  said.record = record.number;
  said.is_first = record.number == 1;
  if (board_) {
    const std::vector<std::string> queues = dispatcher_->queues_of(said.told);
    const Expected<uint64_t> version = board_->say({record, rule, message, queues}, now);
    if (!version) return fail(version.error());
    said.record = *version;
    // Whoever got it by escalation hears on.
    if (!said.is_first) {
      const Expected<board::Case> one = board_->current(record.alert);
      if (!one) return fail(one.error());
      std::vector<dispatch::Labels> escalated = escalated_labels(*one);
      said.told.insert(said.told.begin(), escalated.begin(), escalated.end());
    }
  }
  said.had = said.told.size() - (said.is_end ? 0 : 1);
  if (board_) {
    if (Expected<void> asked = ask_age(record, now, said); !asked) return asked;
  }
  dispatch::Outcome outcome;
  dispatcher_->offer(said, now, outcome);
  return carry_out(outcome, now, said.record, std::move(message), send);
}

// One that comes too late makes no sound, and the board says so until one of it does.
Expected<void> Desk::ask_age(const alert::Record& record, EventTime now,
                             dispatch::Dispatcher::Said& said) {
  const std::optional<Duration>& stale_after = dispatcher_->plan().stale_after;
  if (!stale_after || said.is_end) return {};
  const bool was_quiet = dispatcher_->may_be_quiet(said.alert, said.is_first);
  said.is_quiet = was_quiet && now - record.time > *stale_after;
  if (said.is_quiet) {
    const std::string late = format_duration(now - record.time);
    return board_->hold(record.alert, false, "its age: it came " + late + " late", now);
  }
  if (said.is_first || !was_quiet) return {};
  return board_->hold(record.alert, false, "", now);
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
      Expected<void> passed = pass_on(notice, is_last ? std::move(message) : message, send);
      if (!passed) return passed;
      continue;
    }
    INVARIANT(board_ != nullptr);
    Expected<std::string> older = message_of(notice);
    if (!older) return fail(older.error());
    if (Expected<void> passed = pass_on(notice, std::move(*older), send); !passed) return passed;
  }
  return {};
}

// With what is the queue's own. A replay's lines stay as they are.
Expected<void> Desk::pass_on(const dispatch::Notice& notice, std::string message,
                             const Send& send) {
  if (board_) {
    std::string member = R"("queue":)";
    append_json_string(member, notice.queue);
    if (has_deadlines_) {
      const Expected<board::Case> one = board_->current(notice.alert);
      if (!one) return fail(one.error());
      if (one->stages) member += "," + deadlines_member(*one);
    }
    message = with_member(std::move(message), member);
  }
  send(notice.queue, notice.alert, std::move(message));
  return {};
}

// What was told of it, or was to be. A repeat says so: whoever counts alerts leaves it out.
Expected<std::string> Desk::message_of(const dispatch::Notice& notice) const {
  Expected<board::Entry> entry = board_->entry_of(notice.alert, notice.record);
  if (!entry) return fail(entry.error());
  std::string message = std::move(entry->record);
  if (entry->kind == board::Entry::Kind::Action) {
    Expected<std::string> last = board_->record_of(notice.alert, notice.record - 1);
    if (!last) return last;
    message = as_overdue(std::move(*last), entry->action, entry->reason, entry->note);
  }
  return notice.repeat ? with_member(std::move(message), R"("repeat":true)") : message;
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

// --- Between two commits

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
  has_deadlines_ = has_deadlines_ || any_deadlines(dispatcher_->plan().route);
  return board_ ? write() : Expected<void>{};
}

}  // namespace fengsui::pipeline
