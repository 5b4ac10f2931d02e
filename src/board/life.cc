#include "board/life.h"

#include <algorithm>
#include <iterator>

namespace fengsui::board {
namespace {

constexpr RoleSet kDuty = set_of(Role::Duty);
constexpr RoleSet kLead = set_of(Role::Lead);
constexpr RoleSet kDesk = kDuty | kLead;
constexpr RoleSet kField = set_of(Role::Handler) | set_of(Role::GridWorker);
constexpr RoleSet kSupervisor = set_of(Role::Supervisor);
constexpr RoleSet kRevisit = set_of(Role::Revisit);
constexpr RoleSet kSystem = set_of(Role::System);
constexpr RoleSet kPeople = kDesk | kField | kSupervisor | kRevisit;

using S = State;
using A = Action;

constexpr Transition kTable[] = {
    {S::New, A::Ack, kDesk, 0, S::Acked},
    {S::Acked, A::Verify, kDesk, 0, S::Verifying},
    {S::Acked, A::Dispatch, kDesk, 0, S::Dispatched},
    {S::Verifying, A::Dispatch, kDesk, 0, S::Dispatched},
    {S::Reopened, A::Dispatch, kDesk, 0, S::Dispatched},
    {S::Dispatched, A::Accept, kField, 0, S::Handling},
    {S::Dispatched, A::Return, kField, kReason | kOnce, S::Returned},
    {S::Returned, A::Redispatch, kDesk, 0, S::Dispatched},
    {S::Handling, A::Report, kField, kNote, S::Reported},
    {S::Handling, A::RequestExtension, kField, kReason, S::ExtensionPending},
    {S::ExtensionPending, A::ApproveExtension, kSupervisor, 0, S::Handling},
    {S::ExtensionPending, A::DenyExtension, kSupervisor, kReason, S::Handling},
    {S::Reported, A::RejectReport, kDesk, kReason, S::Handling},
    {S::Reported, A::Close, kDesk, kReason | kLowGrade, S::Closed},
    {S::Reported, A::Close, kLead, kReason | kHighGrade | kNotHandler, S::Closed},
    {S::Verifying, A::FalsePositive, kDuty, kReason, S::FalsePositiveProposed},
    {S::FalsePositiveProposed, A::Confirm, kLead, kNotProposer, S::Closed},
    {S::FalsePositiveProposed, A::Reject, kLead, kReason, S::Verifying},
    {S::New, A::QueueForBatch, kSystem, kLowGrade, S::ToBatchReview},
    {S::ToBatchReview, A::BatchReview, kDuty, kReason, S::Closed},
    {S::Closed, A::RevisitOk, kRevisit, kNotHandler, S::Archived},
    {S::Closed, A::RevisitBad, kRevisit, kReason | kNotHandler, S::Reopened},
    {S::Closed, A::Reopen, kLead, kReason, S::Reopened},
    {S::New, A::Merge, kSystem, 0, S::Merged},
    {S::Merged, A::Split, kDesk, 0, S::New},
    {S::New, A::Inhibit, kSystem, 0, S::Inhibited},
    {S::Inhibited, A::Uninhibit, kSystem, 0, S::New},
    {std::nullopt, A::Supervise, kSupervisor | kSystem, kReason, std::nullopt},
    {std::nullopt, A::Note, kPeople, kNote, std::nullopt},
    {std::nullopt, A::Hold, kSystem, kReason, std::nullopt},
    {std::nullopt, A::Release, kSystem, 0, std::nullopt},
    {std::nullopt, A::Remind, kSystem, kReason, std::nullopt},
    {std::nullopt, A::Flash, kSystem, kReason, std::nullopt},
    {std::nullopt, A::Escalate, kSystem, kReason, std::nullopt},
};

template <class Enum, size_t N>
std::optional<Enum> named(const char* const (&names)[N], std::string_view name) {
  const auto* at = std::find(std::begin(names), std::end(names), name);
  if (at == std::end(names)) return std::nullopt;
  return static_cast<Enum>(at - std::begin(names));
}

}  // namespace

std::span<const Transition> transitions() { return kTable; }

std::optional<Phase> phase_of(State state) {
  switch (state) {
    case S::New:
      return Phase::Receive;
    case S::Acked:
    case S::Verifying:
    case S::FalsePositiveProposed:
    case S::Returned:
    case S::Reopened:
      return Phase::Dispatch;
    case S::Dispatched:
      return Phase::Accept;
    case S::Handling:
    case S::ExtensionPending:
      return Phase::Handle;
    case S::Reported:
      return Phase::Review;
    case S::Closed:
      return Phase::Revisit;
    case S::Inhibited:
    case S::Merged:
    case S::ToBatchReview:
    case S::Archived:
      break;
  }
  return std::nullopt;
}

State after_raise(State state) {
  return state == S::Reported || state == S::Closed || state == S::Archived ? S::Reopened : state;
}

std::optional<State> state_named(std::string_view name) { return named<State>(kStateNames, name); }

std::optional<Action> action_named(std::string_view name) {
  return named<Action>(kActionNames, name);
}

std::optional<Phase> phase_named(std::string_view name) { return named<Phase>(kPhaseNames, name); }

std::optional<Role> role_named(std::string_view name) {
  const std::optional<Role> role = named<Role>(kRoleNames, name);
  return role == Role::System ? std::nullopt : role;
}

}  // namespace fengsui::board
