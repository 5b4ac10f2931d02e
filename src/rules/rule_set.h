// A pack, compiled: what matcher, windows and alerts run on. Immutable; shared between threads.
//
// A rule is cut in two where the log is. Before it, against the event's slots: `when`, `by` and the
// captures (aggregates' arguments, and the fields that let, grade and message read). Behind it,
// against one row [captures…, lets…]: lets, grades, message.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "cel/expression.h"
#include "event/schema.h"
#include "rules/window_spec.h"

namespace fengsui::rules {

enum class Grade : uint8_t { None = 0, Blue, Yellow, Orange, Red };
inline constexpr const char* kGradeNames[] = {"none", "blue", "yellow", "orange", "red"};

enum class Mode : uint8_t { Live, Shadow, Disabled };

// `except`: events for which it holds do not count.
struct Exception {
  std::string name;
  cel::Program when;
  std::optional<EventTime> until;  // in force for events before it; absent: always
};

// What a rule does with events of one type; of a sequence, with events of one step (source i is
// step i, so a type may have several). Index i of `captures` means the same in every type of a rule
// with a window; of a step, capture i goes into slot `capture_slots[i]` of the row (Sequence).
struct RuleSource {
  std::shared_ptr<const event::EventType> type;
  std::optional<cel::Program> when;   // absent: every event
  std::vector<Exception> exceptions;  // as in Rule::exceptions
  std::vector<cel::Program> by;       // one a group name
  // One a group name, or none at all: a list of the values of other groups that keep the event
  // without being evaluated at it (README.md, "seen_by"); absent: the event's own value.
  std::vector<std::optional<cel::Program>> seen_by;
  std::vector<cel::Program> captures;
  std::vector<int> capture_slots;  // of a step; empty: capture i is slot i
};

struct Let {
  std::string name;
  std::variant<Aggregate, cel::Program> value;  // a Program reads the row
};

// "…{CEL}…": literal text, then a part, and so on. A part without a program is literal text alone.
struct MessagePart {
  std::string text;
  std::optional<cel::Program> program;
  std::string source;  // the part as it stands, with braces: printed if it errs
};

struct Purpose {
  std::string id, use, basis;
  Duration retain{};
};

struct Rule {
  std::string id;
  std::string title;
  RuleIndex index{};  // its place in RuleSet::rules
  std::string
      version;  // hex hash of all that decides its state (rules.md, "Changing a running pack")
  // Of id and version: names the rule's groups in the state, in every pack.
  uint64_t state_key = 0;
  Mode mode = Mode::Live;
  bool over_alerts = false;             // its sources are of RuleSet::alert_type
  std::vector<RuleSource> sources;      // of a sequence, its steps in order
  std::vector<std::string> exceptions;  // names, as in each source
  bool has_by = false;
  std::vector<std::string> group_names;  // of the first type
  std::vector<bool> group_names_person;  // by group name: made of an x-identity field
  WindowSpec window;
  Emit emit = Emit::Event;
  Order order = Order::Arrival;
  std::optional<Sequence> sequence;  // then `window` is none
  std::optional<Baseline> baseline;
  // The row: captures, then the baseline's mean, stddev and samples if it has one, then lets.
  size_t captures = 0;
  // What capture i is, by a text that stays the same from pack to pack (a swap moves entries by
  // it).
  std::vector<std::string> capture_keys;
  std::vector<Let> lets;
  int area_capture = -1;  // capture of the x-area field; -1: no type has one
  // Highest first; a grade without a condition holds at every evaluation.
  std::vector<std::pair<Grade, std::optional<cel::Program>>> grades;
  std::vector<MessagePart> message;
  bool has_message = false;
  std::map<std::string, std::string> labels;
  Duration quiet{};
  Purpose purpose;

  bool has_window() const { return window.kind != WindowSpec::Kind::None; }
  size_t first_let() const { return captures + (baseline ? kBaselineSlots : 0); }
  size_t row_size() const { return first_let() + lets.size(); }

  static constexpr size_t kBaselineSlots = 3;
};

struct RuleSet {
  std::string name, version, timezone;
  std::string hash;  // hex SHA-256 over the pack's files, names and bytes
  // Those files as one (pack_files.h): a state keeps them by hash. Null: not made from files.
  std::shared_ptr<const std::string> files;
  // Of 1970-01-01 00:00 in the pack's timezone: tumbling windows are counted from it.
  EventTime window_origin{};
  event::EventTypes types;
  // Of the engine's own records, for rules over alerts: not among `types`, since no source may send
  // it. Slots as alert_type.h has them. Null: no rule reads alerts.
  std::shared_ptr<const event::EventType> alert_type;
  std::vector<std::shared_ptr<const Rule>> rules;  // by id, disabled ones too
  cel::Tables tables;
  bool has_identity = false;  // an x-identity field somewhere
  bool has_policy = false;    // policy.yaml is there

  const Rule& rule(RuleIndex index) const { return *rules[value_of(index)]; }
};

}  // namespace fengsui::rules
