#include "board/case.h"

#include <algorithm>

namespace fengsui::board {
namespace {

bool is_high(rules::Grade grade) { return grade >= rules::Grade::Orange; }

Refusal refusal(Refusal::Why why, std::string message) { return {why, std::move(message), {}}; }

// Empty: all hold.
std::optional<Refusal> broken_condition(const Transition& transition, const Case& one,
                                        const ActionRequest& request) {
  using Why = Refusal::Why;
  const auto asks = [&](Condition condition) { return (transition.conditions & condition) != 0; };
  const std::string name = kActionNames[static_cast<size_t>(request.action)];
  if (asks(kOnce) && one.returned) {
    return refusal(Why::NotPossible, "The alert has been returned once already.");
  }
  if (asks(kNotHandler) && request.actor == one.handler) {
    return refusal(Why::NotAllowed, "Not by the person who handled the alert.");
  }
  if (asks(kNotProposer) && request.actor == one.proposer) {
    return refusal(Why::NotAllowed, "A second person confirms a false alarm.");
  }
  if (asks(kReason) && request.reason.empty()) {
    return refusal(Why::Incomplete, "`" + name + "` wants a `reason`.");
  }
  if (asks(kNote) && request.note.empty()) {
    return refusal(Why::Incomplete, "`" + name + "` wants a `note`.");
  }
  return std::nullopt;
}

bool fits(const Transition& transition, const Case& one) {
  if (transition.from && *transition.from != one.state) return false;
  if ((transition.conditions & kLowGrade) != 0 && is_high(one.grade)) return false;
  return (transition.conditions & kHighGrade) == 0 || is_high(one.grade);
}

void add_queues(const std::vector<std::string>& more, std::vector<std::string>& queues) {
  for (const std::string& queue : more) {
    if (std::find(queues.begin(), queues.end(), queue) == queues.end()) queues.push_back(queue);
  }
}

void apply_action(const Entry& entry, Case& one) {
  switch (entry.action) {
    case Action::Accept:
      one.handler = entry.actor;
      break;
    case Action::Return:
      one.returned = true;
      break;
    case Action::FalsePositive:
      one.proposer = entry.actor;
      break;
    case Action::Confirm:
      one.outcome = Outcome::FalsePositive;
      break;
    case Action::Close:
      one.outcome = Outcome::Confirmed;
      break;
    case Action::Supervise:
      one.supervised = true;
      if (entry.role == Role::System) one.stage = kStageCount;
      break;
    case Action::Remind:
      one.stage = 1;
      break;
    case Action::Flash:
      one.stage = 2;
      break;
    case Action::Escalate:
      one.stage = 3;
      if (!entry.note.empty()) one.escalated.push_back(entry.note);
      break;
    case Action::Inhibit:
    case Action::Hold:
      one.held_by = entry.reason;
      break;
    case Action::Uninhibit:
    case Action::Release:
      one.held_by.clear();
      break;
    default:
      break;
  }
  if (entry.to == State::Reopened) one.outcome = Outcome::None;
  if (entry.to == State::Closed) one.held_by.clear();
  one.state = entry.to;
}

void apply_kind(const Entry& entry, Case& one) {
  switch (entry.kind) {
    case Entry::Kind::Open:
      one.place = entry.place;
      one.rule = entry.rule;
      one.title = entry.title;
      one.opened = entry.opened;
      one.arrived = entry.at;
      break;
    case Entry::Kind::Raise:
      break;
    case Entry::Kind::Clear:
      one.cleared = true;
      add_queues(entry.queues, one.queues);
      return;
    case Entry::Kind::Action:
      apply_action(entry, one);
      return;
  }
  one.cleared = false;
  one.grade = std::max(one.grade, entry.grade);
  one.message = entry.message;
  one.area = entry.area;
  add_queues(entry.queues, one.queues);
  const State after = entry.kind == Entry::Kind::Raise ? after_raise(one.state) : one.state;
  if (after != one.state) one.outcome = Outcome::None;
  one.state = after;
}

}  // namespace

bool begins_phase(const Entry& entry, std::optional<Phase> before, const Case& one) {
  const bool extends =
      entry.kind == Entry::Kind::Action && entry.action == Action::ApproveExtension;
  return extends || phase_of(one.state) != before;
}

std::optional<EventTime> next_stage(const Case& one) {
  if (!one.stages || one.stage >= kStageCount) return std::nullopt;
  return (*one.stages)[one.stage];
}

void apply(const Entry& entry, Case& one) {
  const std::optional<Phase> before = one.version == 0 ? std::nullopt : phase_of(one.state);
  ++one.version;
  one.changed = entry.at;
  apply_kind(entry, one);
  if (begins_phase(entry, before, one)) {
    one.since = entry.at;
    one.stage = 0;
    one.stages.reset();
  }
  if (entry.stages) one.stages = entry.stages;
}

Expected<Entry, Refusal> check(const Case& one, const ActionRequest& request, EventTime now) {
  using Why = Refusal::Why;
  if (request.version != one.version) {
    return fail(refusal(
        Why::Stale, "The alert has changed: its version is " + std::to_string(one.version) + "."));
  }
  const std::string name = kActionNames[static_cast<size_t>(request.action)];
  bool is_possible = false;
  for (const Transition& transition : transitions()) {
    if (transition.action != request.action || !fits(transition, one)) continue;
    is_possible = true;
    if ((transition.roles & set_of(request.role)) == 0) continue;
    if (std::optional<Refusal> broken = broken_condition(transition, one, request)) {
      return fail(std::move(*broken));
    }
    Entry entry;
    entry.kind = Entry::Kind::Action;
    entry.at = now;
    entry.action = request.action;
    entry.role = request.role;
    entry.actor = request.actor;
    entry.reason = request.reason;
    entry.note = request.note;
    entry.to = transition.to.value_or(one.state);
    return entry;
  }
  if (is_possible) {
    return fail(refusal(Why::NotAllowed, std::string("`") + name + "` is not for the role `" +
                                             kRoleNames[static_cast<size_t>(request.role)] + "`."));
  }
  return fail(refusal(Why::NotPossible, "`" + name + "` is not possible in the state `" +
                                            kStateNames[static_cast<size_t>(one.state)] + "`."));
}

std::vector<const Transition*> possible(const Case& one) {
  std::vector<const Transition*> out;
  for (const Transition& transition : transitions()) {
    if ((transition.conditions & kOnce) != 0 && one.returned) continue;
    if (transition.roles != set_of(Role::System) && fits(transition, one)) {
      out.push_back(&transition);
    }
  }
  return out;
}

}  // namespace fengsui::board
