// An alert as people see it, and the entries that made it so: what the engine said, what people
// did. A case is the fold of its entries and nothing else, so that whoever has them has it
// (DESIGN.md). Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "board/life.h"
#include "rules/rule_set.h"

namespace fengsui::board {

enum class Outcome : uint8_t { None, Confirmed, FalsePositive };
inline constexpr const char* kOutcomeNames[] = {"none", "confirmed", "false_positive"};

using Stages = std::array<EventTime, kStageCount>;

struct Entry {
  enum class Kind : uint8_t { Open, Raise, Clear, Action };
  Kind kind = Kind::Open;
  EventTime at{};  // wall clock, when it was committed

  // Of the engine:
  uint64_t place = 0;  // of an open: the alert's place on the board
  rules::Grade grade = rules::Grade::None;
  std::string rule, title;          // of an open
  EventTime opened{};               // of an open: the hit's event time
  std::optional<std::string> area;  // of an open and a raise
  std::string message;              // the same
  std::vector<std::string> queues;  // that it went to
  std::string record;               // the queue message, JSON

  // Of a person, or the system; of an escalation `note` is the area that it goes to.
  Action action{};
  Role role{};
  std::string actor, reason, note;
  State to{};  // stays what it was, whatever the table says later

  // Of what begins a phase, or changes its deadline: when its stages are (kStagePercents).
  std::optional<Stages> stages;
};
inline constexpr const char* kEntryNames[] = {"open", "raise", "clear", "action"};

struct Case {
  uint64_t place = 0;    // alerts in the order in which they were opened, from 1
  uint64_t version = 0;  // how many entries it has
  State state = State::New;
  rules::Grade grade = rules::Grade::None;  // the highest
  Outcome outcome = Outcome::None;
  bool cleared = false;     // the engine has seen its end
  bool supervised = false;  // 督办
  bool returned = false;    // by a handler, once
  EventTime opened{};       // event time
  EventTime arrived{};      // wall clock: from here deadlines run
  EventTime changed{};      // the same, of the last entry
  std::string rule, title, message;
  std::optional<std::string> area;
  std::vector<std::string> queues;     // all that heard of it
  std::string handler;                 // who accepted it last
  std::string proposer;                // who called it a false alarm
  std::string held_by;                 // what keeps it from being told, in words; empty: nothing
  EventTime since{};                   // when what it waits for began (phase_of)
  std::optional<Stages> stages;        // of that; absent: it has no deadline
  uint8_t stage = 0;                   // how many of them have been
  std::vector<std::string> escalated;  // areas above its own that own it, too, in their order

  friend bool operator==(const Case&, const Case&) = default;
};

// The entry begins what the case waits for now; `before`: what it waited for until then.
bool begins_phase(const Entry& entry, std::optional<Phase> before, const Case& one);

// When the next stage is.
std::optional<EventTime> next_stage(const Case& one);

// The fold.
void apply(const Entry& entry, Case& one);

struct ActionRequest {
  Action action{};
  uint64_t version = 0;  // of the case that the person saw
  std::string actor;
  Role role{};
  std::string reason, note;
};

struct Refusal {
  enum class Why : uint8_t {
    NoSuchAlert,
    Stale,        // another version is current
    NotPossible,  // in this state
    NotAllowed,   // for this role, or this person
    Incomplete    // reason or note is missing
  };
  Why why{};
  std::string message;
  Case current{};  // as it is; of NoSuchAlert nothing
};

// The entry that the request makes of the case, or why it makes none.
Expected<Entry, Refusal> check(const Case& one, const ActionRequest& request, EventTime now);

// What the table allows in the case's state, whoever asks; a close once.
std::vector<const Transition*> possible(const Case& one);

void encode(const Entry& entry, std::string& out);
Expected<Entry> decode_entry(std::string_view bytes);
void encode(const Case& one, std::string& out);
Expected<Case> decode_case(std::string_view bytes);

}  // namespace fengsui::board
