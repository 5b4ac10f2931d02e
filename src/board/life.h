// The life of an alert among people, as one table (design: alerts.md, "Life of an alert"): from
// which state which action leads to which, who may do it, and under which condition. Whatever asks
// "may I" or shows a button asks this table. Constant; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace fengsui::board {

enum class State : uint8_t {
  New,
  Inhibited,
  Merged,
  Acked,
  Verifying,
  FalsePositiveProposed,
  Dispatched,
  Returned,
  Handling,
  ExtensionPending,
  Reported,
  ToBatchReview,
  Closed,
  Reopened,
  Archived
};
inline constexpr const char* kStateNames[] = {
    "new",         "inhibited",       "merged",   "acked",    "verifying",
    "fp_proposed", "dispatched",      "returned", "handling", "extend_pending",
    "reported",    "to_batch_review", "closed",   "reopened", "archived"};
inline constexpr size_t kStates = std::size(kStateNames);

enum class Action : uint8_t {
  Ack,
  Verify,
  Dispatch,
  Redispatch,
  Accept,
  Return,
  Report,
  RequestExtension,
  ApproveExtension,
  DenyExtension,
  FalsePositive,
  Confirm,
  Reject,
  RejectReport,
  Close,
  BatchReview,
  RevisitOk,
  RevisitBad,
  Reopen,
  Split,
  Supervise,
  Note,
  Merge,
  Inhibit,
  Uninhibit,
  QueueForBatch,
  Hold,
  Release,
  Remind,
  Flash,
  Escalate
};
inline constexpr const char* kActionNames[] = {
    "ack",       "verify",        "dispatch",  "redispatch",   "accept",         "return",
    "report",    "extend_req",    "approve",   "deny",         "false_positive", "confirm",
    "reject",    "reject_report", "close",     "batch_review", "revisit_ok",     "revisit_bad",
    "reopen",    "split",         "supervise", "note",         "merge",          "inhibit",
    "uninhibit", "queue_batch",   "hold",      "release",      "remind",         "flash",
    "escalate"};

enum class Role : uint8_t { Duty, Lead, Handler, GridWorker, Supervisor, Revisit, System };
inline constexpr const char* kRoleNames[] = {"duty",       "lead",    "handler", "grid_worker",
                                             "supervisor", "revisit", "system"};

using RoleSet = uint8_t;
constexpr RoleSet set_of(Role role) {
  return static_cast<RoleSet>(1u << static_cast<uint8_t>(role));
}

// What must hold beside the role.
enum Condition : uint8_t {
  kReason = 1,       // a reason is given
  kNote = 2,         // a note is given
  kNotHandler = 4,   // not by whoever handled it
  kNotProposer = 8,  // not by whoever proposed the false alarm
  kLowGrade = 16,    // the alert is blue or yellow
  kHighGrade = 32,   // the alert is orange or red
  kOnce = 64,        // the alert has not been returned before
};

struct Transition {
  std::optional<State> from;  // absent: any
  Action action{};
  RoleSet roles = 0;
  uint8_t conditions = 0;
  std::optional<State> to;  // absent: as it was
};

std::span<const Transition> transitions();

// What the alert waits for; each wait has a deadline of its own.
enum class Phase : uint8_t { Receive, Dispatch, Accept, Handle, Review, Revisit };
inline constexpr const char* kPhaseNames[] = {"receive", "dispatch", "accept",
                                              "handle",  "review",   "revisit"};
inline constexpr size_t kPhases = std::size(kPhaseNames);
std::optional<Phase> phase_of(State state);  // nullopt: for nobody
std::optional<Phase> phase_named(std::string_view name);

// What happens as a deadline comes and goes, by the system, each once: at so many per cent of it.
inline constexpr Action kStages[] = {Action::Remind, Action::Flash, Action::Escalate,
                                     Action::Supervise};
inline constexpr int kStagePercents[] = {50, 80, 100, 150};
inline constexpr size_t kStageCount = std::size(kStages);

// Of what an engine says: a raise of an alert that was reported or closed opens it again.
State after_raise(State state);

// By name; System is nobody's to claim.
std::optional<State> state_named(std::string_view name);
std::optional<Action> action_named(std::string_view name);
std::optional<Role> role_named(std::string_view name);

}  // namespace fengsui::board
