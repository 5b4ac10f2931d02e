#include "dispatch/deadlines.h"

namespace fengsui::dispatch {

Deadlines Deadlines::usual() {
  using std::chrono::hours;
  using std::chrono::minutes;
  using P = board::Phase;
  using G = rules::Grade;
  constexpr hours day{24};
  constexpr struct {
    G grade;
    P phase;
    Duration length;
  } kUsual[] = {
      {G::Red, P::Receive, minutes{1}},
      {G::Red, P::Dispatch, minutes{5}},
      {G::Red, P::Accept, minutes{5}},
      {G::Red, P::Handle, day},
      {G::Red, P::Review, hours{2}},
      {G::Red, P::Revisit, day},
      {G::Orange, P::Receive, minutes{3}},
      {G::Orange, P::Dispatch, minutes{15}},
      {G::Orange, P::Accept, minutes{15}},
      {G::Orange, P::Handle, day},
      {G::Orange, P::Review, hours{4}},
      {G::Orange, P::Revisit, 2 * day},
      {G::Yellow, P::Receive, minutes{15}},
      {G::Yellow, P::Dispatch, hours{1}},
      {G::Yellow, P::Accept, hours{2}},
      {G::Yellow, P::Handle, 3 * day},
      {G::Yellow, P::Review, day},
      {G::Yellow, P::Revisit, 3 * day},
      {G::Blue, P::Receive, hours{2}},
      {G::Blue, P::Dispatch, hours{8}},
      {G::Blue, P::Accept, day},
      {G::Blue, P::Handle, 5 * day},
  };
  Deadlines usual;
  for (const auto& one : kUsual) usual.of(one.grade, one.phase) = one.length;
  return usual;
}

board::Stages stages_of(EventTime since, Duration length, rules::Grade grade,
                        const WorkingTime& working_time) {
  board::Stages stages;
  const bool by_calendar = grade >= rules::Grade::Orange;
  const Duration whole = by_calendar ? length : working_time.work_in(length);
  for (size_t i = 0; i < stages.size(); ++i) {
    const Duration part = whole * board::kStagePercents[i] / 100;
    stages[i] = by_calendar ? since + part : working_time.after(since, part);
  }
  return stages;
}

}  // namespace fengsui::dispatch
