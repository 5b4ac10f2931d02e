// What a rule keeps of its events and how it looks at them, compiled: window, aggregates, baseline,
// sequence. Part of a Rule (rule_set.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "cel/expression.h"

namespace fengsui::rules {

struct WindowSpec {
  enum class Kind : uint8_t { None, Sliding, Tumbling, Hopping, Session, Count };
  Kind kind = Kind::None;
  Duration length{};             // W; of a session its gap G; of `count` its `within`
  Duration every{};              // hopping: H
  std::optional<Duration> most;  // session: M
  uint64_t count = 0;            // count: N
};

enum class Emit : uint8_t { Event, Close };
enum class Order : uint8_t { Arrival, Time };

struct Aggregate {
  enum class Function : uint8_t {
    Count,
    Distinct,
    Sum,
    Avg,
    Min,
    Max,
    First,
    Last,
    Stddev,
    Percentile,
    ApproxDistinct,
    Top,    // README.md, "top"
    Speed,  // README.md, "speed"; its argument is the list [lat, lon]
  };
  Function function = Function::Count;
  int argument = -1;  // capture; -1: none (count)
  int where = -1;     // capture; -1: every event of the window
  // Of the value: sum over no events is 0 of this kind (0.0 where its argument is declared double).
  cel::Type::Kind result = cel::Type::Kind::Int;
  // percentile: p / 100 as a ratio of whole numbers, exact for its decimal text.
  uint64_t rank_numerator = 0, rank_denominator = 1;
  int64_t most = 0;     // top: k
  double distance = 0;  // speed: d, in metres
};

// `baseline`: over the aggregate of let `of`, in the windows that start keep * every … every
// before.
struct Baseline {
  size_t of = 0;  // index into Rule::lets
  Duration every{};
  int64_t keep = 0;
};

// A step as the state machine behind the log needs it; what stands before the log is the source of
// the same index.
struct SequenceStep {
  std::string name;  // `as`; may be empty
  bool absent = false;
  uint64_t times = 1;
  // What of `when` reads earlier steps, over [row of the match…, own slots…]: the event's captures
  // are in their slots. Absent: nothing does.
  std::optional<cel::Program> condition;
};

// A match of a sequence has a row of Rule::captures slots. When an event joins it as step i, the
// captures of source i go into their slots below Rule::captures (fields of the step that are read
// by its name; of the last present step also those that grade and message read of the newest
// event). Slots from there up to `row_size` are of the event that is tried alone.
struct Sequence {
  Duration within{};
  std::vector<SequenceStep> steps;
  size_t row_size = 0;  // at least Rule::captures
};

}  // namespace fengsui::rules
