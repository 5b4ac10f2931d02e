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

namespace fengsui::rules {

enum class Grade : uint8_t { None = 0, Blue, Yellow, Orange, Red };
inline constexpr const char* kGradeNames[] = {"none", "blue", "yellow", "orange", "red"};

enum class Mode : uint8_t { Live, Shadow, Disabled };

// What a rule does with events of one type. Index i of `captures` means the same in every type.
struct RuleSource {
  std::shared_ptr<const event::EventType> type;
  std::optional<cel::Program> when;  // absent: every event
  std::vector<cel::Program> by;      // one a group name
  std::vector<cel::Program> captures;
};

struct WindowSpec {
  enum class Kind : uint8_t { None, Sliding, Tumbling };
  Kind kind = Kind::None;
  Duration length{};
};

struct Aggregate {
  enum class Function : uint8_t { Count, Distinct, Sum, Avg, Min, Max, First, Last };
  Function function = Function::Count;
  int argument = -1;  // capture; -1: none (count)
  int where = -1;     // capture; -1: every event of the window
  // Of the value: sum over no events is 0 of this kind (0.0 where its argument is declared double).
  cel::Type::Kind result = cel::Type::Kind::Int;
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
  Mode mode = Mode::Live;
  std::vector<RuleSource> sources;
  bool has_by = false;
  std::vector<std::string> group_names;  // of the first type
  WindowSpec window;
  size_t captures = 0;    // the row begins with so many captures, …
  std::vector<Let> lets;  // … then one slot a let
  int area_capture = -1;  // capture of the x-area field; -1: no type has one
  // Highest first; a grade without a condition holds at every evaluation.
  std::vector<std::pair<Grade, std::optional<cel::Program>>> grades;
  std::vector<MessagePart> message;
  bool has_message = false;
  std::map<std::string, std::string> labels;
  Duration quiet{};
  Purpose purpose;

  size_t row_size() const { return captures + lets.size(); }
};

struct RuleSet {
  std::string name, version, timezone;
  std::string hash;  // hex SHA-256 over the pack's files, names and bytes
  // Of 1970-01-01 00:00 in the pack's timezone: tumbling windows are counted from it.
  EventTime window_origin{};
  event::EventTypes types;
  std::vector<std::shared_ptr<const Rule>> rules;  // by id, disabled ones too
  cel::Tables tables;
  bool has_identity = false;  // an x-identity field somewhere
  bool has_policy = false;    // policy.yaml is there

  const Rule& rule(RuleIndex index) const { return *rules[value_of(index)]; }
};

}  // namespace fengsui::rules
